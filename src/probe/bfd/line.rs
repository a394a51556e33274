use std::io;
use std::net::{SocketAddr, UdpSocket};

use tracing::debug;

use super::packet::Packet;
use super::session::{Session, Standing};
use super::socket::ear_of;
use crate::health::Verdict;
use crate::model::check::Bfd;
use crate::model::moment::Moment;

/// A session and where its packets come from, or why there is none.
pub(super) enum Line {
    Open(Box<Session>, UdpSocket),
    /// Why it could not be opened, and when that is tried again.
    Shut(String, Moment),
}

impl Line {
    pub(super) fn session(&self) -> Option<&Session> {
        match self {
            Self::Open(session, _) => Some(session),
            Self::Shut(..) => None,
        }
    }

    /// When there is something to do, if nothing comes in.
    pub(super) fn due(&self, now: Moment) -> Option<Moment> {
        match self {
            Self::Open(session, _) => session.due(now),
            Self::Shut(_, again) => Some(*again),
        }
    }

    pub(super) fn hear(&mut self, packet: &Packet, now: Moment, chance: u32) {
        if let Self::Open(session, _) = self {
            session.hear(packet, now);
        }
        // A poll is answered before the next packet can poll again.
        self.send(now, chance);
    }

    /// Sends what is due.
    pub(super) fn send(&mut self, now: Moment, chance: u32) {
        if let Self::Open(session, mouth) = self
            && let Some(packet) = session.tick(now, chance)
        {
            say(session.terms(), mouth, &packet);
        }
    }

    /// Says that the session is no longer wanted.
    pub(super) fn close(&self) {
        if let Self::Open(session, mouth) = self {
            say(session.terms(), mouth, &session.farewell());
        }
    }

    /// `None` while it is not known.
    pub(super) fn verdict(&self, now: Moment) -> Option<Verdict> {
        let session = match self {
            Self::Open(session, _) => session,
            Self::Shut(why, _) => return Some(Verdict::Unasked(why.clone())),
        };
        let terms = session.terms();
        match session.standing(now) {
            Standing::Unsettled => None,
            Standing::Up => Some(Verdict::Passed),
            Standing::Down => {
                let why = session.reason();
                Some(Verdict::Failed(format!("{terms} is down: {why}")))
            }
            Standing::AdminDown => {
                let neighbour = terms.neighbour;
                let why = format!("{terms} is administratively down at {neighbour}");
                Some(Verdict::Unasked(why))
            }
        }
    }
}

fn say(terms: &Bfd, mouth: &UdpSocket, packet: &Packet) {
    let to = SocketAddr::new(terms.neighbour, terms.port());
    // What cannot be sent is not heard: the neighbour says so, or falls silent.
    if let Err(error) = mouth.send_to(&packet.write(), to) {
        debug!(session = %terms, %error, "cannot send");
    }
}

/// Why a session cannot be opened, with the remedy.
pub(super) fn why_shut(terms: &Bfd, error: &io::Error) -> String {
    let at = ear_of(terms);
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{terms} cannot listen at {at}: another program does, as keepalived's own BFD process \
             (remedy: keepalived --no_bfd)"
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "{terms} cannot listen at {at}: no interface of this host has the address \
             (remedy: another source_ip)"
        ),
        _ => format!("{terms} cannot be opened at {at}: {error}"),
    }
}
