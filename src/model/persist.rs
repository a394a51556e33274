use std::fmt;
use std::net::Ipv4Addr;

use super::service::Family;

/// Connections of one client, or of one client network, stay with one dest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Persistence {
    /// Seconds a client is remembered after its last connection. A file may ask for
    /// 1 to 2,678,400 (31 days); a kernel may report anything.
    pub timeout: u32,
    pub granularity: Granularity,
}

/// Which clients count as one. Source: `persistence_granularity` in keepalived.conf(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Granularity {
    /// The netmask of an IPv4 service; the kernel takes any, contiguous or not.
    Netmask(Ipv4Addr),
    /// The prefix length of an IPv6 service, 1 to 128.
    Prefix(u8),
}

impl Granularity {
    /// Every client for itself.
    pub const fn host(family: Family) -> Self {
        match family {
            Family::Inet => Self::Netmask(Ipv4Addr::BROADCAST),
            Family::Inet6 => Self::Prefix(128),
        }
    }
}

impl fmt::Display for Granularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Netmask(mask) => mask.fmt(f),
            Self::Prefix(length) => write!(f, "/{length}"),
        }
    }
}
