//! `BFD_CHECK`: sessions of RFC 5880 over UDP, RFC 5881, one for each `bfd_instance`, however many
//! checks name it.
//!
//! ```text
//! ask, cancel ──▶ inbox ──▶ open, close ──▶ Session ──▶ verdict ──▶ channel
//!                                            ▲   │
//!            port 3784 ──▶ Ear ──▶ packet ───┘   └──▶ packet ──▶ mouth
//! ```

mod ears;
mod line;
mod packet;
mod session;
mod socket;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc::UnboundedSender;
use tracing::debug;

use self::ears::Ears;
use self::line::{Line, why_shut};
use self::packet::Packet;
use self::session::Session;
use self::socket::{Datagram, mouth};
use super::prober::Answer;
use super::watch::{Command, Inbox, tell};
use crate::health::{ProbeId, Verdict};
use crate::model::check::Bfd;
use crate::model::moment::Moment;
use crate::sys::clock;

/// From a session that could not be opened to the next try.
const AGAIN: Duration = Duration::from_secs(5);

/// Answers for sessions until told to stop.
pub(super) fn watch(inbox: &Inbox<Command<Bfd>>, answers: UnboundedSender<Answer>) {
    let mut sessions = Sessions {
        ears: Ears::default(),
        held: BTreeMap::new(),
        answers,
    };
    loop {
        sessions.wait(inbox);
        for command in inbox.take() {
            match command {
                Command::Ask(id, terms) => sessions.ask(id, &terms),
                Command::Cancel(id) => sessions.cancel(id),
                Command::Stop => return sessions.close(),
            }
        }
        // What was late to be read is not taken for silence.
        sessions.hear();
        sessions.turn();
    }
}

struct Sessions {
    ears: Ears,
    held: BTreeMap<Arc<Bfd>, Held>,
    answers: UnboundedSender<Answer>,
}

/// A session that somebody wants to know of.
struct Held {
    line: Line,
    subscribers: BTreeSet<ProbeId>,
    /// What they heard last.
    told: Option<Verdict>,
}

impl Sessions {
    /// Until there is a command, a packet or something to do.
    fn wait(&self, inbox: &Inbox<Command<Bfd>>) {
        let now = clock::now();
        let due = self.held.values().filter_map(|held| held.line.due(now));
        let time = due.min().and_then(|due| due.since(now).try_into().ok());
        let mut all = vec![PollFd::new(inbox, PollFlags::IN)];
        let ears = self.ears.fds();
        all.extend(ears.map(|ear| PollFd::from_borrowed_fd(ear, PollFlags::IN)));
        // Interrupted: the next round waits again.
        let _ = poll(&mut all, time.as_ref());
    }

    fn ask(&mut self, id: ProbeId, terms: &Arc<Bfd>) {
        let held = self.held.get(terms);
        if !held.is_some_and(|held| held.subscribers.contains(&id)) {
            self.cancel(id);
        }
        if !self.held.contains_key(terms) {
            let held = Held {
                line: self.open(terms),
                subscribers: BTreeSet::new(),
                told: None,
            };
            self.held.insert(Arc::clone(terms), held);
        }
        if let Some(held) = self.held.get_mut(terms) {
            held.subscribers.insert(id);
            if let Some(verdict) = &held.told {
                tell(&self.answers, id, verdict.clone());
            }
        }
    }

    fn cancel(&mut self, id: ProbeId) {
        self.held.retain(|_, held| {
            let kept = !held.subscribers.remove(&id) || !held.subscribers.is_empty();
            if !kept {
                held.line.close();
            }
            kept
        });
        self.ears.keep(|| self.held.keys());
    }

    fn close(&mut self) {
        for held in self.held.values() {
            held.line.close();
        }
    }

    fn open(&mut self, terms: &Arc<Bfd>) -> Line {
        match self.try_open(terms) {
            Ok(line) => line,
            Err(error) => Line::Shut(why_shut(terms, &error), clock::now() + AGAIN),
        }
    }

