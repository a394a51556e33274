//! A folder with scripts, a file that names them, and what runs them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lvsctl::conf::{self, Memory, Options};
use lvsctl::model::check::ProbeKind;
use lvsctl::model::director::Director;
use lvsctl::model::script::Script;
use lvsctl::sys::scripts::{NotRun, Ran, Scripts, Unfit, Vetted};
use lvsctl::sys::{Here, host};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};

/// A folder of its own, which ends with the test.
pub(crate) struct Stage(PathBuf);

impl Stage {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("lvsctl-scripts-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// A place beside the folder, where everybody may write.
    pub(crate) fn link(&self) -> PathBuf {
        self.0.with_extension("link")
    }

    pub(crate) fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    pub(crate) fn script(&self, name: &str, body: &str) -> PathBuf {
        self.file(name, &format!("#!/bin/sh\n{body}\n"), 0o755)
    }

    /// What a script wrote of itself and its kin.
    pub(crate) fn pids(&self, script: &Path) -> Vec<i32> {
        let path = self.0.join(script.with_extension("pids"));
        let mut text = String::new();
        wait_for(Duration::from_secs(5), || {
            text = fs::read_to_string(&path).unwrap_or_default();
            text.ends_with('\n')
        });
        let pids: Vec<i32> = text
            .split_whitespace()
            .map(|pid| pid.parse().unwrap())
            .collect();
        assert!(!pids.is_empty());
        pids
    }
}

/// A file whose one real server is asked by a script.
pub(crate) fn text(globals: &str, script: &Path, arguments: &str, more: &str) -> String {
    let script = script.display();
    format!(
        "{globals}virtual_server 192.0.2.1 80 {{\nprotocol TCP\nlb_algo rr\n\
         real_server 192.0.2.10 80 {{\nMISC_CHECK {{\n\
         misc_path \"{script} {arguments}\"\n{more}}}\n}}\n}}\n"
    )
}

pub(crate) fn director(globals: &str, script: &Path, arguments: &str, more: &str) -> Director {
    let text = text(globals, script, arguments, more);
    read(text)
}

pub(crate) fn read(text: String) -> Director {
    let files = Memory([("k.conf".to_owned(), text.into_bytes())].into());
    let loaded = conf::load(&files, "k.conf", &Options::default());
    loaded.director.unwrap()
}

pub(crate) fn vetted(globals: &str, script: &Path, arguments: &str) -> Result<Vetted, Vec<Unfit>> {
    vet(&director(globals, script, arguments, ""))
}

/// What runs the scripts of a file, in a process of the real program.
pub(crate) fn scripts_of(director: &Director) -> Scripts {
    let program = Path::new(env!("CARGO_BIN_EXE_lvsctl"));
    Scripts::start(program, vet(director).unwrap()).unwrap()
}

/// Something that runs one script, with arguments that change.
pub(crate) fn start(globals: &str, script: &Path) -> Runs {
    let director = director(globals, script, "", "");
    Runs {
        globals: globals.to_owned(),
        path: script.to_owned(),
        scripts: scripts_of(&director),
    }
}
impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
        let _ = fs::remove_file(self.link());
    }
}

pub(crate) fn vet(director: &Director) -> Result<Vetted, Vec<Unfit>> {
    Vetted::new(&Here, director, host::user())
}

/// The script of a file's one check.
pub(crate) fn script_of(director: &Director) -> Script {
    let check = &director.virtual_servers[0].real_servers[0].checks[0];
    match &check.probe.kind {
        ProbeKind::Misc(misc) => misc.script.clone(),
        other => panic!("{other:?}"),
    }
}

/// One script that runs when it is told to.
pub(crate) struct Runs {
    globals: String,
    path: PathBuf,
    scripts: Scripts,
}

impl Runs {
    /// The script with these arguments, which the file now names.
    fn with(&self, arguments: &str) -> Script {
        let director = director(&self.globals, &self.path, arguments, "");
        self.scripts.replace(vet(&director).unwrap()).unwrap();
        script_of(&director)
    }

    pub(crate) fn run(&self, arguments: &str, limit: Duration) -> Result<Ran, NotRun> {
        let script = self.with(arguments);
        block_on(self.scripts.run(&script, limit))
    }

    /// Waits for no longer than `patience`.
    pub(crate) fn run_for(
        &self,
        limit: Duration,
        patience: Duration,
    ) -> Option<Result<Ran, NotRun>> {
        let script = self.with("");
        block_on(async { tokio::time::timeout(patience, self.scripts.run(&script, limit)).await })
            .ok()
    }

    /// Runs it so often at once, with `meanwhile` at its side; how long each waited.
    pub(crate) fn run_many(&self, times: usize, meanwhile: impl FnOnce() + Send) -> Vec<Duration> {
        let script = self.with("");
        std::thread::scope(|scope| {
            scope.spawn(meanwhile);
            block_on(async {
                let mut all = tokio::task::JoinSet::new();
                for _ in 0..times {
                    let (scripts, script) = (self.scripts.clone(), script.clone());
                    let limit = Duration::from_secs(20);
                    all.spawn(async move { scripts.run(&script, limit).await.unwrap().waited });
                }
                all.join_all().await
            })
        })
    }

    pub(crate) fn tell(&self, arguments: &str) {
        let script = self.with(arguments);
        self.scripts.tell(&script, "an event".to_owned()).unwrap();
    }

    pub(crate) fn finish(&self, within: Duration) {
        self.scripts.finish(within);
    }
}

/// A FIFO that readers wait at until it is opened; from then on nobody waits.
pub(crate) struct Gate(PathBuf);

impl Gate {
    pub(crate) fn new(path: PathBuf) -> Self {
        let (kind, mode) = (FileType::Fifo, Mode::from_raw_mode(0o644));
        mknodat(CWD, &path, kind, mode, 0).unwrap();
        Self(path)
    }

    pub(crate) fn open(&self) {
        // Those who come later find an empty file, those who wait the end of the FIFO.
        let aside = self.0.with_extension("opened");
        fs::rename(&self.0, &aside).unwrap();
        fs::write(&self.0, "").unwrap();
        drop(fs::File::options().write(true).open(aside).unwrap());
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(crate) fn kill(pid: i32) {
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

/// True once `what` is, within a time.
pub(crate) fn wait_for(within: Duration, mut what: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + within;
    while Instant::now() < end {
        if what() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

/// Whether a process has ended within a time.
pub(crate) fn gone(pid: i32, within: Duration) -> bool {
    wait_for(within, || stat(pid).is_none_or(|(state, _)| state == "Z"))
}

/// Processes that have this parent and run.
pub(crate) fn children(parent: i32) -> usize {
    let all = fs::read_dir("/proc").unwrap();
    let pids = all.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let stats = pids.filter_map(stat);
    stats
        .filter(|(state, of)| *of == parent && state != "Z")
        .count()
}

/// State and parent of a process.
fn stat(pid: i32) -> Option<(String, i32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let mut words = text.rsplit_once(')')?.1.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}
