use std::os::fd::OwnedFd;

use super::datagram;
use crate::health::Verdict;
use crate::model::check::{Like, Probe, Reply, Udp};

/// What is sent where the file has no payload.
const FILLER: &[u8; 32] = b"lvsctl asks whether you are here";

/// Sends the datagram; nothing here waits.
pub(super) fn begin(probe: &Probe, udp: &Udp) -> Result<OwnedFd, Verdict> {
    let socket = datagram::open(probe)?;
    datagram::ask(&socket, udp.payload.as_deref().unwrap_or(FILLER))?;
    Ok(socket)
}

/// What a reply is worth.
pub(super) fn judge(udp: &Udp, reply: &[u8]) -> Verdict {
    match &udp.reply {
        Reply::NotNeeded | Reply::Any => Verdict::Passed,
        Reply::Like(like) if like.fits(reply) => Verdict::Passed,
        Reply::Like(like) => Verdict::Failed(complaint(like, reply.len())),
    }
}

fn complaint(like: &Like, length: usize) -> String {
    if (usize::from(like.least)..=usize::from(like.most)).contains(&length) {
        format!("the reply of {length} bytes is not the one required")
    } else {
        let (least, most) = (like.least, like.most);
        format!("the reply has {length} bytes, not {least} to {most}")
    }
}
