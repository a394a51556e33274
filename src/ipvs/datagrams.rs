use std::io::{self, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, NetlinkAddr, recvmmsg};

/// Bytes of each datagram that fit. At least 32 KiB, and never fewer later: the kernel sizes its
/// datagrams by the largest buffer it was ever given.
const ROOM: usize = 64 * 1024;
/// So many datagrams are taken with one system call: a dump is several, and its end is one more.
const SLOTS: usize = 4;
/// The answer to most dumps: the dests of a service, and the end.
const FEW: usize = 2;

/// Datagrams as they came from the kernel.
pub(super) struct Datagrams {
    slots: [Box<[u8]>; SLOTS],
    lengths: [usize; SLOTS],
    received: usize,
}

impl Datagrams {
    pub(super) fn new() -> Self {
        Self {
            slots: std::array::from_fn(|_| vec![0; ROOM].into()),
            lengths: [0; SLOTS],
            received: 0,
        }
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
        if self.lengths[..received].iter().any(|length| *length > ROOM) {
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
        let mut headers = MultiHeaders::<NetlinkAddr>::preallocate(most, None);
        let slots = self.slots.each_mut();
        let mut slots = slots.map(|slot| [IoSliceMut::new(slot)]);
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
        let slots = self.slots.iter().zip(self.lengths);
        let datagrams = slots.map(|(slot, length)| &slot[..length]);
        datagrams.take(self.received)
    }
}
