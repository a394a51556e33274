use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::machine::{Action, Event, State, step};
use super::verdict::Verdict;
use crate::model::check::{Policy, Probe};
use crate::model::director::Director;
use crate::model::moment::Moment;
use crate::model::server::RealServer;
use crate::model::service::{DestKey, ServiceKey};

/// The first check of a server waits this long, and a random share of its `warmup`.
const FIRST_CHECK: Duration = Duration::from_secs(1);

/// A real server as one service sees it: verdicts are kept per service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server {
    pub service: ServiceKey,
    pub dest: DestKey,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.dest, self.service)
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

/// Whether a server is up, since when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub up: bool,
    pub since: Moment,
    pub reason: String,
}

/// A server that came up or went down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    pub server: Server,
    pub up: bool,
    pub reason: String,
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
    pub probe: Probe,
    /// Which of the pages of an `HTTP_GET` or `SSL_GET`: one at a time, in the order of the file,
    /// from 0. 0 for any other check.
    pub page: usize,
}

/// All checks of a director, their states, and who shares which probe.
///
/// One probe is asked once for all checks that put the same question to the same target in the
/// same rhythm; retry, alpha and weight are each subscriber's own.
#[derive(Debug, Default)]
pub struct Board {
    servers: BTreeMap<Server, Watched>,
    /// Servers that were down when they left the file: should they return, they have not been
    /// seen serving since.
    left_down: BTreeSet<Server>,
    probes: BTreeMap<ProbeId, Asked>,
    ids: BTreeMap<(Probe, Duration), ProbeId>,
    next_id: u64,
}

#[derive(Debug)]
struct Watched {
    checks: Vec<Watch>,
    standing: Standing,
}

#[derive(Debug)]
struct Watch {
    probe: ProbeId,
    policy: Policy,
    state: State,
    due: Moment,
}

#[derive(Debug)]
struct Asked {
    probe: Probe,
    watchers: BTreeSet<Server>,
}

impl Board {
    /// Takes up a director's checks and keeps what is known of servers that stay: an unchanged
    /// check goes on in its rhythm, and no change of a check moves a server up or down.
    ///
    /// `found` is asked for servers that are new; `stagger` gives a random share of a warmup.
    pub fn reconfigure(
        &mut self,
        director: &Director,
        found: impl Fn(&Server) -> Found,
        mut stagger: impl FnMut(Duration) -> Duration,
        now: Moment,
    ) -> Vec<Order> {
        let mut before = std::mem::take(&mut self.servers);
        let old_probes = std::mem::take(&mut self.probes);
        let old_ids = std::mem::take(&mut self.ids);
        for virtual_server in &director.virtual_servers {
            for service in &virtual_server.keys {
                for real in &virtual_server.real_servers {
                    let server = Server {
                        service: *service,
                        dest: real.dest(service),
                    };
                    let known = before.remove(&server);
                    let returns_down = self.left_down.remove(&server);
                    let standing = match &known {
                        Some(known) => known.standing.clone(),
                        None if returns_down => first_standing(real, Found::Quiesced, now),
                        None => first_standing(real, found(&server), now),
                    };
                    let mut checks = Vec::with_capacity(real.checks.len());
                    for check in &real.checks {
                        let question = (check.probe.clone(), check.policy.delay_loop);
                        let id = *self.ids.entry(question.clone()).or_insert_with(|| {
                            old_ids.get(&question).copied().unwrap_or_else(|| {
                                self.next_id += 1;
                                ProbeId(self.next_id)
                            })
                        });
                        let asked = self.probes.entry(id).or_insert_with(|| Asked {
                            probe: check.probe.clone(),
                            watchers: BTreeSet::new(),
                        });
                        asked.watchers.insert(server);
                        let same = known
                            .as_ref()
                            .and_then(|known| known.checks.iter().find(|watch| watch.probe == id));
                        checks.push(match same {
                            Some(watch) => watch.under(&check.policy),
                            None => Watch {
                                probe: id,
                                policy: check.policy,
                                state: start(standing.up),
                                due: now + FIRST_CHECK + stagger(check.policy.warmup),
                            },
                        });
                    }
                    let mut watched = Watched { checks, standing };
                    watched.settle_without_checks(now);
                    self.servers.insert(server, watched);
                }
            }
        }
        let down = before.iter().filter(|(_, watched)| !watched.standing.up);
        self.left_down.extend(down.map(|(server, _)| *server));
        self.orders(&old_probes)
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
    ) -> Option<(Vec<Shift>, Order)> {
        let asked = self.probes.get(&id)?;
        let mut shifts = Vec::new();
        for server in &asked.watchers {
            let watched = self.servers.get_mut(server)?;
            if let Some(shift) = watched.hear(*server, id, verdict, started, now) {
                shifts.push(shift);
            }
        }
        let order = Order::Ask(id, asked.question(), self.due(id, asked)?);
        Some((shifts, order))
    }

