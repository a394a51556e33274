use crate::model::table::{Dest, Table};

/// `desired`, but with the weight that each dest of `observed` has now.
pub fn keep_weights(observed: &Table, mut desired: Table) -> Table {
    keep_weights_where(observed, &mut desired, |_| true);
    desired
}

/// `desired`, but with dests that are at weight 0 now left there, because a daemon that holds the
/// table may know them to be down.
pub fn keep_quiesced(observed: &Table, mut desired: Table) -> Table {
    keep_weights_where(observed, &mut desired, |have| have.weight.get() == 0);
    desired
}

fn keep_weights_where(observed: &Table, desired: &mut Table, keep: impl Fn(&Dest) -> bool) {
    for (key, service) in desired {
        let Some(have) = observed.get(key) else {
            continue;
        };
        for (dest, now) in have.pool.iter().filter(|(_, now)| keep(now)) {
            if let Some(want) = service.pool.get_mut(dest) {
                want.weight = now.weight;
            }
        }
    }
}
