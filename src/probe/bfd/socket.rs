use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::cmsg_space;
use nix::libc::in6_pktinfo;
use nix::sys::socket::sockopt::{
    Ipv4PacketInfo, Ipv4RecvTtl, Ipv6RecvHopLimit, Ipv6RecvPacketInfo,
};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt};
use socket2::{Domain, Protocol, Socket, Type};

use crate::model::check::Bfd;

/// Longest datagram that is looked at, in bytes; a packet has 24.
const LONGEST: usize = 128;

/// Ports that packets may come from: the first, and how many there are.
///
/// Source: RFC 5881 section 4.
const FROM_PORTS: (u16, u16) = (49152, 16384);

/// Ports that are tried, where others have those that come first.
const TRIES: u16 = 64;

/// Where packets of all neighbours come in.
#[derive(Debug)]
pub(super) struct Ear {
    socket: Socket,
    at: SocketAddr,
}

/// What came in.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) from: IpAddr,
    /// The address of this host that it came to.
    pub(super) to: SocketAddr,
    /// Hop limit it came with.
    pub(super) hops: u8,
    pub(super) bytes: Vec<u8>,
}

/// Where a session hears its packets.
pub(super) fn ear_of(terms: &Bfd) -> SocketAddr {
    SocketAddr::new(source(terms), terms.port())
}

impl Ear {
    pub(super) fn open(at: SocketAddr) -> io::Result<Self> {
        let socket = socket(at)?;
        if at.is_ipv4() {
            setsockopt(&socket, Ipv4RecvTtl, &true)?;
            setsockopt(&socket, Ipv4PacketInfo, &true)?;
        } else {
            setsockopt(&socket, Ipv6RecvHopLimit, &true)?;
            setsockopt(&socket, Ipv6RecvPacketInfo, &true)?;
        }
        socket.bind(&at.into())?;
        Ok(Self { socket, at })
    }

    /// The next datagram, if one is there.
    pub(super) fn hear(&self) -> Option<Datagram> {
        let mut bytes = vec![0; LONGEST];
        let mut control = cmsg_space!(i32, in6_pktinfo);
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let flags = MsgFlags::MSG_DONTWAIT;
        let socket = self.socket.as_raw_fd();
        let heard =
            recvmsg::<SockaddrStorage>(socket, &mut parts, Some(&mut control), flags).ok()?;
        let from = heard.address.as_ref().and_then(ip);
        // The kernel says both with every datagram; without them it is nobody's.
        let (mut hops, mut to) = (0, self.at.ip());
        for message in heard.cmsgs().ok()? {
            match message {
                ControlMessageOwned::Ipv4Ttl(with) | ControlMessageOwned::Ipv6HopLimit(with) => {
                    hops = u8::try_from(with).unwrap_or(hops);
                }
                ControlMessageOwned::Ipv4PacketInfo(info) => {
                    to = Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()).into();
                }
                ControlMessageOwned::Ipv6PacketInfo(info) => {
                    to = Ipv6Addr::from(info.ipi6_addr.s6_addr).into();
                }
                _ => {}
            }
        }
        let length = heard.bytes;
        bytes.truncate(length);
        Some(Datagram {
            from: from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            to: SocketAddr::new(to, self.at.port()),
            hops,
            bytes,
        })
    }
}

impl AsFd for Ear {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Where the packets of one session come from: always the same port. `chance` is any number.
pub(super) fn mouth(terms: &Bfd, chance: u16) -> io::Result<UdpSocket> {
    let (first, count) = FROM_PORTS;
    let mut in_use = io::Error::from(io::ErrorKind::AddrInUse);
    for more in 0..TRIES {
        let port = first + chance.wrapping_add(more) % count;
        let at = SocketAddr::new(source(terms), port);
        let socket = socket(at)?;
        let hops = terms.hops.sent.get().into();
        if at.is_ipv4() {
            socket.set_ttl_v4(hops)?;
        } else {
            socket.set_unicast_hops_v6(hops)?;
        }
        match socket.bind(&at.into()) {
            Ok(()) => return Ok(socket.into()),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => in_use = error,
            Err(error) => return Err(error),
        }
    }
    Err(in_use)
}

fn socket(at: SocketAddr) -> io::Result<Socket> {
    let kind = Type::DGRAM.nonblocking().cloexec();
    let socket = Socket::new(Domain::for_address(at), kind, Some(Protocol::UDP))?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    Ok(socket)
}

fn source(terms: &Bfd) -> IpAddr {
    let any = match terms.neighbour {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    terms.source.unwrap_or(any)
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
}
