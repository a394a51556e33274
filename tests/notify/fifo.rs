use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use lvsctl::health::Part;
use lvsctl::model::director::Director;
use lvsctl::model::script::Script;
use lvsctl::model::text::Text;
use lvsctl::notify::{Notifier, Owner, Patience, Scripts};

use super::{Folder, director, news, nobody, service, turned, until};

const DOWN: &str = "RS [10.0.0.2]:tcp:8080 [192.0.2.1]:tcp:80 DOWN";
const UP: &str = "RS [10.0.0.2]:tcp:8080 [192.0.2.1]:tcp:80 UP";

/// A file whose `global_defs` has these lines.
fn file(globals: &str) -> Arc<Director> {
    let service = service("192.0.2.1 80", "protocol TCP", "TCP_CHECK {\n}");
    director(&format!("global_defs {{\n{globals}\n}}\n{service}"))
}

fn start(director: &Director) -> Notifier {
    Notifier::start(director, nobody(), Patience::default())
}

fn own(path: &Path) -> String {
    format!("lvs_notify_fifo {}", path.display())
}

fn shared(path: &Path) -> String {
    format!("notify_fifo {}", path.display())
}

/// socat, which reads the FIFO by its name as any program would.
pub(crate) struct Reader {
    child: Child,
    lines: Receiver<String>,
}

impl Reader {
    pub(crate) fn of(path: &Path) -> Self {
        let mut child = Command::new("socat")
            .args(["-u", &format!("PIPE:{}", path.display()), "-"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let read = BufReader::new(child.stdout.take().unwrap()).lines();
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in read.map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { child, lines }
    }

    /// The next line, for which a test waits.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(10)).unwrap()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn make(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn is_fifo(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.file_type().is_fifo())
}

#[test]
fn our_fifo_is_made_written_and_removed() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    let director = file(&own(&path));
    let mut notifier = start(&director);
    assert!(is_fifo(&path));
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    // What is written before anybody reads waits in the pipe.
    notifier.tell(&turned(&director, false));
    let reader = Reader::of(&path);
    assert_eq!(reader.line(), DOWN);
    notifier.tell(&turned(&director, true));
    notifier.tell(&[news(&director, 0, Part::Quorum { weight: 1 }, true)]);
    assert_eq!(reader.line(), UP);
    assert_eq!(reader.line(), "VS [192.0.2.1]:tcp:80 UP");
    notifier.stop();
    assert!(!path.exists());
}

#[test]
fn a_fifo_that_was_there_is_used_and_stays() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    make(&path);
    let director = file(&own(&path));
    let mut notifier = start(&director);
    let reader = Reader::of(&path);
    notifier.tell(&turned(&director, false));
    assert_eq!(reader.line(), DOWN);
    notifier.stop();
    assert!(is_fifo(&path));
}

#[test]
fn the_fifo_of_keepalived_is_awaited_followed_and_left() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    let director = file(&shared(&path));
    let mut notifier = start(&director);
    notifier.tell(&turned(&director, false));
    assert!(!path.exists(), "it is not ours to make");
    make(&path);
    let reader = Reader::of(&path);
    notifier.tell(&turned(&director, true));
    assert_eq!(reader.line(), UP);
    // keepalived reloads: it makes it anew under the same name.
    fs::remove_file(&path).unwrap();
    make(&path);
    let reader = Reader::of(&path);
    notifier.tell(&turned(&director, false));
    assert_eq!(reader.line(), DOWN);
    notifier.stop();
    assert!(is_fifo(&path), "it is not ours to remove");
}

