use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;

use super::text::Text;

/// Address family of a service, `AF_INET` or `AF_INET6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    Inet,
    Inet6,
}

impl Family {
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Inet,
            IpAddr::V6(_) => Self::Inet6,
        }
    }

    /// The word of keepalived's `ip_family`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inet => "inet",
            Self::Inet6 => "inet6",
        }
    }
}

/// Transport protocol of a service.
///
/// The kernel stores any number it is given; what is not one of the three is only ever read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
    Other(u16),
}

impl Protocol {
    /// The number of the IANA registry, as `IPVS_SVC_ATTR_PROTOCOL` carries it.
    pub const fn number(self) -> u16 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
            Self::Other(number) => number,
        }
    }

    pub const fn from_number(number: u16) -> Self {
        match number {
            6 => Self::Tcp,
            17 => Self::Udp,
            132 => Self::Sctp,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp => f.write_str("TCP"),
            Self::Udp => f.write_str("UDP"),
            Self::Sctp => f.write_str("SCTP"),
            Self::Other(number) => write!(f, "protocol {number}"),
        }
    }
}

/// An address with a port; no scope and no flow label, unlike `SocketAddr`.
///
/// Port 0 of a service means every port, of a dest the port the packet came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    pub ip: IpAddr,
    pub port: u16,
}

impl Endpoint {
    pub const fn new(ip: IpAddr, port: u16) -> Self {
        Self { ip, port }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip {
            IpAddr::V4(ip) => {
                let mut text = Decimals::default();
                for (octet, end) in ip.octets().into_iter().zip([b'.', b'.', b'.', b':']) {
                    text.number(octet.into());
                    text.byte(end);
                }
                text.number(self.port);
                f.write_str(text.as_str())
            }
            IpAddr::V6(ip) => write!(f, "[{ip}]:{}", self.port),
        }
    }
}

/// An IPv4 endpoint as text. A plan of a hundred thousand steps is mostly these, and the standard
/// library's way through `fmt` for each octet takes several times as long.
#[derive(Default)]
struct Decimals {
    /// `255.255.255.255:65535` is the longest.
    bytes: [u8; 21],
    length: usize,
}

impl Decimals {
    fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
            self.length += 1;
        }
    }

    fn number(&mut self, number: u16) {
        let mut begun = false;
        for power in [10_000, 1_000, 100, 10, 1] {
            let digit = u8::try_from(number / power % 10).unwrap_or(0);
            begun |= digit > 0 || power == 1;
            if begun {
                self.byte(b'0' + digit);
            }
        }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// What makes a service the same service: nothing in it can be edited in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKey {
    Address(Protocol, Endpoint),
    /// Packets that netfilter marked. An IPv4 and an IPv6 service may share a mark.
    Mark(Family, NonZeroU32),
}

/// What makes a `virtual_server` block the same block; a group's is several services.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VirtualServerKey {
    Address(Protocol, Endpoint),
    Mark(Family, NonZeroU32),
    /// By the group's name; two blocks may share a group where their protocols differ.
    Group(Text, Protocol),
}

impl From<ServiceKey> for VirtualServerKey {
    fn from(key: ServiceKey) -> Self {
        match key {
            ServiceKey::Address(protocol, endpoint) => Self::Address(protocol, endpoint),
            ServiceKey::Mark(family, mark) => Self::Mark(family, mark),
        }
    }
}

/// What makes a dest the same dest inside its service.
pub type DestKey = Endpoint;

impl ServiceKey {
    pub const fn family(&self) -> Family {
        match self {
            Self::Address(_, endpoint) => Family::of(endpoint.ip),
            Self::Mark(family, _) => *family,
        }
    }
}

impl fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(protocol, endpoint) => {
                protocol.fmt(f)?;
                f.write_str(" ")?;
                endpoint.fmt(f)
            }
            Self::Mark(Family::Inet, mark) => write!(f, "FWM {mark}"),
            Self::Mark(Family::Inet6, mark) => write!(f, "FWM {mark} (inet6)"),
        }
    }
}

impl fmt::Display for VirtualServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(protocol, endpoint) => write!(f, "{protocol} {endpoint}"),
            Self::Mark(family, mark) => ServiceKey::Mark(*family, *mark).fmt(f),
            Self::Group(name, protocol) => write!(f, "{protocol} group {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_written_as_the_standard_library_writes_a_socket_address() {
        let octets = [0, 1, 9, 10, 99, 100, 101, 199, 200, 255];
        let ports = [
            0, 1, 9, 10, 80, 100, 999, 1000, 9999, 10_000, 10_001, 65_535,
        ];
        for octet in octets {
            for other in octets {
                for port in ports {
                    let ip = IpAddr::from([octet, other, 7, octet]);
                    let want = std::net::SocketAddr::new(ip, port).to_string();
                    assert_eq!(Endpoint::new(ip, port).to_string(), want);
                }
            }
        }
    }
}
