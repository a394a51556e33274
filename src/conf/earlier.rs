use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::director::Director;
use crate::model::server::VirtualServer;
use crate::model::service::VirtualServerKey;

/// The virtual servers of an earlier reading. One that still says the same is taken from there while
/// the file is read, so that a file of a hundred thousand real servers is never in memory twice.
pub(super) struct Earlier<'a> {
    director: &'a Director,
    /// Found out when somebody asks: most are known by their text.
    by_key: OnceCell<HashMap<&'a VirtualServerKey, &'a Arc<VirtualServer>>>,
}

impl<'a> Earlier<'a> {
    pub(super) fn of(director: &'a Director) -> Self {
        Self {
            director,
            by_key: OnceCell::new(),
        }
    }

    fn get(&self, key: &VirtualServerKey) -> Option<&'a Arc<VirtualServer>> {
        let servers = self.director.virtual_servers.iter();
        let by_key = || servers.map(|server| (&server.key, server)).collect();
        self.by_key.get_or_init(by_key).get(key).copied()
    }

    /// The earlier one where it is the same; else with the probes of that one, as far as they are.
    pub(super) fn share(&self, mut server: Arc<VirtualServer>) -> Arc<VirtualServer> {
        let Some(earlier) = self.get(&server.key) else {
            return server;
        };
        if server == *earlier {
            return Arc::clone(earlier);
        }
        share_probes(Arc::make_mut(&mut server), earlier);
        server
    }
}

/// Of real servers that stand where they stood.
fn share_probes(server: &mut VirtualServer, earlier: &VirtualServer) {
    let servers = server.real_servers.iter_mut().zip(&earlier.real_servers);
    let checks = servers.flat_map(|(real, earlier)| real.checks.iter_mut().zip(&earlier.checks));
    for (check, earlier) in checks.filter(|(check, earlier)| check.probe == earlier.probe) {
        check.probe = Arc::clone(&earlier.probe);
    }
}
