use super::check::Check;
use super::forward::ForwardingMethod;
use super::limits::{Thresholds, Weight};
use super::name::Name;
use super::persist::Persistence;
use super::schedule::{Scheduler, SchedulerFlags};
use super::service::{DestKey, ServiceKey};

/// A `virtual_server` block: what one or more services should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualServer {
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
}

/// A `real_server` block: what one dest should be while it is healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealServer {
    pub key: DestKey,
    /// Of a healthy server.
    pub weight: Weight,
    pub method: ForwardingMethod,
    pub thresholds: Thresholds,
    /// `inhibit_on_failure`: weight 0 when down, whatever the mode.
    pub inhibit: bool,
    /// All must pass. Empty: always up.
    pub checks: Vec<Check>,
}
