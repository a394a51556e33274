use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::wait_until;

/// A program that runs in a group of its own, and is killed with it when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    pub fn start(log: PathBuf, line: &[&str]) -> Self {
        use std::os::unix::process::CommandExt as _;
        let file = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let child = Command::new(line[0])
            .args(&line[1..])
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{line:?}: {error}"));
        Self { child, log }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn group(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.group(), signal).unwrap();
    }

    /// Sends a signal to the program and all it has started.
    pub fn signal_all(&self, signal: Signal) {
        let _ = kill_process_group(self.group(), signal);
    }

    /// Kills the whole group at once and waits for its end.
    pub fn kill(&mut self) {
        self.signal_all(Signal::KILL);
        let _ = self.child.wait();
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for an end that should come by itself.
    pub fn end(&mut self, limit: Duration) -> ExitStatus {
        let mut status = None;
        let ended = wait_until(limit, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(
            ended.is_ok(),
            "still running after {limit:?}:\n{}",
            self.log()
        );
        status.unwrap()
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until the log says so.
    pub fn says(&self, words: &str, limit: Duration) {
        let said = wait_until(limit, || self.log().contains(words));
        assert!(said.is_ok(), "never said {words:?}:\n{}", self.log());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {}\n{}", self.log.display(), self.log());
        }
    }
}
