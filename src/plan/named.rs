use std::collections::BTreeMap;

use crate::model::director::Director;
use crate::model::service::{DestKey, ServiceKey};

/// Every dest that a file names, whether or not it serves just now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named(BTreeMap<ServiceKey, Box<[DestKey]>>);

impl Named {
    /// The real servers and sorry servers of a director.
    pub fn by(director: &Director) -> Self {
        let services = director.virtual_servers.iter().flat_map(|server| {
            server.keys.iter().map(|key| {
                let sorry = server.sorry.iter().map(|sorry| sorry.dest(key));
                let real = server.real_servers.iter().map(|real| real.dest(key));
                (*key, real.chain(sorry).collect())
            })
        });
        Self::of(services)
    }

    /// The dests of each service, in any order.
    fn of(services: impl IntoIterator<Item = (ServiceKey, Vec<DestKey>)>) -> Self {
        let services = services.into_iter().map(|(service, mut dests)| {
            dests.sort_unstable();
            (service, dests.into())
        });
        Self(services.collect())
    }

    /// Whether a dest of a service is among them.
    pub fn contains(&self, (service, dest): &(ServiceKey, DestKey)) -> bool {
        self.of_service(service).binary_search(dest).is_ok()
    }

    /// The dests of a service, sorted.
    pub(super) fn of_service(&self, service: &ServiceKey) -> &[DestKey] {
        self.0.get(service).map(AsRef::as_ref).unwrap_or_default()
    }
}

impl FromIterator<(ServiceKey, DestKey)> for Named {
    fn from_iter<I: IntoIterator<Item = (ServiceKey, DestKey)>>(servers: I) -> Self {
        let mut named: BTreeMap<ServiceKey, Vec<DestKey>> = BTreeMap::new();
        for (service, dest) in servers {
            named.entry(service).or_default().push(dest);
        }
        Self::of(named)
    }
}
