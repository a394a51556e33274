use std::collections::{BTreeMap, BTreeSet};

/// How far an event reaches into the table: what may look otherwise after it, by places in the
/// director.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach(BTreeMap<usize, Extent>);

/// What of a virtual server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// These real servers.
    Servers(BTreeSet<usize>),
    /// Any of them, and the sorry server.
    Pool,
}

impl Reach {
    pub(super) fn server(&mut self, virtual_server: usize, real_server: usize) {
        let extent = self.0.entry(virtual_server);
        if let Extent::Servers(servers) = extent.or_insert_with(|| Extent::Servers(BTreeSet::new()))
        {
            servers.insert(real_server);
        }
    }

    pub(super) fn pool(&mut self, virtual_server: usize) {
        self.0.insert(virtual_server, Extent::Pool);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Both together.
    pub fn join(&mut self, other: Self) {
        for (virtual_server, extent) in other.0 {
            match extent {
                Extent::Pool => self.pool(virtual_server),
                Extent::Servers(servers) => {
                    for real_server in servers {
                        self.server(virtual_server, real_server);
                    }
                }
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Extent)> {
        self.0.iter().map(|(place, extent)| (*place, extent))
    }
}
