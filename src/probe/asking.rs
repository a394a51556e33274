use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use slab::Slab;
use tokio::sync::mpsc::UnboundedSender;

use super::absence::Absence;
use super::datagram;
use super::exchange::Exchange;
use super::fault;
use super::inbox::{Command, Inbox};
use super::lateness::Account;
use super::prober::Answer;
use super::room::Room;
use super::wheel::Wheel;
use crate::health::{ProbeId, Verdict};
use crate::model::check::Probe;
use crate::model::moment::Moment;
use crate::sys::clock;
use crate::sys::limits;

/// What epoll says for the wake-up; other numbers are places of `asked`.
const WAKE: u64 = u64::MAX;

/// So many answers are heard, and so many timers fired, before the other is looked at again.
const AT_ONCE: usize = 256;

/// The thread sleeps no longer at a time, so that it knows how long it was kept away, and because
/// timers of the kernel stand still while the host sleeps.
const NAP: Duration = Duration::from_millis(250);

/// How often the limit of descriptors is asked for: others can lower and raise it.
const LIMIT: Duration = Duration::from_secs(1);

/// What the asking thread owns.
pub(super) struct Asking {
    epoll: OwnedFd,
    inbox: Arc<Inbox>,
    commands: Vec<Command>,
    asked: Slab<Asked>,
    places: HashMap<ProbeId, usize>,
    wheel: Wheel<Timer>,
    due: VecDeque<Timer>,
    /// Those whose moment came while there was no room for them.
    waiting: VecDeque<Timer>,
    /// Questions on their way, and how many may be.
    flights: usize,
    room: usize,
    /// When to ask for the limit again.
    next_limit: Moment,
    buffer: Box<[u8]>,
    absence: Absence,
    last_turn: u64,
    chance: RandomState,
    lateness: Arc<Mutex<Account>>,
    told: Vec<Answer>,
    answers: UnboundedSender<Answer>,
}

/// Begins a question, or gives it up. Void where its place is of another turn.
#[derive(Clone, Copy, Debug)]
struct Timer {
    place: usize,
    turn: u64,
}

struct Asked {
    id: ProbeId,
    turn: u64,
    probe: Arc<Probe>,
    due: Moment,
    started: Moment,
    flight: Option<Flight>,
}

/// A question on its way.
struct Flight {
    exchange: Exchange,
    deadline: Moment,
}

