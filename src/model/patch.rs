use std::collections::BTreeMap;

use super::service::{DestKey, ServiceKey};
use super::table::{Dest, Table};

/// A part of a table as it should be now; the rest stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// Whole services.
    pub services: Table,
    /// Dests of other services, which otherwise stand.
    pub dests: BTreeMap<(ServiceKey, DestKey), Dest>,
}

impl Patch {
    /// What is left of both where `newer` came later and neither was begun.
    #[must_use]
    pub fn then(mut self, newer: Self) -> Self {
        let Self { services, dests } = newer;
        self.dests
            .retain(|(service, _), _| !services.contains_key(service));
        self.services.extend(services);
        for (at, dest) in dests {
            let (service, key) = at;
            match self.services.get_mut(&service) {
                Some(service) => drop(service.pool.insert(key, dest)),
                None => drop(self.dests.insert(at, dest)),
            }
        }
        self
    }

    /// Brings a table up to it. A dest whose service is not there is passed over.
    pub fn apply(self, table: &mut Table) {
        table.extend(self.services);
        for ((service, key), dest) in self.dests {
            if let Some(service) = table.get_mut(&service) {
                service.pool.insert(key, dest);
            }
        }
    }
}
