use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU8;
use std::time::Duration;

use crate::model::text::Text;

/// `BFD_CHECK`: a neighbour that this host exchanges packets with, all the time.
///
/// Source: `bfd_instance` in keepalived.conf(5), RFC 5880, RFC 5881.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bfd {
    /// Of the `bfd_instance` block.
    pub name: Text,
    /// `neighbor_ip`.
    pub neighbour: IpAddr,
    /// `source_ip`; of the neighbour's family.
    pub source: Option<IpAddr>,
    /// `min_rx`: packets may come as fast as this, 1 µs to 4,294.967 s; unless said, 10 ms.
    pub min_rx: Duration,
    /// `min_tx`: packets are sent as fast as this while the session is up; as `min_rx`.
    pub min_tx: Duration,
    /// `idle_tx`: and as fast as this while it is not, 1 s to 4,294.967 s; unless said, 1 s.
    pub idle_tx: Duration,
    /// `multiplier`: so many packets lost in a row, and the neighbour takes the session for down;
    /// unless said, 5.
    pub multiplier: NonZeroU8,
    /// `passive`: nothing is sent before the neighbour did.
    pub passive: bool,
    /// Hop limits of the packets.
    pub hops: Hops,
    /// `multihop`: there may be routers between the two.
    pub multihop: bool,
}

/// With what hop limit packets are sent, and the least they may come with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hops {
    /// `ttl` or `hoplimit`; unless said, 255, so that the neighbour can tell that no router was
    /// between.
    pub sent: NonZeroU8,
    /// `max_hops` less than the hop limit the neighbour should send with; 0 accepts any.
    pub least: u8,
}

impl Bfd {
    /// The port of both ends. Source: RFC 5881 section 4, RFC 5883 section 5.
    pub const fn port(&self) -> u16 {
        if self.multihop { 4784 } else { 3784 }
    }

    /// Whether the neighbour could not tell the two apart: one without `source_ip` is from any
    /// address.
    pub fn clashes_with(&self, other: &Self) -> bool {
        let same_source = match (self.source, other.source) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        same_source && self.neighbour == other.neighbour && self.multihop == other.multihop
    }
}

impl fmt::Display for Bfd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BFD session {}", self.name)
    }
}
