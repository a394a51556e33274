use std::collections::HashMap;
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
    /// By number: a new one has the highest.
    asked: Vec<Asked>,
    /// Who waits for whose answer, and with which of its checks; by probe, then by seat.
    watchers: Vec<(ProbeId, Watcher)>,
    last: u64,
}

/// A real server, and which of its checks.
pub(super) type Watcher = (Seat, usize);

/// A question and its rhythm: what makes a probe the same probe.
type Identity = (Arc<Probe>, Duration);

/// A probe that is asked over and over.
#[derive(Debug)]
pub(super) struct Asked {
    id: ProbeId,
    probe: Arc<Probe>,
    rhythm: Duration,
    walk: Walk,
    /// The prober has it, or is to be told.
    scheduled: bool,
    /// Some check asks it; false only while it is not known whether one still does.
    wanted: bool,
}

/// Probes that are being renewed, in place: those that stay keep number and progress.
#[derive(Debug)]
pub(super) struct Renewal {
    probes: Probes,
    places: HashMap<Identity, usize>,
}

impl Probes {
    /// Who waits for the answers to a probe, by seat.
    pub(super) fn watchers(&self, id: ProbeId) -> &[(ProbeId, Watcher)] {
        let first = self.watchers.partition_point(|(of, _)| *of < id);
        let rest = &self.watchers[first..];
        &rest[..rest.partition_point(|(of, _)| *of == id)]
    }

    pub(super) fn get(&self, id: ProbeId) -> Option<&Asked> {
        self.asked.get(self.place(id)?)
    }

    pub(super) fn get_mut(&mut self, id: ProbeId) -> Option<&mut Asked> {
        let place = self.place(id)?;
        self.asked.get_mut(place)
    }

    fn place(&self, id: ProbeId) -> Option<usize> {
        self.asked.binary_search_by_key(&id, |asked| asked.id).ok()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter()
    }

    pub(super) fn ids(&self) -> Vec<ProbeId> {
        self.asked.iter().map(|asked| asked.id).collect()
    }
}

impl Renewal {
    /// Of `probes`, with room for so many checks.
    pub(super) fn new(mut probes: Probes, checks: usize) -> Self {
        let mut places = HashMap::with_capacity(checks.max(probes.asked.len()));
        for (place, asked) in probes.asked.iter_mut().enumerate() {
            asked.wanted = false;
            places.insert(asked.identity(), place);
        }
        probes.watchers.clear();
        probes.watchers.reserve_exact(checks);
        let more = checks.saturating_sub(probes.asked.len());
        probes.asked.reserve_exact(more);
        Self { probes, places }
    }

    /// Takes a watcher in.
    pub(super) fn watch(&mut self, probe: &Arc<Probe>, rhythm: Duration, watcher: Watcher) {
        let Probes {
            asked,
            watchers,
            last,
        } = &mut self.probes;
        let place = self.places.entry((Arc::clone(probe), rhythm));
        let place = *place.or_insert_with(|| {
            *last += 1;
            asked.push(Asked {
                id: ProbeId(*last),
                probe: Arc::clone(probe),
                rhythm,
                walk: Walk::default(),
                scheduled: false,
                wanted: true,
            });
            asked.len() - 1
        });
        let asked = &mut asked[place];
        asked.wanted = true;
        // The equal one of the old director would be there beside it.
        asked.probe = Arc::clone(probe);
        watchers.push((asked.id, watcher));
    }

    /// Those that are asked from now on, and what is to be called off.
    pub(super) fn finish(self) -> (Probes, Vec<Order>) {
        let mut probes = self.probes;
        let gone = probes.asked.extract_if(.., |asked| !asked.wanted);
        let gone = gone.filter(|asked| asked.scheduled);
        let gone = gone.map(|asked| Order::Cancel(asked.id)).collect();
        probes.asked.shrink_to_fit();
        probes.watchers.sort_unstable();
        probes.watchers.shrink_to_fit();
        (probes, gone)
    }
}

impl Asked {
    pub(super) fn probe(&self) -> &Probe {
        &self.probe
    }

    fn identity(&self) -> Identity {
        (Arc::clone(&self.probe), self.rhythm)
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
    pub(super) fn schedule(&mut self, due: Moment) -> Option<Order> {
        (!std::mem::replace(&mut self.scheduled, true)).then(|| self.ask(due))
    }

    pub(super) fn ask(&self, due: Moment) -> Order {
        let question = Question {
            probe: Arc::clone(&self.probe),
            page: self.walk.page(),
        };
        Order::Ask(self.id, question, due)
    }

    /// Nobody wants to know for now.
    pub(super) fn rest(&mut self) -> Option<Order> {
        std::mem::take(&mut self.scheduled).then_some(Order::Cancel(self.id))
    }
}
