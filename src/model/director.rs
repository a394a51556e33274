use std::collections::BTreeSet;
use std::sync::Arc;

use super::check::ProbeKind;
use super::notify::{Fifos, Mail};
use super::schedule::{Scheduler, engine_module};
use super::script::{Script, ScriptRules};
use super::server::VirtualServer;
use super::text::Text;

/// Everything one host should do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Director {
    /// No service key occurs twice over all of them. Those of two readings of a file are mostly the
    /// same, and shared.
    pub virtual_servers: Vec<Arc<VirtualServer>>,
    pub globals: Globals,
}

impl Director {
    /// Names of the kernel modules that its services need beside `ip_vs`.
    pub fn modules(&self) -> BTreeSet<String> {
        let servers = self.virtual_servers.iter();
        let schedulers: BTreeSet<_> = servers.clone().map(|server| &server.scheduler).collect();
        let engines: BTreeSet<_> = servers
            .filter_map(|server| server.engine.as_ref())
            .collect();
        let schedulers = schedulers.into_iter().map(Scheduler::module);
        let engines = engines.into_iter().map(engine_module);
        schedulers.chain(engines).collect()
    }

    /// Every script that may have to be run.
    pub fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.virtual_servers.iter().flat_map(|server| {
            let details = server.details.iter();
            let quorum = details.flat_map(|details| [&details.quorum_up, &details.quorum_down]);
            let real = server.real_servers.iter().flat_map(|real| {
                let details = real.details.iter();
                let notify = details.flat_map(|details| [&details.notify_up, &details.notify_down]);
                let checks = real
                    .checks
                    .iter()
                    .filter_map(|check| match &check.probe.kind {
                        ProbeKind::Misc(misc) => Some(&misc.script),
                        _ => None,
                    });
                notify.flatten().chain(checks)
            });
            quorum.flatten().chain(real)
        })
    }
}

/// The words outside virtual servers that the load-balancing half acts on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Globals {
    /// `lvs_timeouts`.
    pub timeouts: Timeouts,
    /// `net_namespace`: where everything happens, checks included.
    pub namespace: Option<String>,
    /// `net_namespace_ipvs`: where the table is, if elsewhere.
    pub ipvs_namespace: Option<String>,
    /// `instance`: keeps the state of two daemons on one host apart.
    pub instance: Option<String>,
    /// `lvs_flush_on_stop`: an orderly stop removes what is ours.
    pub flush_on_stop: bool,
    /// `router_id`: what this host is called in mail; `None`: its own name.
    pub router_id: Option<Text>,
    pub mail: Mail,
    pub fifos: Fifos,
    /// `script_user` and `enable_script_security`.
    pub scripts: ScriptRules,
    /// `rs_init_notifies`: of a real server that is up from the start others are told too.
    pub init_notifies: bool,
    /// `checker_log_all_failures`: as if every check said `log_all_failures`.
    pub log_all_failures: bool,
}

/// Connection timeouts of the whole namespace, in seconds, 0 to 2,678,400; 0 leaves the kernel's.
///
/// Source: `IPVS_CMD_ATTR_TIMEOUT_*` in `linux/ip_vs.h`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    pub tcp: u32,
    pub tcp_fin: u32,
    pub udp: u32,
}
