use std::io::{self, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, NetlinkAddr, recvmmsg};

/// How long a datagram may be. The kernel sizes those of a dump by the largest buffer that a socket
/// ever gave it, at most 32 KiB, and makes each anew, with its bytes cleared: af_netlink.c,
/// netlink_dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// As long as any: few datagrams for what is long.
    Wide,
    /// What the kernel takes 8 KiB for, with what it keeps beside the data: cheap for what is short.
    Narrow,
}

impl Room {
    const fn bytes(self) -> usize {
        match self {
            Self::Wide => 64 * 1024,
            Self::Narrow => 8 * 1024 - 320,
        }
    }

    /// A datagram of a dump of at most so many bytes had room for another record, which is less than
    /// 400 bytes.
    pub(super) const fn with_room_left(self) -> usize {
        match self {
            Self::Wide => 16 * 1024,
            Self::Narrow => self.bytes() - 400,
        }
    }
}

/// So many datagrams are taken with one system call: a dump is several, and its end is one more.
const SLOTS: usize = 4;
/// The answer to most dumps: the dests of a service, and the end.
const FEW: usize = 2;

/// Datagrams as they came from the kernel.
pub(super) struct Datagrams {
    room: Room,
    /// One slot after another; none before the first is asked for, as many a socket is never read.
    bytes: Box<[u8]>,
    lengths: [usize; SLOTS],
    received: usize,
}

impl Datagrams {
    pub(super) fn new(room: Room) -> Self {
        Self {
            room,
            bytes: Box::default(),
            lengths: [0; SLOTS],
            received: 0,
        }
    }

    pub(super) fn room(&self) -> Room {
        self.room
    }

    /// Waits for a datagram, and takes those that follow at once. What was received before is
    /// forgotten.
    ///
    /// Each receive has the kernel make the next datagram of a dump, so that `first` asks for what
    /// most dumps come to, and no more.
    pub(super) fn receive(&mut self, socket: BorrowedFd<'_>, first: bool) -> io::Result<()> {
        let most = if first { FEW } else { SLOTS };
        self.take(socket, most, MsgFlags::MSG_WAITFORONE)
    }

    /// Takes what is there already; an error of kind `WouldBlock` where nothing is.
    pub(super) fn pending(&mut self, socket: BorrowedFd<'_>) -> io::Result<()> {
        self.take(socket, SLOTS, MsgFlags::MSG_DONTWAIT)
    }

    fn take(&mut self, socket: BorrowedFd<'_>, most: usize, wait: MsgFlags) -> io::Result<()> {
        self.received = 0;
        // The real length of a datagram, were it longer than its buffer.
        let flags = MsgFlags::MSG_TRUNC | wait;
        let received = loop {
            match self.call(socket, most, flags) {
                Err(Errno::EINTR) => {}
                received => break received?,
            }
        };
        let room = self.room.bytes();
        if self.lengths[..received].iter().any(|length| *length > room) {
            return Err(io::Error::other("an answer was longer than the buffer"));
        }
        // The kernel never says nothing: the other side is gone, but what it said before counts.
        let said = self.lengths[..received].iter();
        self.received = said.take_while(|length| **length > 0).count();
        if self.received == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn call(&mut self, socket: BorrowedFd<'_>, most: usize, flags: MsgFlags) -> nix::Result<usize> {
        if self.bytes.is_empty() {
            self.bytes = vec![0; SLOTS * self.room.bytes()].into();
        }
        let mut headers = MultiHeaders::<NetlinkAddr>::preallocate(most, None);
        let mut slots = self.bytes.chunks_exact_mut(self.room.bytes());
        let mut slot = |_| [IoSliceMut::new(slots.next().unwrap_or_default())];
        let mut slots: [_; SLOTS] = std::array::from_fn(&mut slot);
        let slots = slots[..most].iter_mut();
        let datagrams = recvmmsg(socket.as_raw_fd(), &mut headers, slots, flags, None)?;
        let mut received = 0;
        for (datagram, length) in datagrams.zip(&mut self.lengths) {
            *length = datagram.bytes;
            received += 1;
        }
        Ok(received)
    }

    /// In the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let slots = self.bytes.chunks_exact(self.room.bytes());
        let slots = slots.zip(self.lengths);
        let datagrams = slots.map(|(slot, length)| &slot[..length]);
        datagrams.take(self.received)
    }
}
