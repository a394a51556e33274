use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::damping::Care;
use super::desired::Verdicts;
use super::machine::Event;
use super::news::{About, Cause, News, Part};
use super::pool::{Guard, Pool};
use super::probes::{Asked, Probes, Seat};
use super::reach::Reach;
use super::snapshot::Snapshot;
use super::standing::{Reason, Standing};
use super::verdict::Verdict;
use super::watch::Heard;
use crate::model::check::Probe;
use crate::model::director::Director;
use crate::model::limits::Weight;
use crate::model::moment::Moment;
use crate::model::service::{DestKey, ServiceKey, VirtualServerKey};

/// A real server as its virtual server sees it: verdicts are kept per virtual server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server {
    pub virtual_server: VirtualServerKey,
    /// As the file has it.
    pub real_server: DestKey,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.real_server, self.virtual_server)
    }
}

/// One probe that is asked over and over, for all who want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId(pub u64);

/// How the kernel had a server when it was first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// In the table and taking connections.
    Serving,
    /// In the table at weight 0 though the file says more: down until a check passes.
    Quiesced,
    /// Not in the table.
    Absent,
}

/// A server that came up or went down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    pub server: Server,
    pub up: bool,
    pub reason: Reason,
    /// When the state that ended had begun.
    pub was_since: Moment,
}

/// When a probe is to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Ask(ProbeId, Question, Moment),
    Cancel(ProbeId),
}

/// What is asked at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub probe: Arc<Probe>,
    /// Which of the pages of an `HTTP_GET` or `SSL_GET`: one at a time, in the order of the file,
    /// from 0. 0 for any other check.
    pub page: usize,
}

/// What an event came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub orders: Vec<Order>,
    pub shifts: Vec<Shift>,
    pub news: Vec<News>,
    pub guards: Vec<(VirtualServerKey, Guard)>,
    /// What may look otherwise in the table now.
    pub stirred: Reach,
}

/// All checks of a director, their states, who shares which probe, and what they come to.
///
/// One probe is asked once for all checks that put the same question to the same target in the
/// same rhythm; retry, alpha and weight are each subscriber's own.
#[derive(Debug, Default)]
pub struct Board {
    pub(super) director: Arc<Director>,
    pub(super) care: Care,
    /// By the places of the virtual servers in the director.
    pub(super) pools: Vec<Pool>,
    /// Which virtual server a service belongs to.
    pub(super) services: BTreeMap<ServiceKey, usize>,
    /// Servers that were down when they left the file: should they return, they have not been
    /// seen serving since.
    pub(super) left_down: BTreeSet<Server>,
    pub(super) probes: Probes,
    /// The addresses of this host; `None` where they are not known, which lets nobody rest.
    pub(super) addresses: Option<BTreeSet<IpAddr>>,
    /// When time alone changes something, and in which pool.
    timers: BTreeSet<(Moment, usize)>,
}

impl Board {
    pub fn new(care: Care) -> Self {
        Self {
            care,
            ..Self::default()
        }
    }

    pub fn director(&self) -> &Arc<Director> {
        &self.director
    }

    /// What is asked under a number; `None` where nobody asks it any more.
    pub fn probe(&self, id: ProbeId) -> Option<&Probe> {
        self.probes.get(id).map(Asked::probe)
    }

    /// All that is asked, each once.
    pub fn probes(&self) -> impl Iterator<Item = &Probe> {
        self.probes.iter().map(Asked::probe)
    }

    /// What a probe found at `now`: who came up or went down, and when to ask again.
    ///
    /// `None` for a probe that nobody asks any more.
    pub fn answer(
        &mut self,
        id: ProbeId,
        verdict: &Verdict,
        started: Moment,
        now: Moment,
    ) -> Option<Outcome> {
        let asked = self.probes.get_mut(id)?;
        let (event, weighing, reason) = match verdict {
            Verdict::Passed => (asked.pass(), None, "check passed".into()),
            Verdict::Weighed(weighing) => (Event::Passed, Some(*weighing), "check passed".into()),
            Verdict::Failed(why) => (Event::Failed, None, why.clone().into()),
            Verdict::Unasked(why) => (Event::Unasked, None, why.clone().into()),
        };
        let heard = Heard {
            id,
            event,
            weighing,
            reason: &reason,
            started,
            now,
        };
        let watchers = self.probes.watchers(id).to_vec();
        let mut outcome = Outcome::default();
        let mut watchers = watchers.as_slice();
        while let Some((_, (seat, _))) = watchers.first().copied() {
            let same = watchers.iter().map(|(_, watcher)| watcher);
            let same = same.take_while(|(other, _)| *other == seat);
            let places: Vec<usize> = same.map(|(_, place)| *place).collect();
            watchers = &watchers[places.len()..];
            self.hear(seat, &places, &heard, &mut outcome);
        }
        self.ask_again(id, &mut outcome);
        Some(outcome)
    }