    /// `None` for a server that is not in the file.
    pub fn standing(&self, server: &Server) -> Option<&Standing> {
        self.servers.get(server).map(|watched| &watched.standing)
    }

    pub fn is_up(&self, service: &ServiceKey, dest: &DestKey) -> bool {
        let server = Server {
            service: *service,
            dest: *dest,
        };
        self.standing(&server).is_none_or(|standing| standing.up)
    }

    /// Every server with its standing, by service and address.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Server, &Standing)> {
        self.servers
            .iter()
            .map(|(server, watched)| (server, &watched.standing))
    }

    fn due(&self, id: ProbeId, asked: &Asked) -> Option<Moment> {
        let servers = asked.watchers.iter().filter_map(|s| self.servers.get(s));
        let watches = servers.flat_map(|watched| &watched.checks);
        watches
            .filter(|watch| watch.probe == id)
            .map(|watch| watch.due)
            .min()
    }

    fn orders(&self, old: &BTreeMap<ProbeId, Asked>) -> Vec<Order> {
        let gone = old.keys().filter(|id| !self.probes.contains_key(id));
        let mut orders: Vec<Order> = gone.copied().map(Order::Cancel).collect();
        for (id, asked) in &self.probes {
            if old.contains_key(id) {
                continue; // still scheduled, or under way
            }
            if let Some(due) = self.due(*id, asked) {
                orders.push(Order::Ask(*id, asked.question(), due));
            }
        }
        orders
    }
}

fn first_standing(real: &RealServer, found: Found, now: Moment) -> Standing {
    let alpha = real.checks.iter().any(|check| check.policy.alpha);
    let quiesced = real.weight.get() > 0 && !real.checks.is_empty();
    let (up, reason) = match found {
        Found::Quiesced if quiesced => (false, "was out of service before, not yet checked"),
        Found::Absent if alpha => (false, "alpha: not yet checked"),
        Found::Serving => (true, "found serving, not yet checked"),
        Found::Quiesced | Found::Absent => (true, "not yet checked"),
    };
    Standing {
        up,
        since: now,
        reason: reason.to_owned(),
    }
}

fn start(up: bool) -> State {
    if up { State::Trusted } else { State::Down }
}

impl Asked {
    fn question(&self) -> Question {
        Question {
            probe: self.probe.clone(),
            page: 0,
        }
    }
}

impl Watch {
    /// The same check with another patience.
    fn under(&self, policy: &Policy) -> Self {
        let state = match self.state {
            State::Up { failures } => State::Up {
                failures: failures.min(policy.retry),
            },
            state => state,
        };
        Self {
            probe: self.probe,
            policy: *policy,
            state,
            due: self.due,
        }
    }
}

impl Watched {
    /// A server that lost its last check is up, as one that never had any.
    fn settle_without_checks(&mut self, now: Moment) {
        if self.checks.is_empty() && !self.standing.up {
            self.standing = Standing {
                up: true,
                since: now,
                reason: "has no check".to_owned(),
            };
        }
    }

    fn hear(
        &mut self,
        server: Server,
        id: ProbeId,
        verdict: &Verdict,
        started: Moment,
        now: Moment,
    ) -> Option<Shift> {
        let (event, reason) = match verdict {
            Verdict::Passed | Verdict::Weighed(_) => (Event::Passed, "check passed"),
            Verdict::Failed(why) => (Event::Failed, why.as_str()),
            Verdict::Unasked(why) => (Event::Unasked, why.as_str()),
        };
        let mut attempt = String::new();
        for watch in self.checks.iter_mut().filter(|watch| watch.probe == id) {
            // Between its retries a check counts only the failures it asked for; somebody
            // else's probe in the meantime is no attempt of its own.
            let retrying = matches!(watch.state, State::Up { failures } if failures > 0);
            if event == Event::Failed && retrying && started < watch.due {
                continue;
            }
            match (event, watch.state) {
                (Event::Failed, State::Up { failures }) => {
                    let (nth, of) = (u64::from(failures) + 1, u64::from(watch.policy.retry) + 1);
                    attempt = format!(" (attempt {nth} of {of})");
                }
                (Event::Failed, State::Trusted) => " (first check)".clone_into(&mut attempt),
                _ => {}
            }
            let (state, actions) = step(watch.state, event, &watch.policy);
            watch.state = state;
            for action in actions {
                if let Action::CheckIn(delay) = action {
                    watch.due = now + delay;
                }
            }
        }
        let up = self.checks.iter().all(|watch| watch.state.is_up());
        if up == self.standing.up {
            if up && event == Event::Passed && self.standing.reason != reason {
                reason.clone_into(&mut self.standing.reason);
            }
            return None;
        }
        let reason = format!("{reason}{attempt}");
        let standing = Standing {
            up,
            since: now,
            reason: reason.clone(),
        };
        let before = std::mem::replace(&mut self.standing, standing);
        Some(Shift {
            server,
            up,
            reason,
            was_since: before.since,
        })
    }
}
