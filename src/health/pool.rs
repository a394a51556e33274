use super::failed::{FailedServers, Handling};
use crate::model::director::Director;
use crate::model::limits::Weight;
use crate::model::server::{RealServer, VirtualServer};
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
        let weight = if is_up(key, &real.key) {
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
        Some((real.key, dest))
    };
    server.real_servers.iter().filter_map(dest).collect()
}
