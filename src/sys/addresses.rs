use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NetlinkBuffer, NlaBuffer,
    NlasIterator,
};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::RecvFlags;
use tracing::warn;

use super::wake::Wake;

/// Changes that come within this are looked at together.
const GATHER: Duration = Duration::from_millis(10);

/// From a failure to read the addresses to the next try.
const AGAIN: Duration = Duration::from_secs(1);

/// Follows the addresses on the interfaces of a network namespace, on a thread of its own.
/// Dropping it ends the thread.
///
/// A change is only the sign to read all of them anew: what is told is never pieced together from
/// single changes, so that a lost one does not matter.
///
/// Source: rtnetlink(7).
#[derive(Debug)]
pub struct Addresses {
    wake: Arc<Wake>,
    thread: Option<JoinHandle<()>>,
}

impl Addresses {
    /// Starts the thread in the caller's network namespace. `told` gets all addresses at once, and
    /// again whenever they are others.
    ///
    /// An address that is being probed for duplicates, or was found to be one, is none yet. Whether
    /// its interface is up does not matter, as it does not for keepalived.
    pub fn follow(told: impl FnMut(BTreeSet<IpAddr>) + Send + 'static) -> io::Result<Self> {
        let wake = Arc::new(Wake::new()?);
        let mut following = Following {
            wake: Arc::clone(&wake),
            changes: subscribe()?,
            questions: open()?,
            sequence: 0,
        };
        let thread = thread::Builder::new()
            .name("addresses".to_owned())
            .spawn(move || following.run(told))?;
        Ok(Self {
            wake,
            thread: Some(thread),
        })
    }
}

impl Drop for Addresses {
    fn drop(&mut self) {
        self.wake.ring();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Following {
    wake: Arc<Wake>,
    changes: Socket,
    questions: Socket,
    /// Of the last question.
    sequence: u32,
}

impl Following {
    fn run(&mut self, mut told: impl FnMut(BTreeSet<IpAddr>)) {
        let mut last = None;
        loop {
            // Forgotten before they are read: what changes while they are is a new sign.
            self.forget_changes();
            let wait = match self.all() {
                Ok(Some(all)) => {
                    if last.as_ref() != Some(&all) {
                        last = Some(all.clone());
                        told(all);
                    }
                    None
                }
                Ok(None) => Some(GATHER),
                Err(error) => {
                    warn!(%error, "cannot read the addresses of this host; trying again");
                    Some(AGAIN)
                }
            };
            let stop = match wait {
                None => self.wait(true, None) || self.wait(false, Some(GATHER)),
                wait => self.wait(false, wait),
            };
            if stop {
                return;
            }
        }
    }

    /// Until there is a change, where those count, or the time is over; true where it is to end.
    fn wait(&self, changes: bool, time: Option<Duration>) -> bool {
        let time = time.and_then(|time| time.try_into().ok());
        let mut both = [
            PollFd::new(&*self.wake, PollFlags::IN),
            PollFd::new(&self.changes, PollFlags::IN),
        ];
        let waited = if changes {
            &mut both[..]
        } else {
            &mut both[..1]
        };
        // Interrupted: the addresses are read once too often.
        let _ = poll(waited, time.as_ref());
        !both[0].revents().is_empty()
    }

    fn forget_changes(&self) {
        let mut one = [0; 1];
        loop {
            // What does not fit is dropped, and all of it may be: that there was one is enough.
            match rustix::net::recv(self.changes.as_fd(), &mut one, RecvFlags::DONTWAIT) {
                Ok(_) | Err(Errno::NOBUFS | Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }

    /// The addresses there are; `None` where they changed while the kernel listed them.
    fn all(&mut self) -> io::Result<Option<BTreeSet<IpAddr>>> {
        self.sequence = self.sequence.wrapping_add(1);
        self.questions.send(&question(self.sequence), 0)?;
        let mut all = BTreeSet::new();
        let mut whole = true;
        loop {
            let (datagram, _) = self.questions.recv_from_full()?;
            let mut rest = &datagram[..];
            while !rest.is_empty() {
                let message = NetlinkBuffer::new_checked(rest).map_err(malformed)?;
                // Another's is what is left of a list that was given up.
                if message.sequence_number() == self.sequence {
                    whole &= message.flags() & NLM_F_DUMP_INTR == 0;
                    match message.message_type() {
                        NLMSG_DONE => return Ok(whole.then_some(all)),
                        NLMSG_ERROR => return Err(refusal(message.payload())),
                        NEW_ADDRESS => all.extend(address(message.payload())?),
                        _ => {}
                    }
                }
                let length = usize::try_from(message.length()).map_err(io::Error::other)?;
                rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
            }
        }
    }
}

// Source: `linux/rtnetlink.h` and `linux/if_addr.h`.
const NEW_ADDRESS: u16 = 20;
const GET_ADDRESS: u16 = 22;
/// `RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR`.
const ADDRESS_GROUPS: u32 = 0x10 | 0x100;
/// `struct ifaddrmsg`: family, prefix length, flags, scope, interface.
const ADDRESS_HEADER: usize = 8;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_FLAGS: u16 = 8;
/// `IFA_F_DADFAILED | IFA_F_TENTATIVE`.
const NOT_USABLE: u32 = 0x08 | 0x40;

fn subscribe() -> io::Result<Socket> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind(&SocketAddr::new(0, ADDRESS_GROUPS))?;
    Ok(socket)
}

fn open() -> io::Result<Socket> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    Ok(socket)
}

/// `RTM_GETADDR` for all addresses of both families.
fn question(sequence: u32) -> [u8; 24] {
    let mut message = [0; 24];
    message[..4].copy_from_slice(&24_u32.to_ne_bytes());
    message[4..6].copy_from_slice(&GET_ADDRESS.to_ne_bytes());
    message[6..8].copy_from_slice(&(NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
    message[8..12].copy_from_slice(&sequence.to_ne_bytes());
    message
}

/// The address a message is about; `None` where it is not usable.
fn address(message: &[u8]) -> io::Result<Option<IpAddr>> {
    let (header, attributes) = message
        .split_at_checked(ADDRESS_HEADER)
        .ok_or_else(|| malformed("too short"))?;
    let mut flags = u32::from(header[2]);
    let (mut far, mut local) = (None, None);
    for attribute in NlasIterator::new(attributes) {
        let attribute: NlaBuffer<&[u8]> = attribute.map_err(malformed)?;
        let value = attribute.value();
        match attribute.kind() {
            IFA_ADDRESS => far = ip(value),
            IFA_LOCAL => local = ip(value),
            IFA_FLAGS => flags = value.try_into().map_or(flags, u32::from_ne_bytes),
            _ => {}
        }
    }
    // Where they differ, the other is the far end of a point-to-point link.
    Ok(local.or(far).filter(|_| flags & NOT_USABLE == 0))
}

fn ip(value: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(value).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(value).map(IpAddr::from))
        .ok()
}

fn refusal(payload: &[u8]) -> io::Error {
    let errno = payload
        .first_chunk()
        .map(|errno| i32::from_ne_bytes(*errno));
    match errno {
        Some(errno) => io::Error::from_raw_os_error(errno.saturating_neg()),
        None => malformed("too short"),
    }
}

fn malformed(why: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!(
        "the kernel's list of addresses is malformed: {why}"
    ))
}
