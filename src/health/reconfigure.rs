//! A director is taken up: at the start, and at every reload.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::board::{Board, Found, Outcome, ProbeId, Server, Stagger};
use super::machine::State;
use super::manner::Manner;
use super::memory::{Memory, RememberedPool, RememberedServer};
use super::news::{About, Cause, News, Part};
use super::pool::{Pool, rests};
use super::probes::{Renewal, Seat};
use super::server::{Watched, first_standing};
use super::standing::Standing;
use super::watch::Watch;
use crate::model::check::Check;
use crate::model::director::Director;
use crate::model::moment::Moment;
use crate::model::server::{RealServer, VirtualServer};
use crate::model::service::{DestKey, VirtualServerKey};

/// The first check of a server waits this long, and a random share of its `warmup`.
const FIRST_CHECK: Duration = Duration::from_secs(1);

/// What is known before the first check.
pub struct Past<'a> {
    /// Of an earlier run.
    pub memory: &'a Memory,
    /// How the kernel has a server; asked for those of which nothing is known.
    pub found: &'a dyn Fn(&VirtualServer, &RealServer) -> Found,
}

/// What a reload carries over.
struct Before {
    director: Arc<Director>,
    /// By the places of the virtual servers in the director.
    pools: Vec<OldPool>,
}

struct OldPool {
    /// It is in the new director too.
    stays: bool,
    quorum: bool,
    /// By the places of the real servers; those not yet carried over.
    servers: Vec<Option<Watched>>,
    /// Behind the one that was carried over last.
    next: usize,
}

impl Board {
    /// Takes up a director's checks and keeps what is known of servers that stay: an unchanged
    /// check goes on in its rhythm, and no change of a check moves a server up or down.
    ///
    /// `stagger` gives a random share of a warmup.
    pub fn reconfigure(
        &mut self,
        director: Arc<Director>,
        past: &Past<'_>,
        stagger: Stagger<'_>,
        now: Moment,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let mut before = self.set_aside(director);
        let old = Arc::clone(&before.director);
        let places = old.virtual_servers.iter().enumerate();
        let places: BTreeMap<_, _> = places.map(|(place, server)| (&server.key, place)).collect();
        let director = Arc::clone(&self.director);
        let real_servers = director.virtual_servers.iter();
        let real_servers = real_servers.flat_map(|server| &server.real_servers);
        let checks = real_servers.map(|real| real.checks.len()).sum();
        let mut probes = Renewal::new(std::mem::take(&mut self.probes), checks);
        self.pools.reserve_exact(director.virtual_servers.len());
        for (place, virtual_server) in director.virtual_servers.iter().enumerate() {
            let services = virtual_server.keys.iter();
            self.services.extend(services.map(|key| (*key, place)));
            let mut known = places.get(&virtual_server.key).and_then(|place| {
                let pool = before.pools.get_mut(*place)?;
                Some((pool, &old.virtual_servers[*place].real_servers[..]))
            });
            let quorum = known.as_mut().map(|(pool, _)| pool.stay());
            let remembered = past.memory.virtual_servers.get(&virtual_server.key);
            let remembered_quorum = remembered.map(|remembered| remembered.quorum);
            let adopted = quorum.or(remembered_quorum);
            let mut pool = Pool {
                servers: Vec::with_capacity(virtual_server.real_servers.len()),
                quorum: adopted.unwrap_or(false),
                resting: self.must_rest(place),
            };
            for (real_server, real) in virtual_server.real_servers.iter().enumerate() {
                let seat = Seat {
                    virtual_server: place,
                    real_server,
                };
                let known = known
                    .as_mut()
                    .and_then(|(pool, old)| pool.take(&real.key, old));
                let remembered = remembered
                    .and_then(|pool| Some((pool, pool.real_servers.get(&real.key)?)))
                    .filter(|(pool, server)| agrees(virtual_server, real, pool, server, past))
                    .map(|(_, server)| server);
                let is_new = known.is_none() && remembered.is_none();
                for (place, check) in real.checks.iter().enumerate() {
                    probes.watch(&check.probe, check.policy.delay_loop, (seat, place));
                }
                let mut server = if let Some(known) = known {
                    keep(known, real, stagger, now)
                } else {
                    let standing = self.first(seat, real, remembered, past, now);
                    begin(real, remembered, standing, stagger, now)
                };
                let was_since = server.settle_reloaded(&self.care, now);
                let standing = server.standing.clone();
                pool.servers.push(server);
                if let Some(was_since) = was_since {
                    self.report_shift(seat, &standing, was_since, &mut outcome);
                } else if is_new && standing.up {
                    self.tell_of_new(seat, &mut outcome);
                }
            }
            if let Some((pool, _)) = known {
                pool.release();
            }
            self.pools.push(pool);
            self.first_quorum(place, adopted.is_some(), &mut outcome);
            self.set_timer(place, now);
            outcome.stirred.pool(place);
        }
        let mut news = self.say_removed(&before);
        news.append(&mut outcome.news);
        outcome.news = news;
        (self.probes, outcome.orders) = probes.finish();
        self.schedule(&mut outcome);
        outcome
    }