    fn try_open(&mut self, terms: &Arc<Bfd>) -> io::Result<Line> {
        self.ears.listen(terms)?;
        let [high, low, ..] = chance().to_ne_bytes();
        let mouth = mouth(terms, u16::from_ne_bytes([high, low]))?;
        let session = Session::new(Arc::clone(terms), self.free_number(), clock::now());
        Ok(Line::Open(Box::new(session), mouth))
    }

    /// A number that no session of this host has.
    fn free_number(&self) -> NonZeroU32 {
        loop {
            if let Some(number) = NonZeroU32::new(chance())
                && self.by_number(number.get()).is_none()
            {
                return number;
            }
        }
    }

    fn by_number(&self, number: u32) -> Option<&Arc<Bfd>> {
        let mut held = self.held.iter();
        let found = held.find(|(_, held)| {
            let session = held.line.session();
            session.is_some_and(|session| session.discriminator().get() == number)
        });
        found.map(|(terms, _)| terms)
    }

    /// Takes up every packet that is there.
    fn hear(&mut self) {
        let now = clock::now();
        for datagram in self.ears.hear() {
            if let Err(why) = self.take_up(&datagram, now) {
                debug!(from = %datagram.from, %why, "a BFD packet counts for nothing");
            }
        }
    }

    /// Source: RFC 5880 section 6.8.6, RFC 5881 sections 3 and 5.
    fn take_up(&mut self, datagram: &Datagram, now: Moment) -> Result<(), String> {
        let packet = Packet::read(&datagram.bytes).map_err(|refusal| format!("{refusal:?}"))?;
        let comes_to = |terms: &&Arc<Bfd>| {
            let to = datagram.to;
            terms.port() == to.port() && terms.source.is_none_or(|source| source == to.ip())
        };
        let terms = match packet.to {
            0 => {
                let mut near = self.held.keys().filter(comes_to);
                near.find(|terms| terms.neighbour == datagram.from)
            }
            number => self.by_number(number).filter(comes_to),
        };
        let terms = terms.ok_or("no session is meant")?.clone();
        if datagram.hops < terms.hops.least {
            let (hops, least) = (datagram.hops, terms.hops.least);
            return Err(format!("hop limit {hops}, and no less than {least} counts"));
        }
        if let Some(held) = self.held.get_mut(&terms) {
            held.line.hear(&packet, now, chance());
        }
        Ok(())
    }

    /// Sends what is due, and tells what is new.
    fn turn(&mut self) {
        let now = clock::now();
        self.open_again(now);
        for held in self.held.values_mut() {
            held.line.send(now, chance());
            if let Some(verdict) = held.line.verdict(now)
                && is_news(held.told.as_ref(), &verdict)
            {
                for id in &held.subscribers {
                    tell(&self.answers, *id, verdict.clone());
                }
                held.told = Some(verdict);
            }
        }
    }

    fn open_again(&mut self, now: Moment) {
        let due = |held: &Held| matches!(held.line, Line::Shut(_, again) if again <= now);
        let due = self.held.iter().filter(|(_, held)| due(held));
        let due: Vec<Arc<Bfd>> = due.map(|(terms, _)| Arc::clone(terms)).collect();
        for terms in due {
            let line = self.open(&terms);
            if let Some(held) = self.held.get_mut(&terms) {
                held.line = line;
            }
        }
    }
}

/// A session that is down may go on being so for other reasons.
fn is_news(told: Option<&Verdict>, verdict: &Verdict) -> bool {
    match (told, verdict) {
        (Some(Verdict::Failed(_)), Verdict::Failed(_)) => false,
        (told, verdict) => told != Some(verdict),
    }
}

/// Any number.
fn chance() -> u32 {
    // Each `RandomState` has keys of its own.
    let [a, b, c, d, ..] = RandomState::new().hash_one(()).to_ne_bytes();
    u32::from_ne_bytes([a, b, c, d])
}
