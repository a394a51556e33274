use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::packet::{Diagnostic, Packet, State};
use crate::model::check::Bfd;
use crate::model::moment::Moment;

/// One end of a session in asynchronous mode. Pure: packets and time come in, packets and state go
/// out.
///
/// Source: RFC 5880 section 6.8, whose variables the fields are.
#[derive(Debug)]
pub(super) struct Session {
    terms: Arc<Bfd>,
    state: State,
    diagnostic: Diagnostic,
    discriminator: NonZeroU32,
    neighbour: Neighbour,
    /// The neighbour is being told of a new interval, and has not said that it heard.
    polling: bool,
    /// The neighbour polls, and is to be answered at once.
    polled: bool,
    /// The state is another than in the last packet, which is to be said at once.
    news: bool,
    sent: Option<Moment>,
    /// The next packet goes after this share of the interval, in hundredths.
    pace: u32,
    /// Silence until then ends what the neighbour said.
    expires: Option<Moment>,
    /// A session that has not been up yet says nothing of the neighbour before this.
    settles: Moment,
}

/// What the neighbour said last.
#[derive(Debug)]
struct Neighbour {
    /// Its number of the session; 0 where it was silent for too long.
    discriminator: u32,
    state: State,
    demand: bool,
    min_rx: Duration,
}

/// What a session says of its neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It had no time yet to come up, or to come up again.
    Unsettled,
    Up,
    Down,
    /// Ended by the neighbour's operator, which says nothing of the path to it.
    ///
    /// Source: RFC 5882 section 4.2.
    AdminDown,
}

impl Session {
    pub(super) fn new(terms: Arc<Bfd>, discriminator: NonZeroU32, now: Moment) -> Self {
        let mut session = Self {
            terms,
            state: State::Down,
            diagnostic: Diagnostic::NONE,
            discriminator,
            neighbour: Neighbour {
                discriminator: 0,
                state: State::Down,
                demand: false,
                min_rx: Duration::from_micros(1),
            },
            polling: false,
            polled: false,
            news: false,
            sent: None,
            pace: 100,
            expires: None,
            settles: now,
        };
        session.unsettle(now);
        session
    }

    pub(super) fn terms(&self) -> &Bfd {
        &self.terms
    }

    pub(super) fn discriminator(&self) -> NonZeroU32 {
        self.discriminator
    }

    /// Why it is not up.
    pub(super) fn reason(&self) -> String {
        match self.diagnostic {
            Diagnostic::NONE if self.neighbour.discriminator == 0 => {
                format!("nothing was heard of {}", self.terms.neighbour)
            }
            diagnostic => diagnostic.to_string(),
        }
    }

    pub(super) fn standing(&self, now: Moment) -> Standing {
        match (self.state, self.neighbour.state) {
            (State::Up, _) => Standing::Up,
            (_, State::AdminDown) => Standing::AdminDown,
            _ if now < self.settles => Standing::Unsettled,
            _ => Standing::Down,
        }
    }

    /// A packet that passed [`Packet::read`] and is for this session.
    ///
    /// Source: RFC 5880 section 6.8.6, from "Set bfd.RemoteDiscr" on.
    pub(super) fn hear(&mut self, packet: &Packet, now: Moment) {
        self.admit_lateness(now);
        if self.neighbour.state == State::AdminDown && packet.state != State::AdminDown {
            self.unsettle(now);
        }
        self.neighbour = Neighbour {
            discriminator: packet.from.get(),
            state: packet.state,
            demand: packet.demand,
            min_rx: packet.min_rx,
        };
        if packet.final_ {
            self.polling = false;
        }
        let interval = self.terms.min_rx.max(packet.min_tx);
        self.expires = Some(now + interval * packet.multiplier.get().into());
        match (self.state, packet.state) {
            (State::Down, State::Down) => self.enter(State::Init, Diagnostic::NONE),
            (State::Down, State::Init) | (State::Init, State::Init | State::Up) => {
                self.enter(State::Up, Diagnostic::NONE);
            }
            (State::Init | State::Up, State::AdminDown) | (State::Up, State::Down) => {
                self.enter(State::Down, Diagnostic::NEIGHBOUR_DOWN);
            }
            (State::Down, State::AdminDown | State::Up)
            | (State::Init, State::Down)
            | (State::Up, State::Init | State::Up)
            // Our end is never that before its last packet.
            | (State::AdminDown, _) => {}
        }
        self.polled |= packet.poll;
    }

