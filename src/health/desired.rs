use std::collections::BTreeSet;

use super::failed::{FailedServers, Handling};
use crate::model::director::Director;
use crate::model::limits::{Thresholds, Weight};
use crate::model::server::{SorryServer, VirtualServer};
use crate::model::service::ServiceKey;
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
    let all = (0..director.virtual_servers.len()).collect();
    part(director, &all, failed, verdicts)
}

/// The services of some virtual servers, by their places in the director.
pub fn part(
    director: &Director,
    places: &BTreeSet<usize>,
    failed: FailedServers,
    verdicts: &impl Verdicts,
) -> Table {
    let mut table = Table::new();
    for place in places {
        let Some(server) = director.virtual_servers.get(*place) else {
            continue;
        };
        for key in &server.keys {
            let pool = Filling {
                key,
                server,
                place: *place,
                handling: failed.of_service(key, server),
                verdicts,
            };
            let settings = settings(server);
            let pool = pool.fill();
            table.insert(*key, Service { settings, pool });
        }
    }
    table
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

impl<V: Verdicts> Filling<'_, V> {
    /// Where the quorum is lost, the sorry server serves in the place of the others; otherwise it
    /// is absent, or waits at weight 0.
    fn fill(&self) -> Pool {
        let sorry = self.server.sorry.as_ref();
        let lost = !self.verdicts.quorum(self.place);
        let mut pool = self.real_servers(sorry.is_some() && lost);
        let Some(sorry) = sorry else { return pool };
        let key = sorry.dest(self.key);
        if lost {
            pool.insert(key, dest(sorry, Weight::ONE));
        } else if sorry.inhibit && !pool.contains(&key) {
            pool.insert(key, dest(sorry, Weight::QUIESCED));
        }
        pool
    }

    fn real_servers(&self, replaced: bool) -> Pool {
        let mut pool = Pool::default();
        for (place, real) in self.server.real_servers.iter().enumerate() {
            let live = self.verdicts.weight(self.place, place);
            let stays = real.inhibit || self.handling == Handling::Quiesce;
            let weight = match live {
                Some(weight) if !replaced => weight,
                _ if stays => Weight::QUIESCED,
                _ => continue,
            };
            let key = real.dest(self.key);
            // Ports of a group's members may make one of two real servers: the first one counts.
            if !pool.contains(&key) {
                let dest = Dest {
                    weight,
                    method: real.method,
                    thresholds: real.thresholds,
                };
                pool.insert(key, dest);
            }
        }
        pool
    }
}

fn dest(sorry: &SorryServer, weight: Weight) -> Dest {
    Dest {
        weight,
        method: sorry.method,
        thresholds: Thresholds::default(),
    }
}
