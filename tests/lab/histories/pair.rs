use std::fmt::Write as _;
use std::time::Duration;

use lvsctl::model::moment::Moment;

use crate::director::{Director, Programs};
use crate::outcome::Both;
use crate::record::Record;
use crate::scene::Scene;
use crate::sequence::{Channel, Seen};

/// keepalived and lvsctl over the same servers.
pub struct Pair {
    sides: [Side; 2],
    /// Why one did not take part to the end; nothing excuses it.
    faults: Vec<String>,
}

struct Side {
    name: &'static str,
    record: Record,
    /// None before its start.
    director: Option<Director>,
}

/// So long a program may take to its first table.
const START: Duration = Duration::from_secs(30);

impl Pair {
    /// Neither runs yet, and both are looked at already.
    pub fn new(scene: &Scene) -> Self {
        let side = |name, host| Side {
            name,
            record: Record::start(host),
            director: None,
        };
        Self {
            sides: [
                side("keepalived", &scene.keepalived),
                side("lvsctl", &scene.lvsctl),
            ],
            faults: Vec::new(),
        }
    }

    /// keepalived takes longer to start: lvsctl follows when the other has its first table.
    pub fn begin(&mut self, programs: &Programs, scene: &Scene) {
        let start = [Director::keepalived, Director::lvsctl];
        for (side, start) in self.sides.iter_mut().zip(start) {
            let director = side.director.insert(start(programs, scene));
            if !director.wait(START, || side.record.begun().is_some()) {
                let (name, said) = (side.name, director.last_word());
                self.faults.push(format!("{name} does not start: {said}"));
            }
        }
    }

    pub fn reload(&mut self) {
        for director in self.running() {
            director.reload();
        }
    }

    /// Both are told before either is waited for.
    pub fn stop(&mut self) {
        for director in self.running() {
            director.terminate();
        }
        for side in &mut self.sides {
            let Some(mut director) = side.director.take() else {
                continue;
            };
            let status = director.end();
            if !status.success() {
                self.faults
                    .push(format!("{} ends with {status}", side.name));
            }
            side.director = Some(director);
        }
    }

    /// Fails a side that ended by itself and has not been found fault with.
    pub fn still_run(&mut self) {
        for side in &mut self.sides {
            let ended = side
                .director
                .as_mut()
                .is_none_or(|director| !director.runs());
            if ended && !self.faults.iter().any(|fault| fault.starts_with(side.name)) {
                self.faults.push(format!("{} ended", side.name));
            }
        }
    }

    fn running(&mut self) -> impl Iterator<Item = &Director> {
        let directors = self
            .sides
            .iter_mut()
            .filter_map(|side| side.director.as_mut());
        directors.filter_map(|director| director.runs().then_some(&*director))
    }

    pub fn logs(&self) -> String {
        let mut logs = String::new();
        for side in &self.sides {
            let log = side
                .director
                .as_ref()
                .map(Director::log)
                .unwrap_or_default();
            let _ = writeln!(logs, "--- {}\n{log}", side.name);
        }
        logs
    }

    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// When each had its first table.
    pub fn began(&self) -> Both<Moment> {
        let [theirs, ours] = &self.sides;
        let began = |side: &Side| side.record.begun().unwrap_or_default();
        Both {
            theirs: began(theirs),
            ours: began(ours),
        }
    }

    /// What was seen of each on a channel.
    pub fn seen(&self, channel: Channel) -> Both<Vec<Seen>> {
        let [theirs, ours] = &self.sides;
        Both {
            theirs: theirs.record.sequence(channel),
            ours: ours.record.sequence(channel),
        }
    }
}
