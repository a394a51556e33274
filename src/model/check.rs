use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::service::Endpoint;

/// How a real server is asked whether it serves, and how patiently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Check {
    pub probe: Probe,
    pub policy: Policy,
}

/// One question to one target. Equal probes give equal answers, so they are asked once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Probe {
    pub kind: ProbeKind,
    /// Where the question goes: `connect_ip` and `connect_port`, or the real server's own.
    pub target: Endpoint,
    /// `bindto`: the local address the question is asked from.
    pub bind: Option<IpAddr>,
    /// `connect_timeout`: silence for longer is a failure. 1 µs to 4,294.967295 s.
    pub timeout: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    /// `TCP_CHECK`: the connection is established.
    Tcp,
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ProbeKind::Tcp => write!(f, "TCP connect to {}", self.target),
        }
    }
}

/// How patient a check is.
///
/// Source: `retry`, `delay_loop`, `delay_before_retry`, `warmup`, `alpha` in keepalived.conf(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Policy {
    /// Failures in a row that a server survives once it has been checked.
    pub retry: u32,
    /// From the end of one check to the start of the next; above zero.
    pub delay_loop: Duration,
    /// From a failure to its recheck while the server is still up.
    pub delay_before_retry: Duration,
    /// The first check waits one second and a random share of this.
    pub warmup: Duration,
    /// The server starts down and is admitted by its first passed check.
    pub alpha: bool,
}