impl Asking {
    pub(super) fn new(
        inbox: Arc<Inbox>,
        lateness: Arc<Mutex<Account>>,
        answers: UnboundedSender<Answer>,
    ) -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &*inbox, EventData::new_u64(WAKE), EventFlags::IN)?;
        let now = clock::now();
        Ok(Self {
            epoll,
            inbox,
            commands: Vec::new(),
            asked: Slab::new(),
            places: HashMap::new(),
            wheel: Wheel::new(now),
            due: VecDeque::new(),
            waiting: VecDeque::new(),
            flights: 0,
            room: 1,
            next_limit: now,
            buffer: vec![0; datagram::LONGEST].into(),
            absence: Absence::new(now, Duration::ZERO),
            last_turn: 0,
            chance: RandomState::new(),
            lateness,
            told: Vec::new(),
            answers,
        })
    }

    pub(super) fn run(mut self) {
        self.absence = Absence::new(clock::now(), clock::worked());
        let mut events = Vec::with_capacity(AT_ONCE);
        loop {
            let slept = self.rest(&mut events);
            let now = clock::now();
            let taken = self.absence.look(now, clock::worked(), slept);
            if !taken.is_zero() {
                self.give_back(taken);
            }
            if self.obey() {
                return;
            }
            // Answers that are there are heard before any time limit is looked at, so that what
            // was late to be read is not taken for silence.
            self.hear(&mut events);
            self.measure(now);
            self.begin_waiting();
            let expired = self.wheel.expire(now);
            self.due.extend(expired.into_iter().map(|(_, timer)| timer));
            for _ in 0..AT_ONCE {
                let Some(timer) = self.due.pop_front() else {
                    break;
                };
                self.fire(timer, now);
            }
            self.tell();
        }
    }

    /// Waits for answers, timers and commands; tells how long it meant to at most.
    fn rest(&self, events: &mut Vec<Event>) -> Duration {
        let mut wait = Duration::ZERO;
        if self.due.is_empty() && !self.can_begin() {
            let now = clock::now();
            wait = self.wheel.idle(now).map_or(NAP, |idle| idle.min(NAP));
            if !self.inbox.sleep(now + wait) {
                wait = Duration::ZERO;
            }
        }
        self.look(wait, events);
        wait
    }

    /// Asks the kernel which sockets have something to say.
    fn look(&self, wait: Duration, events: &mut Vec<Event>) {
        let wait = Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        };
        events.clear();
        if epoll::wait(&self.epoll, spare_capacity(events), Some(&wait)).is_err() {
            // Interrupted, as when it was stopped: what came meanwhile is to be heard now.
            let now = Timespec::default();
            let _ = epoll::wait(&self.epoll, spare_capacity(events), Some(&now));
        }
    }

    /// A question whose time ran on while this thread could not hear has it again.
    fn give_back(&mut self, taken: Duration) {
        let asked = self.asked.iter_mut();
        for flight in asked.filter_map(|(_, asked)| asked.flight.as_mut()) {
            flight.deadline = flight.deadline + taken;
        }
    }

    /// True where the thread is to end.
    fn obey(&mut self) -> bool {
        let mut commands = std::mem::take(&mut self.commands);
        self.inbox.wake(&mut commands);
        let mut ends = false;
        for command in commands.drain(..) {
            match command {
                Command::Ask(id, probe, at) => self.plan(id, probe, at),
                Command::Cancel(id) => self.forget(id),
                Command::Stop => ends = true,
            }
        }
        // At a start there is one for every check.
        commands.shrink_to(AT_ONCE);
        self.commands = commands;
        ends
    }

    fn plan(&mut self, id: ProbeId, probe: Arc<Probe>, at: Moment) {
        self.forget(id);
        self.last_turn += 1;
        let turn = self.last_turn;
        let place = self.asked.insert(Asked {
            id,
            turn,
            probe,
            due: at,
            started: at,
            flight: None,
        });
        self.places.insert(id, place);
        self.wheel.insert(at, Timer { place, turn });
    }

    fn forget(&mut self, id: ProbeId) {
        if let Some(place) = self.places.remove(&id) {
            // Closing its socket takes it out of epoll too.
            let asked = self.asked.try_remove(place);
            let flight = asked.and_then(|asked| asked.flight);
            self.flights -= usize::from(flight.is_some());
        }
    }

    fn measure(&mut self, now: Moment) {
        if now >= self.next_limit {
            self.room = Room::of(limits::descriptors()).packets;
            self.next_limit = now + LIMIT;
        }
    }

    fn has_room(&self) -> bool {
        self.flights < self.room
    }

    fn can_begin(&self) -> bool {
        self.has_room() && !self.waiting.is_empty()
    }

    /// Who waited longest comes first.
    fn begin_waiting(&mut self) {
        for _ in 0..AT_ONCE {
            if !self.has_room() {
                return;
            }
            let Some(timer) = self.waiting.pop_front() else {
                return;
            };
            if self.is_asked(timer) {
                self.begin(timer);
            }
        }
    }

    fn is_asked(&self, timer: Timer) -> bool {
        let asked = self.asked.get(timer.place);
        asked.is_some_and(|asked| asked.turn == timer.turn)
    }

    /// Hears everything that is there, of each server once, so that none can hold up the others.
    fn hear(&mut self, events: &mut Vec<Event>) {
        for _ in 0..=self.asked.len() / AT_ONCE {
            for event in events.iter() {
                match event.data.u64() {
                    WAKE => self.inbox.hear(),
                    place => self.hear_one(place, event.flags),
                }
            }
            if events.len() < AT_ONCE {
                return;
            }
            self.look(Duration::ZERO, events);
        }
    }

    fn hear_one(&mut self, place: u64, event: EventFlags) {
        let Ok(place) = usize::try_from(place) else {
            return;
        };
        let asked = self.asked.get(place);
        let Some(flight) = asked.and_then(|asked| asked.flight.as_ref()) else {
            return;
        };
        if let Some(verdict) = flight.exchange.hear(event, &mut self.buffer) {
            self.answer(place, verdict);
        }
    }

    fn fire(&mut self, timer: Timer, now: Moment) {
        let Timer { place, turn } = timer;
        let Some(asked) = self.asked.get(place).filter(|asked| asked.turn == turn) else {
            return;
        };
        match &asked.flight {
            None if self.has_room() && self.waiting.is_empty() => self.begin(timer),
            None => self.waiting.push_back(timer),
            Some(flight) if flight.deadline <= now => {
                let verdict = flight.exchange.silence(asked.probe.timeout);
                self.answer(place, verdict);
            }
            Some(flight) => self.wheel.insert(flight.deadline, timer),
        }
    }

    fn begin(&mut self, timer: Timer) {
        let asked = &mut self.asked[timer.place];
        let started = clock::now();
        asked.started = started;
        let nonce = self.chance.hash_one(timer.turn);
        let begun = Exchange::begin(&asked.probe, nonce);
        let begun = begun.and_then(|exchange| await_answer(&self.epoll, exchange, timer.place));
        if begun.is_err() && self.flights > 0 && limits::is_exhausted() {
            // There is less room than the limit says: the next that ends makes some.
            self.room = self.flights;
            return self.waiting.push_front(timer);
        }
        let account = self.lateness.lock();
        account
            .unwrap_or_else(PoisonError::into_inner)
            .add(started.since(asked.due), started);
        match begun {
            Ok(exchange) => {
                let deadline = started + asked.probe.timeout;
                asked.flight = Some(Flight { exchange, deadline });
                self.flights += 1;
                self.wheel.insert(deadline, timer);
            }
            Err(verdict) => self.answer(timer.place, verdict),
        }
    }

    fn answer(&mut self, place: usize, verdict: Verdict) {
        let asked = self.asked.remove(place);
        self.flights -= usize::from(asked.flight.is_some());
        self.places.remove(&asked.id);
        self.told.push(Answer {
            id: asked.id,
            verdict,
            started: asked.started,
            finished: clock::now(),
            late: asked.started.since(asked.due),
        });
    }

    /// Answers go out together, so that whoever hears them is woken once.
    fn tell(&mut self) {
        for answer in self.told.drain(..) {
            // Nobody listens any more only while the daemon ends.
            let _ = self.answers.send(answer);
        }
    }
}

fn await_answer(epoll: &OwnedFd, exchange: Exchange, place: usize) -> Result<Exchange, Verdict> {
    let number = EventData::new_u64(place as u64);
    match epoll::add(epoll, exchange.as_fd(), number, exchange.awaits()) {
        Ok(()) => Ok(exchange),
        Err(errno) => Err(fault::unasked(
            "cannot wait for an answer",
            errno,
            "raise sysctl fs.epoll.max_user_watches",
        )),
    }
}
