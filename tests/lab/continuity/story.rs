use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::change::Change;
use crate::event::Event;
use crate::load::Load;
use crate::memory::copy;
use crate::random::Random;
use crate::stage::director::{Director, LVSCTL};
use crate::stage::process::Process;
use crate::stage::wait_until;
use crate::wanted::{Wanted, name, weight_in};

/// How long the table may take to be as the file says.
const SOON: Duration = Duration::from_secs(90);

/// One event, from its beginning until every held connection was answered after it.
pub struct Episode {
    pub event: Event,
    /// What the file asked for that it had not before.
    pub change: String,
    pub begun: Instant,
    pub ended: Instant,
}

impl Episode {
    /// The row it is counted in.
    pub fn kind(&self) -> String {
        self.event.to_string()
    }

    pub fn changes_scheduler(&self) -> bool {
        self.event.change() == Some(Change::Scheduler)
    }
}

/// A daemon to which things happen while its services are used.
pub struct Story<'a> {
    director: &'a Director,
    load: &'a Load,
    random: Random,
    wanted: Wanted,
    /// It left the file and has connections.
    leaving: Option<usize>,
    program: String,
    file: String,
    daemon: Process,
    /// What daemons that have ended said.
    logs: String,
    pub episodes: Vec<Episode>,
}

/// A running daemon for the file that is wanted first, with its table filled.
pub struct Opening {
    program: String,
    file: String,
    daemon: Process,
    wanted: Wanted,
}

impl Opening {
    pub fn new(director: &Director) -> Self {
        let program = copy(LVSCTL);
        let wanted = Wanted::new();
        let file = director.write("continuity.conf", &wanted.text());
        let daemon = start(director, &program, &file);
        let opening = Self {
            program,
            file,
            daemon,
            wanted,
        };
        converged(director, &opening.wanted, None, &opening.daemon);
        opening
    }

    /// Has the daemon read another file, and waits until the table is like it.
    pub fn reload(&mut self, director: &Director, change: impl FnOnce(&mut Wanted)) {
        change(&mut self.wanted);
        director.write("continuity.conf", &self.wanted.text());
        self.daemon.signal(Signal::HUP);
        converged(director, &self.wanted, None, &self.daemon);
    }

    /// Stops the daemon and takes its table away; all that it said.
    pub fn end(mut self, director: &Director) -> String {
        self.daemon.signal(Signal::TERM);
        assert_eq!(self.daemon.end(SOON).code(), Some(0));
        director.ask(&["ipvsadm", "-C"]);
        self.daemon.log()
    }

    pub fn tell<'a>(self, director: &'a Director, load: &'a Load, random: Random) -> Story<'a> {
        Story {
            director,
            load,
            random,
            wanted: self.wanted,
            leaving: None,
            program: self.program,
            file: self.file,
            daemon: self.daemon,
            logs: String::new(),
            episodes: Vec::new(),
        }
    }
}

impl Story<'_> {
    /// Has something happen, and waits until it is over and each held connection was answered.
    pub fn happens(&mut self, event: Event) {
        let begun = Instant::now();
        let past = self.leaving;
        let change = self.rewrite(&event);
        match event {
            Event::Reload(_) => self.daemon.signal(Signal::HUP),
            Event::Restart(_) => self.restart(),
            Event::Kill(reload) => {
                if let Some((_, after)) = reload {
                    self.daemon.signal(Signal::HUP);
                    sleep(after);
                }
                self.daemon.kill();
                self.start();
            }
            Event::Exchange => self.exchange(),
        }
        converged(self.director, &self.wanted, self.leaving, &self.daemon);
        self.load.turn();
        if past.is_some() && past == self.leaving {
            self.let_go();
        }
        self.drains();
        self.episodes.push(Episode {
            event,
            change,
            begun,
            ended: Instant::now(),
        });
    }

    /// Writes the file as the event wants it; what has changed in it.
    fn rewrite(&mut self, event: &Event) -> String {
        let Some(kind) = event.change() else {
            return String::new();
        };
        let before = self.wanted.weights.clone();
        let change = self.wanted.change(kind, &mut self.random);
        self.director.write("continuity.conf", &self.wanted.text());
        let stays = |server: &usize| self.wanted.weights.contains_key(server);
        if let Some(left) = before.keys().find(|server| !stays(server)) {
            self.leaving = Some(*left);
        }
        self.leaving = self.leaving.filter(|server| !stays(server));
        change
    }

    fn restart(&mut self) {
        self.daemon.signal(Signal::TERM);
        assert_eq!(self.daemon.end(SOON).code(), Some(0));
        self.start();
    }

    /// The running program loses its file first, as when a package is upgraded.
    fn exchange(&mut self) {
        let beside = format!("{}.new", self.program);
        fs::copy(&self.program, &beside).unwrap();
        fs::rename(&beside, &self.program).unwrap();
        self.daemon.signal(Signal::HUP);
        self.daemon.says("reloaded", SOON);
        self.restart();
    }

    fn start(&mut self) {
        let daemon = start(self.director, &self.program, &self.file);
        let ended = std::mem::replace(&mut self.daemon, daemon);
        self.logs.push_str(&ended.log());
    }

    /// Whoever left the file with connections is still there with them.
    fn drains(&self) {
        let Some(server) = self.leaving else { return };
        if self.load.held_by(&name(server)) > 0 {
            assert_eq!(
                weight_in(&self.director.table(), server),
                Some(0),
                "{} is used and has gone:\n{}",
                name(server),
                self.daemon.log()
            );
        }
    }

    /// Its connections end in order, and it goes.
    fn let_go(&mut self) {
        let Some(server) = self.leaving.take() else {
            return;
        };
        let name = name(server);
        self.load.shun(Some(&name));
        let gone = wait_until(SOON, || weight_in(&self.director.table(), server).is_none());
        assert!(gone.is_ok(), "{name} stays:\n{}", self.daemon.log());
        self.load.turn();
        self.load.shun(None);
    }

    /// Stops the daemon, its services with it; all that was said.
    pub fn end(mut self) -> (Vec<Episode>, String) {
        self.daemon.signal(Signal::TERM);
        assert_eq!(self.daemon.end(SOON).code(), Some(0));
        self.logs.push_str(&self.daemon.log());
        (self.episodes, self.logs)
    }
}

/// Each with a log of its own.
fn start(director: &Director, program: &str, file: &str) -> Process {
    let state = director.state_dir();
    let line = [program, "daemon", "--state-dir", &state, file];
    let nth = fs::read_dir(&director.dir).unwrap().count();
    let daemon = director.spawn(&format!("continuity-{nth}.log"), &line);
    daemon.says("ready", SOON);
    daemon
}

/// Waits until the table is as the file says.
fn converged(director: &Director, wanted: &Wanted, leaving: Option<usize>, daemon: &Process) {
    let differs = || wanted.differs(&director.table(), leaving);
    let right = wait_until(SOON, || differs().is_none());
    assert!(right.is_ok(), "{:?}\n{}", differs(), daemon.log());
}
