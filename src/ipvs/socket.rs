use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use netlink_packet_core::{
    NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN, NetlinkBuffer, NetlinkMessage,
};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send, sockopt};

use super::Error;
use super::message::{Reply, Request};

/// No answer for so long is a lost answer. The kernel answers while it takes the request, so only
/// a modprobe or a grace period is ever waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// At least 32 KiB, and never a smaller one later: the kernel sizes its datagrams by the largest
/// buffer it was ever given.
const RECEIVE_BUFFER: usize = 64 * 1024;
/// Generic netlink's own header before the attributes.
const GENERIC_HEADER: usize = 4;
/// `NLMSG_HDRLEN`.
const HEADER: usize = 16;

/// A generic netlink socket that speaks to the kernel of the namespace it was opened in.
pub(super) struct Link {
    socket: OwnedFd,
    sequence: u32,
    family: u16,
    received: Vec<u8>,
    encoded: Vec<u8>,
}

/// What came back to one request.
pub(super) enum Heard {
    /// Acknowledged, or a dump's end.
    End,
    /// A positive errno.
    Refused(i32),
}

/// One answer out of a datagram.
enum Piece<'a> {
    /// Attributes of a message that is no acknowledgement.
    Data(&'a [u8]),
    End,
    Error(i32),
}

impl Link {
    /// `receive_buffer` is the room for answers not yet read, in bytes.
    pub(super) fn open(receive_buffer: usize) -> Result<Self, Error> {
        let socket = socket(receive_buffer).map_err(|source| Error::Transport {
            what: "open a socket",
            source,
        })?;
        Self::over(socket)
    }

    /// Over a socket that is there: each send is heard by who answers as the kernel.
    pub(super) fn over(socket: OwnedFd) -> Result<Self, Error> {
        let mut link = Self {
            socket,
            sequence: 0,
            family: 0,
            received: vec![0; RECEIVE_BUFFER],
            encoded: Vec::with_capacity(RECEIVE_BUFFER),
        };
        link.resolve()?;
        Ok(link)
    }

    /// Looks the IPVS family up; the kernel may load its module for that. True when its number is
    /// another than before, as after the module was unloaded and loaded.
    pub(super) fn resolve(&mut self) -> Result<bool, Error> {
        const WHAT: &str = "look up the IPVS family";
        let mut message = NetlinkMessage::from(GenlMessage::from_payload(GenlCtrl {
            cmd: GenlCtrlCmd::GetFamily,
            nlas: vec![GenlCtrlAttrs::FamilyName("IPVS".to_owned())],
        }));
        let sequence = self.next_sequence();
        message.header.sequence_number = sequence;
        message.header.flags = netlink_packet_core::NLM_F_REQUEST | netlink_packet_core::NLM_F_ACK;
        message.finalize();
        self.encoded.clear();
        self.encoded.resize(message.buffer_len(), 0);
        message.serialize(&mut self.encoded);
        self.send(WHAT)?;
        let mut found = None;
        let heard = self.listen(WHAT, sequence, sequence, |_, bytes| {
            found = family_number(bytes).or(found);
            Ok(())
        })?;
        match (heard, found) {
            (Heard::Refused(errno), _) if errno == Errno::NOENT.raw_os_error() => {
                Err(Error::NoFamily)
            }
            (Heard::Refused(errno), _) => Err(refused(WHAT, errno)),
            (Heard::End, None) => Err(Error::Malformed { what: "families" }),
            (Heard::End, Some(number)) => {
                let changed = self.family != number;
                self.family = number;
                Ok(changed)
            }
        }
    }

    /// Sends one request and hands every message of the answer, without its headers, to `each`.
    pub(super) fn ask(
        &mut self,
        what: &'static str,
        request: Request,
        reply: Reply,
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<Heard, Error> {
        let sequence = self.next_sequence();
        self.encoded.clear();
        request.encode(self.family, sequence, reply, &mut self.encoded);
        self.send(what)?;
        self.listen(what, sequence, sequence, |_, message| {
            each(message.get(GENERIC_HEADER..).unwrap_or_default())
        })
    }

    /// Sends all requests at once and returns the errno of each that failed, by its place.
    ///
    /// Only the last asks for an acknowledgement: the kernel works off a send in order and
    /// reports errors unasked, so that its answer closes the batch.
    pub(super) fn batch(
        &mut self,
        what: &'static str,
        requests: impl ExactSizeIterator<Item = Request>,
    ) -> Result<Vec<(usize, i32)>, Error> {
        let count = requests.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        self.encoded.clear();
        let first = self.sequence.wrapping_add(1);
        for (nth, request) in requests.enumerate() {
            let sequence = self.next_sequence();
            let last = nth + 1 == count;
            let reply = if last { Reply::Ack } else { Reply::Errors };
            request.encode(self.family, sequence, reply, &mut self.encoded);
        }
        let last = self.sequence;
        self.send(what)?;
        let mut failed = Vec::new();
        let heard = self.listen_with(what, first, last, |sequence, piece| {
            if let Piece::Error(errno) = piece {
                failed.push((sequence.wrapping_sub(first) as usize, errno));
            }
            Ok(())
        })?;
        if let Heard::Refused(errno) = heard {
            failed.push((count - 1, errno));
        }
        Ok(failed)
    }

    /// Throws away what is still on its way to us, after answers were lost.
    pub(super) fn drain(&mut self) {
        let _ = rustix::io::ioctl_fionbio(&self.socket, true);
        // An overrun is reported once more by the first receive; only an empty queue ends it.
        for _ in 0..1_000_000 {
            match self.receive() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                _ => {}
            }
        }
        let _ = rustix::io::ioctl_fionbio(&self.socket, false);
    }

