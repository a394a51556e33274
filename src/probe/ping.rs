use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;

use socket2::{Protocol, Socket, Type};

use super::datagram;
use super::socket;
use crate::health::Verdict;
use crate::model::check::Probe;

/// Type numbers of request and reply: RFC 792 and RFC 4443.
const REQUEST: u8 = 8;
const REPLY: u8 = 0;
const REQUEST_V6: u8 = 128;
const REPLY_V6: u8 = 129;

/// Type, code, checksum, identifier and sequence number, then what the reply repeats.
const LENGTH: usize = 16;

/// An echo on its way.
#[derive(Debug)]
pub(super) struct Ping {
    pub(super) socket: OwnedFd,
    echo: Echo,
}

/// One question among all that are asked at a time.
#[derive(Clone, Copy, Debug)]
struct Echo {
    nonce: u64,
    v6: bool,
    /// On a raw socket of IPv4 the kernel neither fills in nor strips anything.
    raw: bool,
}

impl Ping {
    /// Sends the echo; nothing here waits.
    pub(super) fn begin(probe: &Probe, nonce: u64) -> Result<Self, Verdict> {
        let (socket, raw) = open(probe).map_err(|error| Verdict::Unasked(error.to_string()))?;
        let socket = datagram::connected(probe, socket)?;
        let v6 = matches!(probe.target.ip, IpAddr::V6(_));
        let echo = Echo { nonce, v6, raw };
        datagram::ask(&socket, &echo.request())?;
        Ok(Self { socket, echo })
    }

    pub(super) fn hear(&self, buffer: &mut [u8]) -> Option<Verdict> {
        datagram::hear(&self.socket, buffer, |datagram| {
            self.echo
                .is_answered_by(datagram)
                .then_some(Verdict::Passed)
        })
    }
}

/// The socket that needs no capability, where the group of this process is in sysctl
/// net.ipv4.ping_group_range, else the one that needs CAP_NET_RAW; and whether it is that.
///
/// Source: `IPPROTO_ICMP` in icmp(7).
fn open(probe: &Probe) -> io::Result<(Socket, bool)> {
    let protocol = match probe.target.ip {
        IpAddr::V4(_) => Protocol::ICMPV4,
        IpAddr::V6(_) => Protocol::ICMPV6,
    };
    match socket::open(probe, Type::DGRAM, Some(protocol)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Ok((socket::open(probe, Type::RAW, Some(protocol))?, true))
        }
        opened => Ok((opened?, false)),
    }
}

impl Echo {
    fn request(self) -> [u8; LENGTH] {
        let mut packet = [0; LENGTH];
        packet[0] = if self.v6 { REQUEST_V6 } else { REQUEST };
        packet[4..8].copy_from_slice(&self.nonce.to_be_bytes()[..4]);
        packet[8..].copy_from_slice(&self.nonce.to_be_bytes());
        // That of IPv6 takes in the addresses: the kernel's work.
        if !self.v6 {
            let sum = checksum(packet).to_be_bytes();
            packet[2..4].copy_from_slice(&sum);
        }
        packet
    }

    fn is_answered_by(self, datagram: &[u8]) -> bool {
        let Some(packet) = self.packet(datagram) else {
            return false;
        };
        let reply = if self.v6 { REPLY_V6 } else { REPLY };
        let request = self.request();
        // The identifier is the kernel's choice, unless the socket is raw.
        let own = if self.raw { 4 } else { 6 };
        packet.len() == LENGTH && packet[..2] == [reply, 0] && packet[own..] == request[own..]
    }

    /// What is left without the header of IPv4, which a raw socket hands on (raw(7)).
    fn packet(self, datagram: &[u8]) -> Option<&[u8]> {
        if self.v6 || !self.raw {
            return Some(datagram);
        }
        let words = datagram.first()? & 0x0f;
        datagram.get(usize::from(words) * 4..)
    }
}

/// The checksum of RFC 1071.
fn checksum(packet: [u8; LENGTH]) -> u16 {
    let words = packet.chunks_exact(2);
    let sum: u32 = words
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
        .sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).expect("folded twice, a sum of 8 fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u8; 20] = [0x45; 20];

    fn reply(echo: Echo) -> [u8; LENGTH] {
        let mut packet = echo.request();
        packet[0] = if echo.v6 { REPLY_V6 } else { REPLY };
        packet
    }

    #[test]
    fn an_echo_is_known_by_all_it_repeats() {
        for (v6, raw) in [(false, false), (false, true), (true, false), (true, true)] {
            let echo = Echo {
                nonce: 0x0102_0304_0506_0708,
                v6,
                raw,
            };
            let header: &[u8] = if raw && !v6 { &HEADER } else { &[] };
            let whole = |packet: [u8; LENGTH]| [header, &packet].concat();
            assert!(echo.is_answered_by(&whole(reply(echo))));
            assert!(!echo.is_answered_by(&whole(echo.request())), "the question");
            for byte in [0, 1, 7, LENGTH - 1] {
                let mut other = reply(echo);
                other[byte] ^= 1;
                assert!(!echo.is_answered_by(&whole(other)), "byte {byte}");
            }
            let mut other = reply(echo);
            other[4] ^= 1;
            assert_eq!(echo.is_answered_by(&whole(other)), !raw, "the identifier");
            for length in 0..whole(reply(echo)).len() {
                assert!(!echo.is_answered_by(&whole(reply(echo))[..length]));
            }
        }
    }

    #[test]
    fn the_words_of_a_packet_and_its_checksum_add_up_to_nothing() {
        for nonce in [0, u64::MAX, 0x0102_0304_0506_0708] {
            let packet = Echo {
                nonce,
                v6: false,
                raw: true,
            }
            .request();
            assert_eq!(checksum(packet), 0, "{nonce:x}");
        }
    }
}
