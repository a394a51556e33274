use super::check::Check;
use super::forward::ForwardingMethod;
use super::limits::{Thresholds, Weight};
use super::name::Name;
use super::persist::Persistence;
use super::quorum::Quorum;
use super::schedule::{Scheduler, SchedulerFlags};
use super::script::Script;
use super::service::{DestKey, ServiceKey, VirtualServerKey};
use super::text::Text;

/// A `virtual_server` block: what one or more services should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualServer {
    pub key: VirtualServerKey,
    /// The services it stands for.
    /// At least one; several only for a group.
    pub keys: Vec<ServiceKey>,
    pub scheduler: Scheduler,
    pub flags: SchedulerFlags,
    /// `ops`: every packet is a connection of its own; UDP and marks only.
    pub one_packet: bool,
    pub persistence: Option<Persistence>,
    /// `persistence_engine`; the kernel knows `sip`. Has an effect only with `persistence`.
    pub engine: Option<Name>,
    /// In file order, which is the order they enter an empty service. Unique by key.
    pub real_servers: Vec<RealServer>,
    pub quorum: Quorum,
    pub sorry: Option<SorryServer>,
    /// `None` where none of it is said.
    pub details: Option<Box<VirtualServerDetails>>,
}

/// What few virtual servers say; none of it is in the kernel's table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VirtualServerDetails {
    /// `quorum_up`: runs when the quorum is gained.
    pub quorum_up: Option<Script>,
    /// `quorum_down`: runs when the quorum is lost.
    pub quorum_down: Option<Script>,
    /// `omega`: an orderly stop runs what going down would run.
    pub omega: bool,
    /// `ha_suspend`: nothing is asked while the host lacks the address of the service.
    pub ha_suspend: bool,
    /// `smtp_alert`; `None`: as `global_defs` says, else no mail.
    pub smtp_alert: Option<bool>,
    /// `virtualhost`; checks already have it.
    pub virtualhost: Option<Text>,
    pub snmp_name: Option<Text>,
}

impl VirtualServer {
    /// What all its real servers weigh together while they are healthy.
    pub fn weight(&self) -> u64 {
        let weights = self
            .real_servers
            .iter()
            .map(|real| u64::from(real.weight.get()));
        weights.sum()
    }
}

/// A `sorry_server`: takes the connections while the quorum is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SorryServer {
    pub key: DestKey,
    pub method: ForwardingMethod,
    /// `sorry_server_inhibit`: weight 0 while it is not needed, instead of absent.
    pub inhibit: bool,
}

impl SorryServer {
    /// What it is under one of the services of its virtual server.
    pub fn dest(&self, service: &ServiceKey) -> DestKey {
        delivered(self.key, self.method, service)
    }
}

/// A `real_server` block: what one dest should be while it is healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealServer {
    /// Address and port as the virtual server has them; what a service of a group makes of them
    /// is [`RealServer::dest`].
    pub key: DestKey,
    /// Of a healthy server.
    pub weight: Weight,
    pub method: ForwardingMethod,
    pub thresholds: Thresholds,
    /// `inhibit_on_failure`: weight 0 when down, whatever the mode.
    pub inhibit: bool,
    /// All must pass. Empty: always up.
    pub checks: Vec<Check>,
    /// `None` where none of it is said.
    pub details: Option<Box<RealServerDetails>>,
}

/// What few real servers say; none of it is in the kernel's table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RealServerDetails {
    /// `notify_up`: runs when the server comes up.
    pub notify_up: Option<Script>,
    /// `notify_down`: runs when the server goes down.
    pub notify_down: Option<Script>,
    /// `smtp_alert`; `None`: as `global_defs` says, else mail is sent.
    pub smtp_alert: Option<bool>,
    /// `virtualhost`; checks already have it.
    pub virtualhost: Option<Text>,
    pub snmp_name: Option<Text>,
}

impl RealServer {
    /// What it is under one of the services of its virtual server.
    pub fn dest(&self, service: &ServiceKey) -> DestKey {
        delivered(self.key, self.method, service)
    }
}

/// Only masquerading changes the destination port; the port of a mark is 0.
fn delivered(key: DestKey, method: ForwardingMethod, service: &ServiceKey) -> DestKey {
    let port = match service {
        _ if method.rewrites_port() => key.port,
        ServiceKey::Address(_, endpoint) => endpoint.port,
        ServiceKey::Mark(..) => 0,
    };
    DestKey { port, ..key }
}
