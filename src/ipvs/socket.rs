use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use netlink_packet_core::NetlinkMessage;
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use rustix::io::Errno;
use rustix::net::{SendFlags, send, sockopt};

use super::Error;
use super::datagrams::{Datagrams, Room};
use super::message::{Reply, Request};
use super::piece::{Piece, next_piece};

/// No answer for so long is a lost answer. The kernel answers while it takes the request, so only
/// a modprobe or a grace period is ever waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Room for one send, in bytes.
const SEND_BUFFER: usize = 512 * 1024;
/// Requests in one send: more make nothing faster.
const MANY: usize = 1024;
/// Requests in one send where the host imposes its receive buffer: about 230 answers fit the
/// smallest.
const FEW: usize = 128;
/// What one answer takes of the receive buffer at most, in bytes, with what the kernel keeps
/// beside it.
const REFUSAL: usize = 2048;
/// Generic netlink's own header before the attributes.
const GENERIC_HEADER: usize = 4;

/// A generic netlink socket that speaks to the kernel of the namespace it was opened in.
pub(super) struct Link {
    socket: OwnedFd,
    sequence: u32,
    family: u16,
    received: Datagrams,
    /// Bytes of answers that the kernel keeps for us.
    kept: usize,
    encoded: Vec<u8>,
}

/// What came back to one request.
pub(super) enum Heard {
    /// Acknowledged, or a dump's end.
    End(Tear),
    /// A positive errno.
    Refused(i32),
}

/// Whether somebody may have changed what was read while it was read.
///
/// The kernel fills each datagram of a dump at once, and finds the place of the next by counting:
/// what is removed meanwhile makes it pass over others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tear {
    /// It came in one datagram that had room for more.
    Whole,
    Possible,
}

/// What became of a batch, as far as the kernel told.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Errno of each request that was refused, by its place.
    pub(super) failed: Vec<(usize, i32)>,
    /// The rest of the answers is not there: what was asked for may have been done.
    pub(super) lost: bool,
}

impl Link {
    /// `receive_buffer` is the room for answers not yet read, in bytes. The family has no number
    /// before [`Link::resolve`].
    pub(super) fn open(receive_buffer: usize, room: Room) -> Result<Self, Error> {
        let socket = socket(receive_buffer).map_err(|source| Error::Transport {
            what: "open a socket",
            source,
        })?;
        Ok(Self::over(socket, room))
    }

    /// Over a socket that is there: each send is heard by who answers as the kernel.
    pub(super) fn over(socket: OwnedFd, room: Room) -> Self {
        Self {
            sequence: 0,
            family: 0,
            received: Datagrams::new(room),
            kept: sockopt::socket_recv_buffer_size(&socket).unwrap_or(0),
            socket,
            encoded: Vec::new(),
        }
    }

    /// A second socket, in the calling thread's namespace, which must be that of the first.
    pub(super) fn another(&self, receive_buffer: usize, room: Room) -> Result<Self, Error> {
        let family = self.family;
        Self::open(receive_buffer, room).map(|link| Self { family, ..link })
    }

