use std::collections::BTreeMap;
use std::time::Duration;

use super::named::Named;
use crate::model::limits::Weight;
use crate::model::moment::Moment;
use crate::model::schedule::Scheduler;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Connections, Dest, Pool, Service, Settings, Table};

/// Dests that left the file and may still have connections, with the moment they left.
pub type Draining = BTreeMap<(ServiceKey, DestKey), Moment>;

/// Every dest of `ours` that the file does not name: those that have left it.
pub fn leaving(ours: &Table, named: &Named) -> Vec<(ServiceKey, DestKey)> {
    let mut leaving = Vec::new();
    for (service, have) in ours {
        let named = named.of_service(service);
        // Nothing has left most services, at most reloads.
        if have.pool.iter().map(|(dest, _)| dest).eq(named) {
            continue;
        }
        let dests = have.pool.iter().map(|(dest, _)| *dest);
        let gone = dests.filter(|dest| named.binary_search(dest).is_err());
        leaving.extend(gone.map(|dest| (*service, dest)));
    }
    leaving
}

/// Keeps the dests that are draining in the table that should be, at weight 0.
///
/// A service that left the file with its last dest stays, as it is, until they are gone: deleting
/// it would cut their connections.
pub fn hold(desired: &mut Table, ours: &Table, draining: &Draining) {
    for (service, dest) in draining.keys() {
        let Some(have) = ours.get(service) else {
            continue;
        };
        let Some(mut kept) = have.pool.get(dest).copied() else {
            continue;
        };
        kept.weight = Weight::QUIESCED;
        let entry = desired.entry(*service).or_insert_with(|| Service {
            settings: have.settings.clone(),
            pool: Pool::default(),
        });
        if entry.pool.contains(dest) {
            continue;
        }
        let serves = |(_, dest): (&_, &Dest)| dest.weight > Weight::QUIESCED;
        let others_serve = entry.pool.iter().any(serves);
        if !others_serve || passed_over(&mut entry.settings) {
            entry.pool.insert(*dest, kept);
        }
    }
}

/// Has the scheduler pass over a dest at weight 0 where it would choose it and then refuse the
/// client. False where it cannot be told to.
fn passed_over(settings: &mut Settings) -> bool {
    match settings.scheduler {
        Scheduler::Sh | Scheduler::Mh => settings.flags.flag1 = true,
        Scheduler::Dh => return false,
        _ => {}
    }
    true
}

/// Forgets those whose drain is over: named by the file again, gone from the table, without
/// connections, or longer than `grace` on their way.
///
/// Connections that were closed count too, until the kernel has forgotten them: a client that uses
/// a port again goes where it went, and is not heard there once the dest has gone.
pub fn settle(
    draining: &mut Draining,
    ours: &Table,
    named: &Named,
    grace: Duration,
    now: Moment,
    mut connections: impl FnMut(&ServiceKey, &DestKey) -> Connections,
) {
    draining.retain(|server, since| {
        let (service, dest) = server;
        let there = ours.get(service).and_then(|have| have.pool.get(dest));
        let Some(have) = there else {
            return false;
        };
        // Until its weight is 0 it still takes connections, so that having none says nothing.
        let Connections {
            active, inactive, ..
        } = connections(service, dest);
        let quiet = have.weight == Weight::QUIESCED && active == 0 && inactive == 0;
        !named.contains(server) && !quiet && now.since(*since) < grace
    });
}