    fn hear(&mut self, seat: Seat, places: &[usize], heard: &Heard<'_>, outcome: &mut Outcome) {
        let pool = &mut self.pools[seat.virtual_server];
        if pool.resting {
            return;
        }
        let server = &mut pool.servers[seat.real_server];
        let virtual_server = &self.director.virtual_servers[seat.virtual_server];
        let real = &virtual_server.real_servers[seat.real_server];
        let stirred = server.hear(real, &self.care, places, heard);
        let cause = Cause::Checked(server.standing.reason.clone());
        if stirred.gave_up
            && let Some(asked) = self.probes.get_mut(heard.id)
        {
            asked.fail();
        }
        let real_server = seat.real_server;
        if stirred.never_up {
            self.tell(seat, Part::RealServer(real_server), false, &cause, outcome);
        }
        if let Some(was_since) = stirred.was_since {
            self.shift(seat, was_since, outcome);
        }
        if stirred.was_since.is_some() || stirred.weight {
            outcome.stirred.server(seat.virtual_server, real_server);
            self.settle_quorum(seat.virtual_server, &cause, outcome);
        }
        for (check, up) in stirred.checks {
            let part = Part::Check {
                real_server,
                check,
                turns_server: stirred.was_since.is_some(),
            };
            self.tell(seat, part, up, &cause, outcome);
        }
        self.set_timer(seat.virtual_server, heard.now);
    }

    /// A server came up or went down.
    fn shift(&mut self, seat: Seat, was_since: Moment, outcome: &mut Outcome) {
        let standing = self.standing_at(seat).clone();
        let (place, real_server) = (seat.virtual_server, seat.real_server);
        if let Some(percent) = self.care.panic_threshold {
            let fallen = (!standing.up).then_some(real_server);
            let of = &self.director.virtual_servers[place];
            let guard = self.pools[place].guard(of, percent, fallen, standing.since);
            if let Some(guard) = guard {
                outcome.guards.push((of.key.clone(), guard));
                outcome.stirred.pool(place);
            }
        }
        self.report_shift(seat, &standing, was_since, outcome);
    }

    pub(super) fn report_shift(
        &self,
        seat: Seat,
        standing: &Standing,
        was_since: Moment,
        outcome: &mut Outcome,
    ) {
        let Standing { up, reason, .. } = standing;
        outcome.shifts.push(Shift {
            server: self.server_at(seat),
            up: *up,
            reason: reason.clone(),
            was_since,
        });
        let part = Part::RealServer(seat.real_server);
        let cause = Cause::Checked(reason.clone());
        self.tell(seat, part, *up, &cause, outcome);
    }

