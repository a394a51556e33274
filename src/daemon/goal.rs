use std::sync::Arc;

use crate::health::{FailedServers, Handling};
use crate::model::director::{Director, Timeouts};
use crate::model::service::{Protocol, ServiceKey};
use crate::model::table::Table;
use crate::plan::Named;
use crate::sys::sysctl::Sysctl;

/// What follows from the file alone and stays until it is read again.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// A dest that is in the table and not here has left the file.
    pub named: Named,
    pub timeouts: Timeouts,
    pub sysctls: Vec<Sysctl>,
}

/// What the kernel thread is to bring about.
#[derive(Clone, Debug)]
pub struct Goal {
    pub desired: Table,
    pub standing: Arc<Standing>,
}

impl Standing {
    pub fn new(director: &Director, failed: FailedServers, sysctl: bool) -> Self {
        let (mut persistent, mut loses_udp) = (false, false);
        for server in &director.virtual_servers {
            persistent |= server.persistence.is_some();
            for key in &server.keys {
                let udp = matches!(key, ServiceKey::Address(Protocol::Udp, _));
                loses_udp |= udp && failed.of_service(key, server) == Handling::Remove;
            }
        }
        let needed = [
            (persistent, Sysctl::ExpireQuiescentTemplate),
            (loses_udp, Sysctl::ExpireNodestConn),
        ];
        let needed = needed.into_iter().filter(|(needed, _)| sysctl && *needed);
        Self {
            named: Named::by(director),
            timeouts: director.globals.timeouts,
            sysctls: needed.map(|(_, sysctl)| sysctl).collect(),
        }
    }
}
