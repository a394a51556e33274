use netlink_packet_core::{NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN, NetlinkBuffer};

use super::Error;

/// `NLMSG_HDRLEN`.
const HEADER: usize = 16;

/// One answer out of a datagram.
pub(super) enum Piece<'a> {
    /// What follows the netlink header of a message that is no acknowledgement.
    Data(&'a [u8]),
    /// Acknowledged, or a dump's end.
    End,
    /// A positive errno.
    Error(i32),
}

/// The first message in `bytes`: its sequence number, what it is, and what follows it.
pub(super) fn next_piece(bytes: &[u8]) -> Result<(u32, Option<Piece<'_>>, &[u8]), Error> {
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
