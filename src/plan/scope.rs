use std::collections::BTreeSet;

use crate::model::service::ServiceKey;
use crate::model::table::Table;

/// An observed table, divided by whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scoped {
    /// Named by the file, or by our record of an earlier run. Everything inside is ours too.
    pub ours: Table,
    /// Never touched.
    pub foreign: Vec<ServiceKey>,
}

/// Divides by service key: ours is what the file names or what we are known to have made.
pub fn scope(observed: Table, desired: &Table, owned: &BTreeSet<ServiceKey>) -> Scoped {
    let mut scoped = Scoped::default();
    for (key, service) in observed {
        if desired.contains_key(&key) || owned.contains(&key) {
            scoped.ours.insert(key, service);
        } else {
            scoped.foreign.push(key);
        }
    }
    scoped
}