    /// `rs_init_notifies`.
    fn tell_of_new(&self, seat: Seat, outcome: &mut Outcome) {
        if self.director.globals.init_notifies {
            let part = Part::RealServer(seat.real_server);
            self.tell(seat, part, true, &Cause::Configured, outcome);
        }
    }

    fn set_aside(&mut self, director: Arc<Director>) -> Before {
        let old = std::mem::replace(&mut self.director, director);
        self.services.clear();
        self.clear_timers();
        let pools = std::mem::take(&mut self.pools).into_iter();
        let pools = pools.map(|pool| OldPool {
            stays: false,
            quorum: pool.quorum,
            servers: pool.servers.into_iter().map(Some).collect(),
            next: 0,
        });
        Before {
            pools: pools.collect(),
            director: old,
        }
    }

    fn first(
        &mut self,
        seat: Seat,
        real: &RealServer,
        remembered: Option<&RememberedServer>,
        past: &Past<'_>,
        now: Moment,
    ) -> Standing {
        let server = self.server_at(seat);
        match remembered {
            Some(remembered) => remembered.standing.clone(),
            None if self.left_down.remove(&server) => first_standing(real, Found::Quiesced, now),
            None => {
                let virtual_server = &self.director.virtual_servers[seat.virtual_server];
                first_standing(real, (past.found)(virtual_server, real), now)
            }
        }
    }

    /// At a cold start a quorum that is there is news, and one that is not only where a sorry
    /// server stands in; one that was adopted is news only where it changed.
    fn first_quorum(&mut self, place: usize, adopted: bool, outcome: &mut Outcome) {
        let virtual_server = &self.director.virtual_servers[place];
        let pool = &mut self.pools[place];
        let turned = pool.settle_quorum(virtual_server);
        let sorry = virtual_server.sorry.is_some();
        let up = match turned {
            Some(up) => up,
            None if !adopted && !pool.quorum && sorry => false,
            None => return,
        };
        self.tell_quorum(place, up, &Cause::Configured, outcome);
    }

    /// What left the file: those that were up go down with a word, and their virtual server too.
    fn say_removed(&mut self, before: &Before) -> Vec<News> {
        let mut news = Vec::new();
        let pools = before.pools.iter().zip(&before.director.virtual_servers);
        for (place, (pool, virtual_server)) in pools.enumerate() {
            let removed = |part| News {
                about: About {
                    director: Arc::clone(&before.director),
                    virtual_server: place,
                    part,
                },
                up: false,
                cause: Cause::Removed,
            };
            let servers = pool.servers.iter().zip(&virtual_server.real_servers);
            for (place, (server, real)) in servers.enumerate() {
                let Some(server) = server else { continue };
                if server.standing.up {
                    news.push(removed(Part::RealServer(place)));
                } else {
                    self.left_down.insert(Server {
                        virtual_server: virtual_server.key.clone(),
                        real_server: real.key,
                    });
                }
            }
            if !pool.stays && pool.quorum {
                news.push(removed(Part::Quorum { weight: 0 }));
            }
        }
        news
    }

    /// Orders what nobody asks yet, and calls off what nobody wants to know for now.
    fn schedule(&mut self, outcome: &mut Outcome) {
        for id in self.probes.ids() {
            let active = self.is_wanted(id);
            let due = self.due(id);
            let Some(asked) = self.probes.get_mut(id) else {
                continue;
            };
            outcome.orders.extend(if active {
                // What is watched is asked at once, and once.
                asked.schedule(due.unwrap_or_default())
            } else {
                asked.rest()
            });
        }
    }

    fn is_wanted(&self, id: ProbeId) -> bool {
        let mut seats = self.probes.watchers(id).iter().map(|(_, (seat, _))| seat);
        seats.any(|seat| !self.pools[seat.virtual_server].resting)
    }

    fn must_rest(&self, place: usize) -> bool {
        let server = &self.director.virtual_servers[place];
        let here = self.addresses.as_ref();
        here.is_some_and(|here| rests(server, |ip| here.contains(ip)))
    }