    /// Time has gone by: hold-downs end, weights grow.
    pub fn tick(&mut self, now: Moment) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some((when, place)) = self.timers.first().copied() {
            if when > now {
                break;
            }
            self.timers.remove(&(when, place));
            outcome.stirred.pool(place);
            for real_server in 0..self.pools[place].servers.len() {
                let seat = Seat {
                    virtual_server: place,
                    real_server,
                };
                let server = &mut self.pools[place].servers[real_server];
                if let Some(was_since) = server.tick(&self.care, now) {
                    self.shift(seat, was_since, &mut outcome);
                    let cause = Cause::Checked(self.standing_at(seat).reason.clone());
                    self.settle_quorum(place, &cause, &mut outcome);
                }
            }
            self.set_timer(place, now);
        }
        outcome
    }

    /// When [`Board::tick`] has something to do.
    pub fn next_tick(&self) -> Option<Moment> {
        self.timers.first().map(|(when, _)| *when)
    }

    pub(super) fn set_timer(&mut self, place: usize, now: Moment) {
        if self.care.slow_start.is_none() && self.care.hold_down.is_none() {
            return;
        }
        self.timers.retain(|(_, other)| *other != place);
        if let Some(next) = self.pools[place].next(&self.care, now) {
            self.timers.insert((next, place));
        }
    }

    pub(super) fn clear_timers(&mut self) {
        self.timers.clear();
    }

    fn settle_quorum(&mut self, place: usize, cause: &Cause, outcome: &mut Outcome) {
        let pool = &mut self.pools[place];
        let turned = pool.settle_quorum(&self.director.virtual_servers[place]);
        if let Some(up) = turned {
            outcome.stirred.pool(place);
            self.tell_quorum(place, up, cause, outcome);
        }
    }

    pub(super) fn tell_quorum(&self, place: usize, up: bool, cause: &Cause, outcome: &mut Outcome) {
        let weight = self.pools[place].weight(&self.director.virtual_servers[place]);
        let seat = Seat {
            virtual_server: place,
            real_server: 0,
        };
        self.tell(seat, Part::Quorum { weight }, up, cause, outcome);
    }

    pub(super) fn tell(
        &self,
        seat: Seat,
        part: Part,
        up: bool,
        cause: &Cause,
        outcome: &mut Outcome,
    ) {
        outcome.news.push(News {
            about: About {
                director: Arc::clone(&self.director),
                virtual_server: seat.virtual_server,
                part,
            },
            up,
            cause: cause.clone(),
        });
    }

    /// What is to be said where an ordered stop takes the services away: `omega` has those that
    /// are up go down with a word, and their virtual server too.
    pub fn stopping(&self) -> Vec<News> {
        let mut outcome = Outcome::default();
        for (place, virtual_server) in self.director.virtual_servers.iter().enumerate() {
            let details = virtual_server.details.as_ref();
            if !details.is_some_and(|details| details.omega) {
                continue;
            }
            let mut tell = |real_server, part| {
                let seat = Seat {
                    virtual_server: place,
                    real_server,
                };
                self.tell(seat, part, false, &Cause::Stopping, &mut outcome);
            };
            for (real_server, server) in self.pools[place].servers.iter().enumerate() {
                if server.standing.up {
                    tell(real_server, Part::RealServer(real_server));
                }
            }
            tell(0, Part::Quorum { weight: 0 });
        }
        outcome.news
    }

    /// When the probe is wanted next; nothing for one whose answers come by themselves.
    fn ask_again(&self, id: ProbeId, outcome: &mut Outcome) {
        let due = self.due(id);
        if let (Some(asked), Some(due)) = (self.probes.get(id), due) {
            outcome.orders.push(asked.ask(due));
        }
    }

    pub(super) fn due(&self, id: ProbeId) -> Option<Moment> {
        let watchers = self.probes.watchers(id).iter().map(|(_, watcher)| watcher);
        let active = watchers.filter(|(seat, _)| !self.pools[seat.virtual_server].resting);
        let dues = active.filter_map(|(seat, place)| {
            let server = &self.pools[seat.virtual_server].servers[seat.real_server];
            server.checks[*place].due
        });
        dues.min()
    }

    pub(super) fn standing_at(&self, seat: Seat) -> &Standing {
        &self.pools[seat.virtual_server].servers[seat.real_server].standing
    }

    pub(super) fn server_at(&self, seat: Seat) -> Server {
        let virtual_server = &self.director.virtual_servers[seat.virtual_server];
        Server {
            virtual_server: virtual_server.key.clone(),
            real_server: virtual_server.real_servers[seat.real_server].key,
        }
    }

    /// What is to be remembered over a restart.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self)
    }
}

impl Verdicts for (&Board, Moment) {
    fn weight(&self, virtual_server: usize, real_server: usize) -> Option<Weight> {
        let (board, now) = self;
        let server = &board.pools[virtual_server].servers[real_server];
        let real = &board.director.virtual_servers[virtual_server].real_servers[real_server];
        server
            .serves()
            .then(|| server.weight(real, &board.care, *now))
    }

    fn quorum(&self, virtual_server: usize) -> bool {
        self.0.pools[virtual_server].quorum
    }
}

/// A duration's random share, for what must not begin all at once.
pub type Stagger<'a> = &'a mut dyn FnMut(Duration) -> Duration;
