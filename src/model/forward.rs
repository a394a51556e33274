use std::fmt;
use std::num::NonZeroU16;

/// How a packet reaches a dest. Source: `IP_VS_CONN_F_FWD_MASK` in `linux/ip_vs.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForwardingMethod {
    /// `NAT`: the destination address and port are rewritten.
    Masquerade,
    /// Delivered to this host; only ever read from a kernel.
    LocalNode,
    /// `TUN`.
    Tunnel(Tunnel),
    /// `DR`: sent unchanged to the dest's link-layer address.
    DirectRoute,
    /// Kernel-internal; only ever read.
    Bypass,
    /// 5 to 7: the kernel stores them and they mean nothing; only ever read.
    Undefined(u8),
}

impl ForwardingMethod {
    /// Only masquerading can change the destination port.
    pub const fn rewrites_port(self) -> bool {
        matches!(self, Self::Masquerade)
    }
}

impl fmt::Display for ForwardingMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Masquerade => f.write_str("NAT"),
            Self::LocalNode => f.write_str("local"),
            Self::Tunnel(tunnel) => write!(f, "TUN {tunnel}"),
            Self::DirectRoute => f.write_str("DR"),
            Self::Bypass => f.write_str("bypass"),
            Self::Undefined(number) => write!(f, "method {number}"),
        }
    }
}

/// Encapsulation of a tunnelled dest. Source: `IP_VS_CONN_F_TUNNEL_TYPE_*` in `linux/ip_vs.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tunnel {
    Ipip,
    /// Generic UDP encapsulation, to this port.
    Gue(NonZeroU16, TunnelChecksum),
    /// Without remote checksum, which GRE does not know.
    Gre {
        checksum: bool,
    },
    /// What a kernel reports and none of the above describes; only ever read.
    Other {
        kind: u8,
        port: u16,
        flags: u16,
    },
}

/// `nocsum`, `csum` and `remcsum` of `lb_kind TUN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TunnelChecksum {
    None,
    Full,
    Remote,
}

impl fmt::Display for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipip => f.write_str("ipip"),
            Self::Gue(port, TunnelChecksum::None) => write!(f, "gue port {port}"),
            Self::Gue(port, TunnelChecksum::Full) => write!(f, "gue port {port} csum"),
            Self::Gue(port, TunnelChecksum::Remote) => write!(f, "gue port {port} remcsum"),
            Self::Gre { checksum: false } => f.write_str("gre"),
            Self::Gre { checksum: true } => f.write_str("gre csum"),
            Self::Other { kind, port, flags } => {
                write!(f, "type {kind} port {port} flags {flags:#x}")
            }
        }
    }
}
