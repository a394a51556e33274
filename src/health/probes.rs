use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::board::{Order, ProbeId, Question};
use super::machine::Event;
use super::walk::Walk;
use crate::model::check::Probe;
use crate::model::moment::Moment;

/// A real server by its places in the director.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seat {
    pub(super) virtual_server: usize,
    pub(super) real_server: usize,
}

/// Who shares which probe: one is asked for all checks that put the same question to the same
/// target in the same rhythm.
#[derive(Debug, Default)]
pub(super) struct Probes {
    asked: BTreeMap<ProbeId, Asked>,
    ids: BTreeMap<(Arc<Probe>, Duration), ProbeId>,
    last: u64,
}

/// A probe and who waits for its answers.
#[derive(Debug)]
pub(super) struct Asked {
    probe: Arc<Probe>,
    walk: Walk,
    /// A real server, and which of its checks; by seat.
    pub(super) watchers: Vec<(Seat, usize)>,
    /// The prober has it, or is to be told.
    scheduled: bool,
}

impl Probes {
    /// Begins anew, with the numbers and the progress of those that stay.
    pub(super) fn renew(&mut self) -> Self {
        let old = std::mem::take(self);
        self.last = old.last;
        old
    }

    /// Takes a watcher in. The probe has the old one's number and progress where there was one.
    pub(super) fn watch(
        &mut self,
        old: &mut Self,
        probe: &Arc<Probe>,
        rhythm: Duration,
        watcher: (Seat, usize),
    ) {
        let question = (Arc::clone(probe), rhythm);
        let last = &mut self.last;
        let id = *self.ids.entry(question).or_insert_with_key(|question| {
            old.ids.get(question).copied().unwrap_or_else(|| {
                *last += 1;
                ProbeId(*last)
            })
        });
        let asked = self.asked.entry(id).or_insert_with(|| Asked {
            probe: Arc::clone(probe),
            walk: old.asked.get(&id).map(|old| old.walk).unwrap_or_default(),
            watchers: Vec::new(),
            scheduled: old.asked.get(&id).is_some_and(|old| old.scheduled),
        });
        asked.watchers.push(watcher);
    }

    pub(super) fn get(&self, id: ProbeId) -> Option<&Asked> {
        self.asked.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: ProbeId) -> Option<&mut Asked> {
        self.asked.get_mut(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Asked> {
        self.asked.values()
    }

    pub(super) fn ids(&self) -> Vec<ProbeId> {
        self.asked.keys().copied().collect()
    }

    /// Those of `old` that nobody asks any more.
    pub(super) fn gone(&self, old: &Self) -> impl Iterator<Item = Order> {
        let gone = old.asked.iter();
        let gone = gone.filter(|(id, asked)| asked.scheduled && !self.asked.contains_key(id));
        gone.map(|(id, _)| Order::Cancel(*id))
    }
}

impl Asked {
    pub(super) fn probe(&self) -> &Probe {
        &self.probe
    }

    /// What was asked was as it should be; what that is to the check.
    pub(super) fn pass(&mut self) -> Event {
        self.walk.pass(&self.probe.kind)
    }

    /// A check's patience has ended.
    pub(super) fn fail(&mut self) {
        self.walk.fail();
    }

    /// Has it asked at `due`; not again where it already is.
    pub(super) fn schedule(&mut self, id: ProbeId, due: Moment) -> Option<Order> {
        (!std::mem::replace(&mut self.scheduled, true)).then(|| self.ask(id, due))
    }

    pub(super) fn ask(&self, id: ProbeId, due: Moment) -> Order {
        let question = Question {
            probe: Arc::clone(&self.probe),
            page: self.walk.page(),
        };
        Order::Ask(id, question, due)
    }

    /// Nobody wants to know for now.
    pub(super) fn rest(&mut self, id: ProbeId) -> Option<Order> {
        std::mem::take(&mut self.scheduled).then_some(Order::Cancel(id))
    }
}