    /// How many requests may go in one send, so that the refusal of all of them fits what the
    /// kernel keeps for us.
    pub(super) fn batch_size(&self) -> usize {
        if self.kept >= MANY * REFUSAL {
            MANY
        } else {
            FEW
        }
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
            (Heard::End(_), None) => Err(Error::Malformed { what: "families" }),
            (Heard::End(_), Some(number)) => {
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
        request: Request<'_>,
        reply: Reply,
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<Heard, Error> {
        let sequence = self.next_sequence();
        self.encoded.clear();
        request.encode(self.family, sequence, reply, &mut self.encoded);
        self.send(what)?;
        self.listen(what, sequence, sequence, |_, message| {
            each(attributes(message))
        })
    }

    /// Sends all requests at once; each refusal is told by the place of its request, and `each`
    /// is handed the attributes of every other answer with its place.
    ///
    /// Only the last asks for an acknowledgement: the kernel works off a send in order and
    /// reports errors unasked, so that its answer closes the batch.
    pub(super) fn batch<'a>(
        &mut self,
        what: &'static str,
        requests: impl ExactSizeIterator<Item = Request<'a>>,
        mut each: impl FnMut(usize, &[u8]) -> Result<(), Error>,
    ) -> Result<Answers, Error> {
        let count = requests.len();
        let mut answers = Answers::default();
        if count == 0 {
            return Ok(answers);
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
        let place = |sequence: u32| sequence.wrapping_sub(first) as usize;
        let failed = &mut answers.failed;
        let mut hear = |sequence, piece: Piece<'_>| {
            match piece {
                Piece::Error(errno) => failed.push((place(sequence), errno)),
                Piece::Data(bytes) => each(place(sequence), attributes(bytes))?,
                Piece::End => {}
            }
            Ok(())
        };
        match self.listen_with(what, first, last, &mut hear) {
            Ok(Heard::End(_)) => {}
            Ok(Heard::Refused(errno)) => failed.push((place(last), errno)),
            Err(Error::Transport { source, .. }) if was_lost(&source) => {
                // An overrun is told before what came before it.
                let heard = self.pending(first, last, &mut hear)?;
                if let Some(Heard::Refused(errno)) = heard {
                    failed.push((place(last), errno));
                }
                answers.lost = true;
            }
            Err(error) => return Err(error),
        }
        Ok(answers)
    }

    /// Takes what is there, after answers were lost, until nothing is.
    fn pending(
        &mut self,
        first: u32,
        last: u32,
        mut each: impl FnMut(u32, Piece<'_>) -> Result<(), Error>,
    ) -> Result<Option<Heard>, Error> {
        let mut end = None;
        // An overrun is reported once more by the first receive; only an empty queue ends it.
        for _ in 0..1_000_000 {
            match self.received.pending(self.socket.as_fd()) {
                Ok(()) => {
                    for datagram in self.received.iter() {
                        end = hand(datagram, first, last, &mut each)?.or(end);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {}
            }
        }
        Ok(end)
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
        let with_room_left = self.received.room().with_room_left();
        let mut fresh = true;
        // Datagrams with something in them, and the bytes of the last.
        let (mut filled, mut bytes) = (0, 0);
        loop {
            self.received
                .receive(self.socket.as_fd(), fresh)
                .map_err(|source| Error::Transport { what, source })?;
            fresh = false;
            for datagram in self.received.iter() {
                match hand(datagram, first, last, &mut each)? {
                    Some(Heard::End(_)) if filled > 1 || bytes > with_room_left => {
                        return Ok(Heard::End(Tear::Possible));
                    }
                    Some(heard) => return Ok(heard),
                    None => {}
                }
                filled += 1;
                bytes = datagram.len();
            }
        }
    }
}

/// Goes through one datagram; what `last` was answered with, if it was.
fn hand(
    mut rest: &[u8],
    first: u32,
    last: u32,
    mut each: impl FnMut(u32, Piece<'_>) -> Result<(), Error>,
) -> Result<Option<Heard>, Error> {
    let span = last.wrapping_sub(first);
    while !rest.is_empty() {
        let (sequence, piece, after) = next_piece(rest)?;
        rest = after;
        if sequence.wrapping_sub(first) > span {
            continue;
        }
        match piece {
            Some(Piece::End) if sequence == last => return Ok(Some(Heard::End(Tear::Whole))),
            Some(Piece::Error(errno)) if sequence == last => {
                return Ok(Some(Heard::Refused(errno)));
            }
            Some(piece) => each(sequence, piece)?,
            None => {}
        }
    }
    Ok(None)
}

/// What follows the generic header.
fn attributes(message: &[u8]) -> &[u8] {
    message.get(GENERIC_HEADER..).unwrap_or_default()
}

/// Answers dropped for want of room, or none in time: what was sent may have been carried out.
fn was_lost(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error())
        || error.kind() == io::ErrorKind::WouldBlock
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
    // A host may have lowered the default, which otherwise has room for every batch.
    let _ = sockopt::set_socket_send_buffer_size_force(fd, SEND_BUFFER);
    fd.try_clone_to_owned()
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
