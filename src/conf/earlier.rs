use std::collections::HashMap;
use std::sync::Arc;

use crate::model::director::Director;
use crate::model::server::VirtualServer;
use crate::model::service::VirtualServerKey;

/// The virtual servers of an earlier reading. One that still says the same is taken from there while
/// the file is read, so that a file of a hundred thousand real servers is never in memory twice.
#[derive(Default)]
pub(super) struct Earlier<'a>(HashMap<&'a VirtualServerKey, &'a Arc<VirtualServer>>);

impl<'a> Earlier<'a> {
    pub(super) fn of(director: &'a Director) -> Self {
        let servers = director.virtual_servers.iter();
        Self(servers.map(|server| (&server.key, server)).collect())
    }

    /// The earlier one where it is the same.
    pub(super) fn share(&self, server: Arc<VirtualServer>) -> Arc<VirtualServer> {
        match self.0.get(&server.key) {
            Some(earlier) if **earlier == server => Arc::clone(earlier),
            _ => server,
        }
    }
}