    fn next_sequence(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    fn send(&mut self, what: &'static str) -> Result<(), Error> {
        let sent = loop {
            match send(&self.socket, &self.encoded, SendFlags::NOSIGNAL) {
                Err(Errno::INTR) => {}
                sent => break sent.map_err(io::Error::from),
            }
        };
        let sent = sent.map_err(|source| Error::Transport { what, source })?;
        if sent == self.encoded.len() {
            Ok(())
        } else {
            let source = io::Error::other("the request was sent in part");
            Err(Error::Transport { what, source })
        }
    }

    fn listen(
        &mut self,
        what: &'static str,
        first: u32,
        last: u32,
        mut each: impl FnMut(u32, &[u8]) -> Result<(), Error>,
    ) -> Result<Heard, Error> {
        self.listen_with(what, first, last, |sequence, piece| match piece {
            Piece::Data(bytes) => each(sequence, bytes),
            Piece::End | Piece::Error(_) => Ok(()),
        })
    }

    /// Receives until `last` is answered. Answers to what was asked before `first` are leftovers
    /// of a wait that was given up, and skipped.
    fn listen_with(
        &mut self,
        what: &'static str,
        first: u32,
        last: u32,
        mut each: impl FnMut(u32, Piece<'_>) -> Result<(), Error>,
    ) -> Result<Heard, Error> {
        let span = last.wrapping_sub(first);
        loop {
            let length = self
                .receive()
                .map_err(|source| Error::Transport { what, source })?;
            let mut rest = &self.received[..length];
            while !rest.is_empty() {
                let (sequence, piece, after) = next_piece(rest)?;
                rest = after;
                if sequence.wrapping_sub(first) > span {
                    continue;
                }
                match piece {
                    Some(Piece::End) if sequence == last => return Ok(Heard::End),
                    Some(Piece::Error(errno)) if sequence == last => {
                        return Ok(Heard::Refused(errno));
                    }
                    Some(piece) => each(sequence, piece)?,
                    None => {}
                }
            }
        }
    }

    fn receive(&mut self) -> io::Result<usize> {
        loop {
            let received = recv(&self.socket, &mut self.received[..], RecvFlags::TRUNC);
            match received {
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
                Ok((_, length)) if length > self.received.len() => {
                    return Err(io::Error::other("an answer was longer than the buffer"));
                }
                // The kernel never says nothing: the other side is gone.
                Ok((_, 0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok((_, length)) => return Ok(length),
            }
        }
    }
}

/// An error of a request that nothing is attributed to.
pub(super) fn refused(what: &'static str, errno: i32) -> Error {
    if errno == Errno::PERM.raw_os_error() {
        return Error::NotPermitted;
    }
    let source = io::Error::from_raw_os_error(errno);
    Error::Transport { what, source }
}

fn socket(receive_buffer: usize) -> io::Result<OwnedFd> {
    let mut socket = Socket::new(NETLINK_GENERIC)?;
    socket.bind_auto()?;
    // From then on the kernel lets nobody but itself answer: af_netlink.c, netlink_getsockbyportid.
    socket.connect(&SocketAddr::new(0, 0))?;
    socket.set_cap_ack(true)?;
    let fd = socket.as_fd();
    sockopt::set_socket_timeout(fd, sockopt::Timeout::Recv, Some(PATIENCE))?;
    // Without CAP_NET_ADMIN the host's limit stands; the first answer will say what is missing.
    if sockopt::set_socket_recv_buffer_size_force(fd, receive_buffer).is_err() {
        sockopt::set_socket_recv_buffer_size(fd, receive_buffer)?;
    }
    fd.try_clone_to_owned()
}

/// The first message in `bytes`: its sequence number, what it is, and what follows it.
fn next_piece(bytes: &[u8]) -> Result<(u32, Option<Piece<'_>>, &[u8]), Error> {
    const MALFORMED: Error = Error::Malformed {
        what: "netlink header",
    };
    let message = NetlinkBuffer::new_checked(bytes).map_err(|_| MALFORMED)?;
    let length = message.length() as usize;
    let payload = bytes.get(HEADER..length).ok_or(MALFORMED)?;
    let errno = |payload: &[u8]| {
        let code = payload.get(..4).and_then(|code| code.try_into().ok());
        code.map(i32::from_ne_bytes).ok_or(MALFORMED)
    };
    let piece = match message.message_type() {
        NLMSG_NOOP => None,
        NLMSG_OVERRUN => return Err(MALFORMED),
        NLMSG_ERROR | NLMSG_DONE => match errno(payload)? {
            0 => Some(Piece::End),
            code => Some(Piece::Error(code.saturating_neg())),
        },
        _ => Some(Piece::Data(payload)),
    };
    let after = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Ok((message.sequence_number(), piece, after))
}

/// The number in an answer of the family `nlctrl`, from its generic header on.
fn family_number(payload: &[u8]) -> Option<u16> {
    use netlink_packet_core::NlasIterator;
    /// `CTRL_ATTR_FAMILY_ID` in `linux/genetlink.h`.
    const FAMILY_ID: u16 = 1;

    let attributes = NlasIterator::new(payload.get(GENERIC_HEADER..)?);
    let mut attributes = attributes.map_while(Result::ok);
    let id = attributes.find(|attribute| attribute.kind() == FAMILY_ID)?;
    id.value().try_into().ok().map(u16::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_the_kernel_can_answer() {
        let ours = socket(4096).unwrap();
        let address = rustix::net::getsockname(&ours).unwrap();
        let stranger = Socket::new(NETLINK_GENERIC).unwrap();
        let sent = rustix::net::sendto(&stranger, &[0; 20], SendFlags::empty(), &address);
        assert_eq!(sent, Err(Errno::CONNREFUSED));
    }
}
