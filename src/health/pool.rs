use super::failed::{FailedServers, Handling};
use crate::model::director::Director;
use crate::model::limits::{Thresholds, Weight};
use crate::model::server::{RealServer, SorryServer, VirtualServer};
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Dest, Pool, Service, Settings, Table};

/// The table for a one-shot, which has no verdicts: every server serves.
pub fn all_up(director: &Director) -> Table {
    desired(director, FailedServers::Auto, |_, _| true)
}

/// The table that should be, given who is up.
pub fn desired(
    director: &Director,
    failed: FailedServers,
    is_up: impl Fn(&ServiceKey, &DestKey) -> bool,
) -> Table {
    let mut table = Table::new();
    for server in &director.virtual_servers {
        for key in &server.keys {
            let pool = pool(key, server, failed, &is_up);
            let settings = settings(server);
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

fn pool(
    key: &ServiceKey,
    server: &VirtualServer,
    failed: FailedServers,
    is_up: &impl Fn(&ServiceKey, &DestKey) -> bool,
) -> Pool {
    let dest = |real: &RealServer| {
        let dest_key = real.dest(key);
        let weight = if is_up(key, &dest_key) {
            real.weight
        } else if failed.of_server(key, server, real) == Handling::Quiesce {
            Weight::QUIESCED
        } else {
            return None;
        };
        let dest = Dest {
            weight,
            method: real.method,
            thresholds: real.thresholds,
        };
        Some((dest_key, dest))
    };
    let mut pool = Pool::default();
    for (key, dest) in server.real_servers.iter().filter_map(dest) {
        // Ports of a group's members may make one of two real servers: the first one counts.
        if !pool.contains(&key) {
            pool.insert(key, dest);
        }
    }
    if let Some(sorry) = &server.sorry {
        with_sorry_server(&mut pool, key, server, sorry);
    }
    pool
}

/// Where all real servers together do not gain the quorum, the sorry server serves in their place,
/// as at keepalived's start; otherwise it is absent, or waits at weight 0.
fn with_sorry_server(
    pool: &mut Pool,
    key: &ServiceKey,
    server: &VirtualServer,
    sorry: &SorryServer,
) {
    let lost = !server.quorum.is_gained_by(server.weight());
    if lost {
        for real in &server.real_servers {
            let dest = real.dest(key);
            if !real.inhibit {
                pool.remove(&dest);
            } else if let Some(dest) = pool.get_mut(&dest) {
                dest.weight = Weight::QUIESCED;
            }
        }
    }
    let weight = if lost { Weight::ONE } else { Weight::QUIESCED };
    let dest = Dest {
        weight,
        method: sorry.method,
        thresholds: Thresholds::default(),
    };
    let key = sorry.dest(key);
    if lost || (sorry.inhibit && !pool.contains(&key)) {
        pool.insert(key, dest);
    }
}
