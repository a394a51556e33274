use std::collections::BTreeSet;

use super::failed::{FailedServers, Handling};
use super::reach::{Extent, Reach};
use crate::model::director::Director;
use crate::model::limits::{Thresholds, Weight};
use crate::model::patch::Patch;
use crate::model::server::{RealServer, SorryServer, VirtualServer};
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Dest, Pool, Service, Settings, Table};

/// Who is up, by places in the director.
pub trait Verdicts {
    /// What a real server weighs; `None` while it is down.
    fn weight(&self, virtual_server: usize, real_server: usize) -> Option<Weight>;

    /// Whether the quorum is there.
    fn quorum(&self, virtual_server: usize) -> bool;
}

/// The table for a one-shot, which has no verdicts: every server serves. Where all together do not
/// gain the quorum, the sorry server serves alone, as at keepalived's start.
pub fn all_up(director: &Director) -> Table {
    desired(director, FailedServers::Remove, &AllUp(director))
}

struct AllUp<'a>(&'a Director);

impl Verdicts for AllUp<'_> {
    fn weight(&self, virtual_server: usize, real_server: usize) -> Option<Weight> {
        let server = self.0.virtual_servers.get(virtual_server)?;
        server.real_servers.get(real_server).map(|real| real.weight)
    }

    fn quorum(&self, virtual_server: usize) -> bool {
        let server = self.0.virtual_servers.get(virtual_server);
        server.is_none_or(|server| server.quorum.is_gained_by(server.weight()))
    }
}

/// The table that should be, given who is up.
pub fn desired(director: &Director, failed: FailedServers, verdicts: &impl Verdicts) -> Table {
    let mut table = Table::new();
    for (place, server) in director.virtual_servers.iter().enumerate() {
        for key in &server.keys {
            let filling = Filling::new(key, (place, server), failed, verdicts);
            table.insert(*key, filling.service());
        }
    }
    table
}

/// What an event reaches of that table: single dests where these alone may look otherwise.
pub fn part(
    director: &Director,
    reach: &Reach,
    failed: FailedServers,
    verdicts: &impl Verdicts,
) -> Patch {
    let mut patch = Patch::default();
    for (place, extent) in reach.iter() {
        let Some(server) = director.virtual_servers.get(place) else {
            continue;
        };
        for key in &server.keys {
            let filling = Filling::new(key, (place, server), failed, verdicts);
            let alone = match extent {
                Extent::Pool => None,
                Extent::Servers(servers) => filling.alone(servers),
            };
            match alone {
                Some(dests) => patch
                    .dests
                    .extend(dests.into_iter().map(|(dest, want)| ((*key, dest), want))),
                None => drop(patch.services.insert(*key, filling.service())),
            }
        }
    }
    patch
}

fn settings(server: &VirtualServer) -> Settings {
    Settings {
        scheduler: server.scheduler.clone(),
        flags: server.flags,
        one_packet: server.one_packet,
        persistence: server.persistence,
        // keepalived sends the engine only with a persistence timeout.
        engine: server.persistence.and_then(|_| server.engine.clone()),
    }
}

/// The pool of one service.
struct Filling<'a, V> {
    key: &'a ServiceKey,
    server: &'a VirtualServer,
    place: usize,
    handling: Handling,
    verdicts: &'a V,
}

impl<'a, V: Verdicts> Filling<'a, V> {
    fn new(
        key: &'a ServiceKey,
        (place, server): (usize, &'a VirtualServer),
        failed: FailedServers,
        verdicts: &'a V,
    ) -> Self {
        Self {
            key,
            server,
            place,
            handling: failed.of_service(key, server),
            verdicts,
        }
    }

    fn service(&self) -> Service {
        Service {
            settings: settings(self.server),
            pool: self.fill(),
        }
    }

    /// Some real servers without the rest; `None` where one of them may be absent, or is one dest
    /// with another: then the whole pool counts.
    fn alone(&self, places: &BTreeSet<usize>) -> Option<Vec<(DestKey, Dest)>> {
        let replaced = self.is_replaced();
        let one = |place: &usize| {
            let real = self.server.real_servers.get(*place)?;
            let key = real.dest(self.key);
            let alike = self.server.real_servers.iter();
            let alike = alike.filter(|other| other.key.ip == key.ip && other.dest(self.key) == key);
            let sorry = self.server.sorry.as_ref();
            let is_sorry = sorry.is_some_and(|sorry| sorry.dest(self.key) == key);
            if !self.stays(real) || is_sorry || alike.count() > 1 {
                return None;
            }
            Some((key, dest_of(real, self.weight(*place, real, replaced)?)))
        };
        places.iter().map(one).collect()
    }

    /// Whether the sorry server serves in the place of the others.
    fn is_replaced(&self) -> bool {
        self.server.sorry.is_some() && !self.verdicts.quorum(self.place)
    }

    /// Whether it is in the table while it does not serve.
    fn stays(&self, real: &RealServer) -> bool {
        real.inhibit || self.handling == Handling::Quiesce
    }

    /// What a real server weighs; `None` where it is absent.
    fn weight(&self, place: usize, real: &RealServer, replaced: bool) -> Option<Weight> {
        match self.verdicts.weight(self.place, place) {
            Some(weight) if !replaced => Some(weight),
            _ => self.stays(real).then_some(Weight::QUIESCED),
        }
    }

    /// Where the quorum is lost, the sorry server serves in the place of the others; otherwise it
    /// is absent, or waits at weight 0.
    fn fill(&self) -> Pool {
        let sorry = self.server.sorry.as_ref();
        let replaced = self.is_replaced();
        let mut pool = self.real_servers(replaced);
        let Some(sorry) = sorry else { return pool };
        let key = sorry.dest(self.key);
        if replaced {
            pool.insert(key, dest(sorry, Weight::ONE));
        } else if sorry.inhibit && !pool.contains(&key) {
            pool.insert(key, dest(sorry, Weight::QUIESCED));
        }
        pool
    }

    fn real_servers(&self, replaced: bool) -> Pool {
        let mut pool = Pool::with_capacity(self.server.real_servers.len());
        for (place, real) in self.server.real_servers.iter().enumerate() {
            let Some(weight) = self.weight(place, real, replaced) else {
                continue;
            };
            let key = real.dest(self.key);
            // Ports of a group's members may make one of two real servers: the first one counts.
            pool.add(key, dest_of(real, weight));
        }
        pool
    }
}

fn dest_of(real: &RealServer, weight: Weight) -> Dest {
    Dest {
        weight,
        method: real.method,
        thresholds: real.thresholds,
    }
}

fn dest(sorry: &SorryServer, weight: Weight) -> Dest {
    Dest {
        weight,
        method: sorry.method,
        thresholds: Thresholds::default(),
    }
}
