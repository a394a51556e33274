//! Servers that keepalived keeps out of the table until a check has passed. `apply` runs no check
//! and takes every server as healthy, so that its table is another, and which is known.

use lvsctl::model::director::Director;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::server::{RealServer, VirtualServer};
use lvsctl::model::service::{DestKey, ServiceKey};
use lvsctl::model::table::{Dest, Pool, Table};

/// Makes the table of `apply` the one that keepalived starts with.
pub fn without(table: &mut Table, director: &Director) {
    for server in &director.virtual_servers {
        if !server.real_servers.iter().any(waits) {
            continue;
        }
        for key in &server.keys {
            if let Some(service) = table.get_mut(key) {
                start(&mut service.pool, key, server);
            }
        }
    }
}

/// A server with `alpha` is down until each of its checks that has it has passed; one whose script
/// is not there stays down for ever.
fn waits(real: &RealServer) -> bool {
    real.checks.iter().any(|check| check.policy.alpha)
}

fn start(pool: &mut Pool, key: &ServiceKey, server: &VirtualServer) {
    for real in server.real_servers.iter().filter(|real| waits(real)) {
        leave(pool, real.dest(key), real.inhibit);
    }
    let Some(sorry) = server.sorry else { return };
    let live = server.real_servers.iter().filter(|real| !waits(real));
    let weight: u64 = live.clone().map(|real| u64::from(real.weight.get())).sum();
    // Gained at a start like at any other time: with the hysteresis above the quorum.
    let wanted = u64::from(server.quorum.minimum) + u64::from(server.quorum.hysteresis);
    if weight >= wanted {
        return;
    }
    for real in live {
        leave(pool, real.dest(key), real.inhibit);
    }
    let dest = Dest {
        weight: Weight::ONE,
        method: sorry.method,
        thresholds: Thresholds::default(),
    };
    pool.insert(sorry.dest(key), dest);
}

/// What becomes of a server that is down.
fn leave(pool: &mut Pool, key: DestKey, inhibit: bool) {
    if !inhibit {
        pool.remove(&key);
    } else if let Some(dest) = pool.get_mut(&key) {
        dest.weight = Weight::QUIESCED;
    }
}
