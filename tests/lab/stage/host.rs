use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::process::Process;

/// A host: one network namespace. Gone with everything in it when dropped.
#[derive(Debug)]
pub struct Host {
    pub name: String,
    /// Files of this host.
    pub dir: PathBuf,
}

impl Host {
    pub fn new(prefix: &str, name: &str) -> Self {
        let full = format!("{prefix}-{name}");
        let dir = PathBuf::from("/tmp/lab").join(&full);
        fs::create_dir_all(&dir).unwrap();
        ip(&["netns", "add", &full]);
        Self { name: full, dir }
    }

    /// Runs `work` on a thread inside the namespace.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let namespace = File::open(format!("/run/netns/{}", self.name)).unwrap();
                let kind = Some(LinkNameSpaceType::Network);
                move_into_link_name_space(namespace.as_fd(), kind).unwrap();
                work()
            });
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Runs a command to its end.
    pub fn run(&self, line: &[&str]) -> Output {
        self.inside(|| {
            let output = Command::new(line[0])
                .args(&line[1..])
                .stdin(Stdio::null())
                .output();
            output.unwrap_or_else(|error| panic!("{line:?}: {error}"))
        })
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub fn ask(&self, line: &[&str]) -> String {
        let output = self.run(line);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let err = text(&output.stderr);
        assert!(output.status.success(), "{}: {line:?}: {err}", self.name);
        text(&output.stdout)
    }

    /// Starts a command whose output goes to a log of its own.
    pub fn spawn(&self, log: &str, line: &[&str]) -> Process {
        let log = self.dir.join(log);
        self.inside(|| Process::start(log, line))
    }

    /// Lines for `ip -batch` in this namespace.
    pub fn ip(&self, lines: &str) {
        let path = self.dir.join("ip");
        fs::write(&path, lines).unwrap();
        ip(&["-n", &self.name, "-batch", path.to_str().unwrap()]);
    }

    pub fn sysctl(&self, name: &str, value: &str) {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        self.inside(|| fs::write(&path, value).unwrap_or_else(|e| panic!("{path}: {e}")));
    }

    pub fn read_sysctl(&self, name: &str) -> String {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        self.inside(|| fs::read_to_string(path).unwrap().trim().to_owned())
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.dir.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = Command::new("ip")
            .args(["netns", "del", &self.name])
            .status();
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {arguments:?}: {err}");
}