    /// The host's addresses are these now: checks of virtual servers with `ha_suspend` rest, or
    /// begin again. The virtual servers that changed, and whether each rests.
    pub fn addresses(
        &mut self,
        here: BTreeSet<IpAddr>,
        stagger: Stagger<'_>,
        now: Moment,
    ) -> (Outcome, Vec<(VirtualServerKey, bool)>) {
        self.addresses = Some(here);
        let mut changed = Vec::new();
        for place in 0..self.pools.len() {
            let rests = self.must_rest(place);
            let pool = &mut self.pools[place];
            if std::mem::replace(&mut pool.resting, rests) == rests {
                continue;
            }
            let server = &self.director.virtual_servers[place];
            changed.push((server.key.clone(), rests));
            if rests {
                continue;
            }
            for (watched, real) in pool.servers.iter_mut().zip(&server.real_servers) {
                for (watch, check) in watched.checks.iter_mut().zip(&real.checks) {
                    let wait = FIRST_CHECK + stagger(check.policy.warmup);
                    watch.due = watch.due.map(|_| now + wait);
                }
            }
        }
        let mut outcome = Outcome::default();
        self.schedule(&mut outcome);
        (outcome, changed)
    }
}

impl OldPool {
    /// The new director has it too. Whether its quorum was there.
    fn stay(&mut self) -> bool {
        self.stays = true;
        self.quorum
    }

    /// Gives its memory back where nobody is left in it: there may be ten thousand.
    fn release(&mut self) {
        if self.servers.iter().all(Option::is_none) {
            self.servers = Vec::new();
        }
    }

    /// A server that stays, and how the file had it. Most stand in the order in which they stood.
    fn take<'a>(
        &mut self,
        real: &DestKey,
        old: &'a [RealServer],
    ) -> Option<(Watched, &'a RealServer)> {
        let next = self.next.min(old.len());
        let places = (next..old.len()).chain(0..next);
        let mut left = places.filter(|place| old[*place].key == *real);
        let place = left.find(|place| self.servers[*place].is_some())?;
        self.next = place + 1;
        let server = self.servers.get_mut(place)?.take()?;
        Some((server, &old[place]))
    }
}

/// A server that stays, with the checks the file gives it now.
fn keep(
    (mut known, old): (Watched, &RealServer),
    real: &RealServer,
    stagger: Stagger<'_>,
    now: Moment,
) -> Watched {
    if old
        .checks
        .iter()
        .map(|check| &check.probe)
        .eq(real.checks.iter().map(|check| &check.probe))
    {
        for (watch, check) in known.checks.iter_mut().zip(&real.checks) {
            watch.comes_under(&check.policy, now);
        }
        return known;
    }
    let left = std::mem::take(&mut known.checks).into_iter();
    let mut left: Vec<(Watch, &Check)> = left.zip(&old.checks).collect();
    let mut checks = Vec::with_capacity(real.checks.len());
    for check in &real.checks {
        let same = left.iter().position(|(_, old)| old.probe == check.probe);
        checks.push(if let Some(same) = same {
            let (mut watch, _) = left.swap_remove(same);
            watch.comes_under(&check.policy, now);
            watch
        } else {
            let state = unchecked(known.standing.up, check);
            let due = now + FIRST_CHECK + stagger(check.policy.warmup);
            Watch::new(check, state, due)
        });
    }
    Watched {
        checks: checks.into(),
        ..known
    }
}

/// A server that is new to this run.
fn begin(
    real: &RealServer,
    remembered: Option<&RememberedServer>,
    standing: Standing,
    stagger: Stagger<'_>,
    now: Moment,
) -> Watched {
    let mut checks = Vec::with_capacity(real.checks.len());
    for check in &real.checks {
        let due = now + FIRST_CHECK + stagger(check.policy.warmup);
        let seen = remembered.and_then(|remembered| remembered.of(check));
        let state = match seen {
            Some(seen) => seen.state(check),
            // Alpha, and never up.
            None if remembered.is_none() && !standing.up && check.policy.alpha => {
                State::new(false, Manner::of(&check.probe.kind), &check.policy)
            }
            None => unchecked(standing.up, check),
        };
        let mut watch = Watch::new(check, state, due);
        watch.weighing = seen.and_then(|seen| seen.weighing);
        checks.push(watch);
    }
    Watched::new(checks, standing)
}

/// Whether what is remembered of a server is what the kernel has, which is newer: the last change
/// may have come after the last word was written down. Only where nothing is in the table, or
/// something else explains a weight of 0, does memory alone decide.
fn agrees(
    virtual_server: &VirtualServer,
    real: &RealServer,
    pool: &RememberedPool,
    server: &RememberedServer,
    past: &Past<'_>,
) -> bool {
    let replaced = virtual_server.sorry.is_some() && !pool.quorum;
    match (past.found)(virtual_server, real) {
        Found::Serving => server.standing.up,
        Found::Quiesced => !server.standing.up || replaced || server.weighs_nothing(real.weight),
        Found::Absent => true,
    }
}

/// A check that is new to a server of which something is known: its first result decides, and a
/// server that is down stays down until it passes.
fn unchecked(up: bool, check: &Check) -> State {
    if up {
        State::new(true, Manner::of(&check.probe.kind), &check.policy)
    } else {
        State::down(&check.policy)
    }
}