    /// What is to be sent now; to be called when [`Session::due`] has come, and after every
    /// packet. `chance` is any number.
    pub(super) fn tick(&mut self, now: Moment, chance: u32) -> Option<Packet> {
        self.admit_lateness(now);
        if self.expires.is_some_and(|expires| expires <= now) {
            self.expire();
        }
        if self.next_packet().is_none_or(|next| next > now) {
            return None;
        }
        let final_ = std::mem::take(&mut self.polled);
        self.news = false;
        self.sent = Some(now);
        self.pace = pace(&self.terms, chance);
        Some(Packet {
            poll: self.polling && !final_,
            final_,
            ..self.packet()
        })
    }

    /// When the session changes by itself or wants to send. In the past: at once.
    pub(super) fn due(&self, now: Moment) -> Option<Moment> {
        let settles = Some(self.settles).filter(|settles| *settles > now);
        let times = [self.next_packet(), self.expires, settles];
        times.into_iter().flatten().min()
    }

    /// The last packet: that the session ends because it is no longer wanted.
    ///
    /// Source: RFC 5880 section 6.8.16.
    pub(super) fn farewell(&self) -> Packet {
        Packet {
            state: State::AdminDown,
            diagnostic: Diagnostic::ADMINISTRATIVELY_DOWN,
            ..self.packet()
        }
    }

    fn packet(&self) -> Packet {
        Packet {
            diagnostic: self.diagnostic,
            state: self.state,
            poll: false,
            final_: false,
            demand: false,
            multiplier: self.terms.multiplier,
            from: self.discriminator,
            to: self.neighbour.discriminator,
            min_tx: self.min_tx(),
            min_rx: self.terms.min_rx,
        }
    }

    fn enter(&mut self, state: State, diagnostic: Diagnostic) {
        let before = self.min_tx();
        self.state = state;
        self.diagnostic = diagnostic;
        self.news = true;
        if state == State::Up {
            self.settles = Moment::default();
        }
        // Only a change while the session is up is agreed on by polling; another is in effect at
        // once. Source: RFC 5880 section 6.8.3.
        self.polling = state == State::Up && self.min_tx() != before;
    }

    /// The detection time passed without a packet.
    ///
    /// Source: RFC 5880 section 6.8.4, and bfd.RemoteDiscr in section 6.8.1.
    fn expire(&mut self) {
        self.expires = None;
        self.neighbour.discriminator = 0;
        if matches!(self.state, State::Init | State::Up) {
            self.enter(State::Down, Diagnostic::TIME_EXPIRED);
        }
    }

    fn min_tx(&self) -> Duration {
        match self.state {
            State::Up => self.terms.min_tx,
            State::AdminDown | State::Down | State::Init => self.terms.idle_tx,
        }
    }

    /// From one packet to the next, where there are any.
    fn interval(&self) -> Duration {
        self.min_tx().max(self.neighbour.min_rx)
    }

    /// Source: RFC 5880 section 6.8.7.
    fn next_packet(&self) -> Option<Moment> {
        let at_once = Some(Moment::default());
        if self.polled {
            return at_once;
        }
        let waits = self.terms.passive && self.neighbour.discriminator == 0;
        let both_up = self.state == State::Up && self.neighbour.state == State::Up;
        let on_demand = self.neighbour.demand && both_up && !self.polling;
        if waits || on_demand || self.neighbour.min_rx.is_zero() {
            return None;
        }
        match self.sent {
            Some(sent) if !self.news => Some(sent + self.interval() * self.pace / 100),
            _ => at_once,
        }
    }

    /// Where this host slept for so long that the neighbour must have taken it for dead, what it
    /// says of the session next is no word on the neighbour: the session may come up again first.
    fn admit_lateness(&mut self, now: Moment) {
        let Some(due) = self.due(now) else { return };
        let patience = self.interval() * self.terms.multiplier.get().into();
        // At once is never late.
        let late = due > Moment::default() && now.since(due) >= patience;
        if late && self.state == State::Up {
            self.unsettle(now);
        }
    }

    /// Three packets each way bring a session up; the first of them may be lost.
    fn unsettle(&mut self, now: Moment) {
        let packets = u32::from(self.terms.multiplier.get()).max(4);
        self.settles = now + self.terms.idle_tx * packets;
    }
}

/// At most a quarter of the interval is left out by chance, and a tenth at least where the
/// neighbour counts to one.
///
/// Source: RFC 5880 section 6.8.7.
fn pace(terms: &Bfd, chance: u32) -> u32 {
    let most = if terms.multiplier.get() == 1 { 90 } else { 100 };
    75 + chance % (most - 75 + 1)
}

#[cfg(test)]
mod tests;
