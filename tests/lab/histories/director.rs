use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;

use crate::memory::copy;
use crate::scene::Scene;
use crate::stage::director::LVSCTL;
use crate::stage::host::Host;
use crate::stage::process::Process;
use crate::stage::wait_until;

/// Copies of the two programs in memory.
pub struct Programs {
    keepalived: String,
    lvsctl: String,
}

impl Programs {
    pub fn new() -> Self {
        Self {
            keepalived: copy("/usr/sbin/keepalived"),
            lvsctl: copy(LVSCTL),
        }
    }
}

/// One of the two that are compared, running.
pub struct Director {
    process: Process,
}

/// So long an ordered stop may take.
const STOP: Duration = Duration::from_secs(20);

/// Where both find the file.
const FILE: &str = "/srv/keepalived.conf";

impl Director {
    pub fn keepalived(programs: &Programs, scene: &Scene) -> Self {
        let words = [
            &programs.keepalived,
            "--check",
            "--dont-fork",
            "--log-console",
            "--log-detail",
            "--use-file",
            FILE,
            "--pid",
            "/mnt/keepalived.pid",
            "--checkers_pid",
            "/mnt/checkers.pid",
        ];
        Self::start(scene, &scene.keepalived, &words)
    }

    /// With what makes it do as keepalived does where the two differ by intent: a failed server and
    /// one that left the file go at once, and so does everything at the end.
    pub fn lvsctl(programs: &Programs, scene: &Scene) -> Self {
        let words = [
            &programs.lvsctl,
            "daemon",
            "--state-dir",
            "/mnt/state",
            "--failed-servers",
            "remove",
            "--removal-grace",
            "0",
            "--flush-on-stop",
            FILE,
        ];
        Self::start(scene, &scene.lvsctl, &words)
    }

    fn start(scene: &Scene, host: &Host, words: &[&str]) -> Self {
        let front = scene.front(host);
        let mut line: Vec<&str> = front.iter().map(String::as_str).collect();
        line.extend(words);
        Self {
            process: host.spawn("director.log", &line),
        }
    }

    /// Until it has done so, or ended; true where it still runs.
    pub fn wait(&mut self, limit: Duration, done: impl Fn() -> bool) -> bool {
        let process = &mut self.process;
        let waited = wait_until(limit, || process.ended().is_some() || done());
        waited.is_ok() && process.ended().is_none()
    }

    pub fn reload(&self) {
        self.process.signal(Signal::HUP);
    }

    pub fn terminate(&self) {
        self.process.signal(Signal::TERM);
    }

    /// Waits for the end that was ordered.
    pub fn end(&mut self) -> ExitStatus {
        self.process.end(STOP)
    }

    pub fn runs(&mut self) -> bool {
        self.process.ended().is_none()
    }

    /// The last thing it said.
    pub fn last_word(&self) -> String {
        let log = self.process.log();
        log.lines().next_back().unwrap_or("nothing").to_owned()
    }

    pub fn log(&self) -> String {
        self.process.log()
    }
}
