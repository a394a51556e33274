use crate::model::schedule::Scheduler;
use crate::model::service::DestKey;
use crate::model::table::{Pool, Table};

/// Services whose dests entered in another order than the file has them, where that decides which
/// client goes to which server: two directors of a pair then map differently.
pub fn order_notes(observed: &Table, desired: &Table) -> Vec<String> {
    let hashing = desired
        .iter()
        .filter(|(_, want)| matches!(want.settings.scheduler, Scheduler::Sh | Scheduler::Mh));
    let differs = hashing.filter(|(key, want)| {
        let have = observed.get(key);
        have.is_some_and(|have| common(&have.pool, &want.pool) != common(&want.pool, &have.pool))
    });
    let note = |(key, want): (&_, &crate::model::table::Service)| {
        format!(
            "{key}: {} maps clients by the order in which its servers entered, which is not that of the file; a director that starts afresh maps them differently",
            want.settings.scheduler
        )
    };
    differs.map(note).collect()
}

/// The dests of `pool` that are in `other` too, in order of entry.
fn common<'a>(pool: &'a Pool, other: &Pool) -> Vec<&'a DestKey> {
    pool.in_order().filter(|key| other.contains(key)).collect()
}
