//! What UDP, ping and DNS share: a question in one datagram, answers in others.

use std::io;
use std::os::fd::OwnedFd;

use nix::sys::socket::{setsockopt, sockopt};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, connect, recv, send};
use socket2::{Socket, Type};

use super::fault;
use super::socket;
use crate::health::Verdict;
use crate::model::check::Probe;

/// No UDP datagram is longer, jumbograms aside (RFC 768): of a longer one the rest is lost.
pub(super) const LONGEST: usize = 1 << 16;

/// So many datagrams of one socket are read in a row, so that one server cannot hold up others.
const IN_A_ROW: usize = 16;

/// A UDP socket that hears the target alone.
pub(super) fn open(probe: &Probe) -> Result<OwnedFd, Verdict> {
    let socket = socket::open(probe, Type::DGRAM, None);
    connected(
        probe,
        socket.map_err(|error| Verdict::Unasked(error.to_string()))?,
    )
}

/// Makes the socket hear the target alone, and every ICMP error that answers it: without
/// `IP_RECVERR` the kernel keeps *host unreachable* and its like to itself (ip(7)).
pub(super) fn connected(probe: &Probe, socket: Socket) -> Result<OwnedFd, Verdict> {
    let hears_errors = if probe.target.ip.is_ipv4() {
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true)
    } else {
        setsockopt(&socket, sockopt::Ipv6RecvErr, &true)
    };
    hears_errors.map_err(|errno| Verdict::Unasked(io::Error::from(errno).to_string()))?;
    let socket = OwnedFd::from(socket);
    connect(&socket, &socket::target(probe)).map_err(fault::judge)?;
    Ok(socket)
}

/// Sends the question.
pub(super) fn ask(socket: &OwnedFd, question: &[u8]) -> Result<(), Verdict> {
    send(socket, question, SendFlags::NOSIGNAL).map_err(fault::judge)?;
    Ok(())
}

/// Hears what is there, until `judge` has a verdict on a datagram.
pub(super) fn hear(
    socket: &OwnedFd,
    buffer: &mut [u8],
    judge: impl Fn(&[u8]) -> Option<Verdict>,
) -> Option<Verdict> {
    for _ in 0..IN_A_ROW {
        match recv(socket, &mut *buffer, RecvFlags::empty()) {
            Ok((length, _)) => {
                let verdict = judge(&buffer[..length]);
                if verdict.is_some() {
                    return verdict;
                }
            }
            Err(Errno::AGAIN | Errno::INTR) => return None,
            Err(errno) => return Some(fault::failed(errno)),
        }
    }
    None
}
