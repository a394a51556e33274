use super::notify::{Fifos, Mail};
use super::server::VirtualServer;
use super::text::Text;

/// Everything one host should do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Director {
    /// No service key occurs twice over all of them.
    pub virtual_servers: Vec<VirtualServer>,
    pub globals: Globals,
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