#[test]
fn what_is_no_fifo_is_not_touched() {
    let folder = Folder::new();
    let (path, link) = (folder.path("file"), folder.path("link"));
    fs::write(&path, "precious\n").unwrap();
    symlink("file", &link).unwrap();
    for globals in [own(&path), shared(&path), own(&link)] {
        let director = file(&globals);
        let mut notifier = start(&director);
        notifier.tell(&turned(&director, false));
        notifier.stop();
        assert_eq!(fs::read(&path).unwrap(), b"precious\n", "{globals}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}

#[test]
fn a_full_fifo_delays_nothing_and_is_written_again() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    let director = file(&own(&path));
    let mut notifier = start(&director);
    let before = Instant::now();
    // Several times what a pipe holds.
    for _ in 0..10_000 {
        notifier.tell(&turned(&director, false));
    }
    assert!(
        before.elapsed() < Duration::from_secs(5),
        "{:?}",
        before.elapsed()
    );
    let reader = Reader::of(&path);
    let mut read = 0;
    while reader.line() == DOWN {
        read += 1;
        if read == 100 {
            notifier.tell(&turned(&director, true));
        }
    }
    // No line was cut.
    assert!((1000..10_000).contains(&read), "{read}");
    notifier.stop();
}

#[test]
fn one_fifo_under_both_names_is_written_once_and_belongs_to_keepalived() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    let director = file(&format!("{}\n{}", shared(&path), own(&path)));
    let mut notifier = start(&director);
    assert!(!path.exists());
    make(&path);
    let reader = Reader::of(&path);
    notifier.tell(&turned(&director, false));
    notifier.tell(&turned(&director, true));
    assert_eq!([reader.line(), reader.line()], [DOWN, UP]);
    notifier.stop();
    assert!(is_fifo(&path));
}

#[test]
fn a_reload_leaves_a_fifo_that_stays_alone() {
    let folder = Folder::new();
    let (path, other) = (folder.path("fifo"), folder.path("other"));
    let director = file(&own(&path));
    let mut notifier = start(&director);
    let inode = fs::metadata(&path).unwrap().ino();
    notifier.reconfigure(&file(&format!("{}\nlvs_flush_on_stop VS", own(&path))));
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
    notifier.reconfigure(&file(&own(&other)));
    assert!(!path.exists() && is_fifo(&other));
    notifier.reconfigure(&file(""));
    assert!(!other.exists());
    notifier.stop();
}

#[test]
fn our_fifo_under_another_file_is_not_removed() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    let notifier = start(&file(&own(&path)));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "precious\n").unwrap();
    notifier.stop();
    assert_eq!(fs::read(&path).unwrap(), b"precious\n");
}

#[test]
fn a_fifo_of_an_unknown_user_is_not_made() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    let notifier = start(&file(&format!("{} stranger", own(&path))));
    assert!(!path.exists());
    notifier.stop();
}

/// Notes what runs.
#[derive(Default)]
struct Runs(RefCell<Vec<(String, Arc<AtomicBool>)>>);

/// Ends what it stands for when it is dropped.
struct Run(Arc<AtomicBool>);

impl Drop for Run {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Scripts for Runs {
    fn start(&self, script: &Script) -> Result<Box<dyn std::any::Any + Send>, String> {
        let runs = Arc::new(AtomicBool::new(true));
        let words = script.to_string();
        self.0.borrow_mut().push((words, Arc::clone(&runs)));
        Ok(Box::new(Run(runs)))
    }

    fn owner(&self, user: Option<&Text>, group: Option<&Text>) -> Result<Owner, String> {
        super::Nobody.owner(user, group)
    }
}

impl Runs {
    fn running(&self) -> Vec<String> {
        let runs = self.0.borrow();
        let running = runs.iter().filter(|(_, runs)| runs.load(Ordering::Relaxed));
        running.map(|(words, _)| words.clone()).collect()
    }
}

#[test]
fn the_script_runs_with_the_path_last_as_long_as_its_fifo_is_there() {
    let folder = Folder::new();
    let path = folder.path("fifo");
    let script = |word: &str| {
        file(&format!(
            "lvs_notify_fifo_script \"/bin/reader {word}\"\n{}",
            own(&path)
        ))
    };
    let runs = Rc::new(Runs::default());
    let scripts: Rc<dyn Scripts> = runs.clone();
    let mut notifier = Notifier::start(&script("a"), scripts, Patience::default());
    let words = |word: &str| vec![format!("/bin/reader {word} {}", path.display())];
    assert_eq!(runs.running(), words("a"));
    notifier.reconfigure(&script("a"));
    assert_eq!(runs.0.borrow().len(), 1);
    notifier.reconfigure(&script("b"));
    assert_eq!(runs.running(), words("b"));
    // Without a FIFO there is nothing to read.
    notifier.reconfigure(&file("lvs_notify_fifo_script /bin/reader"));
    assert_eq!(runs.running(), [] as [&str; 0]);
    notifier.stop();
    until("nothing is left", || !path.exists());
}
