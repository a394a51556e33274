use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use slab::Slab;
use tokio::sync::mpsc::UnboundedSender;

use super::prober::Answer;
use super::tcp::{self, Begun};
use super::wheel::Wheel;
use crate::health::{ProbeId, Verdict};
use crate::model::check::Probe;
use crate::model::moment::Moment;
use crate::sys::clock;

/// The thread that asks. Dropping it ends the thread and every probe on its way.
#[derive(Debug)]
pub(super) struct Quick {
    inbox: Arc<Inbox>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Inbox {
    commands: Mutex<Vec<Command>>,
    wake: OwnedFd,
}

#[derive(Debug)]
enum Command {
    Ask(ProbeId, Probe, Moment),
    Cancel(ProbeId),
    Stop,
}

impl Quick {
    /// Starts the thread in the caller's network namespace.
    ///
    /// The channel needs no bound of its own: a probe is not asked again before its owner has
    /// heard the last answer and says so.
    pub(super) fn start(answers: UnboundedSender<Answer>) -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        epoll::add(&epoll, &wake, EventData::new_u64(WAKE), EventFlags::IN)?;
        let inbox = Arc::new(Inbox {
            commands: Mutex::default(),
            wake,
        });
        let mut asking = Asking {
            epoll,
            inbox: Arc::clone(&inbox),
            wheel: Wheel::new(clock::now()),
            scheduled: BTreeMap::new(),
            flights: Slab::new(),
            next_turn: 0,
            answers,
        };
        let thread = thread::Builder::new()
            .name("prober".to_owned())
            .spawn(move || asking.run())?;
        Ok(Self {
            inbox,
            thread: Some(thread),
        })
    }

    /// Asks at `at`, or at once where that has passed. Replaces what was scheduled under `id`.
    pub(super) fn ask(&self, id: ProbeId, probe: Probe, at: Moment) {
        self.inbox.post(Command::Ask(id, probe, at));
    }

    /// Asks no more under `id`; a probe on its way is given up without an answer.
    pub(super) fn cancel(&self, id: ProbeId) {
        self.inbox.post(Command::Cancel(id));
    }
}

impl Drop for Quick {
    fn drop(&mut self) {
        self.inbox.post(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Inbox {
    fn post(&self, command: Command) {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.push(command);
        // Full only after 2^64 - 2 commands: a lost wake-up cannot be.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    fn take(&self) -> Vec<Command> {
        let _ = rustix::io::read(&self.wake, &mut [0; 8]);
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut commands)
    }
}

/// What epoll says for the wake-up; other numbers are places of `flights`.
const WAKE: u64 = u64::MAX;
const EVENTS: usize = 256;

struct Asking {
    epoll: OwnedFd,
    inbox: Arc<Inbox>,
    wheel: Wheel<Timer>,
    scheduled: BTreeMap<ProbeId, Scheduled>,
    flights: Slab<Flight>,
    next_turn: u64,
    answers: UnboundedSender<Answer>,
}

/// What a timer is for. It is void where the turn has moved on.
#[derive(Clone, Copy, Debug)]
enum Timer {
    Begin(ProbeId, u64),
    GiveUp(usize, u64),
}

struct Scheduled {
    probe: Probe,
    turn: u64,
    flight: Option<usize>,
}

/// What a look at the sockets brought.
struct Heard {
    commands: bool,
    /// Nothing was there.
    all: bool,
}

/// A connection on its way.
struct Flight {
    id: ProbeId,
    turn: u64,
    socket: OwnedFd,
    timeout: Duration,
    due: Moment,
    started: Moment,
}

impl Asking {
    fn run(&mut self) {
        loop {
            let wait = self.wheel.idle(clock::now());
            // Answers that are there are heard before any time limit is looked at, so that what
            // was late to be read is not taken for silence.
            let mut heard = self.listen(wait);
            loop {
                if heard.commands && self.obey() {
                    return;
                }
                if heard.all {
                    break;
                }
                heard = self.listen(Some(Duration::ZERO));
            }
            for (due, timer) in self.wheel.expire(clock::now()) {
                self.fire(due, timer);
            }
        }
    }

    /// Waits for sockets and commands.
    fn listen(&mut self, wait: Option<Duration>) -> Heard {
        let wait = wait.map(|wait| Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        });
        let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
        if let Err(errno) = epoll::wait(&self.epoll, spare_capacity(&mut events), wait.as_ref()) {
            // Interrupted: what there is to hear is heard next time.
            debug_assert_eq!(errno, rustix::io::Errno::INTR);
        }
        let mut heard = Heard {
            commands: false,
            all: events.is_empty(),
        };
        for event in &events {
            let number = event.data.u64();
            if number == WAKE {
                heard.commands = true;
                continue;
            }
            let place = usize::try_from(number).unwrap_or(usize::MAX);
            if let Some(flight) = self.flights.get(place) {
                let verdict = tcp::finish(&flight.socket);
                self.land(place, verdict);
            }
        }
        heard
    }

    /// True where the thread is to end.
    fn obey(&mut self) -> bool {
        for command in self.inbox.take() {
            match command {
                Command::Ask(id, probe, at) => {
                    self.forget(id);
                    let turn = self.turn();
                    self.wheel.insert(at, Timer::Begin(id, turn));
                    let flight = None;
                    self.scheduled.insert(
                        id,
                        Scheduled {
                            probe,
                            turn,
                            flight,
                        },
                    );
                }
                Command::Cancel(id) => self.forget(id),
                Command::Stop => return true,
            }
        }
        false
    }

    fn turn(&mut self) -> u64 {
        self.next_turn += 1;
        self.next_turn
    }

    fn forget(&mut self, id: ProbeId) {
        let scheduled = self.scheduled.remove(&id);
        if let Some(place) = scheduled.and_then(|scheduled| scheduled.flight) {
            self.remove(place);
        }
    }

    fn fire(&mut self, due: Moment, timer: Timer) {
        match timer {
            Timer::Begin(id, turn) => {
                let current = self.scheduled.get(&id);
                if current.is_some_and(|scheduled| scheduled.turn == turn) {
                    self.begin(id, due);
                }
            }
            Timer::GiveUp(place, turn) => {
                let Some(flight) = self.flights.get(place) else {
                    return;
                };
                if flight.turn == turn {
                    let silence = format!("no answer in {} s", flight.timeout.as_secs_f64());
                    self.land(place, Verdict::Failed(silence));
                }
            }
        }
    }

    fn begin(&mut self, id: ProbeId, due: Moment) {
        let started = clock::now();
        let Some(scheduled) = self.scheduled.get_mut(&id) else {
            return;
        };
        let timeout = scheduled.probe.timeout;
        let socket = match tcp::begin(&scheduled.probe) {
            Begun::Known(verdict) => return self.tell(id, verdict, due, started),
            Begun::Waiting(socket) => socket,
        };
        let turn = scheduled.turn;
        let entry = self.flights.vacant_entry();
        let place = entry.key();
        let number = EventData::new_u64(place as u64);
        let flags = EventFlags::OUT | EventFlags::ONESHOT;
        if let Err(errno) = epoll::add(&self.epoll, socket.as_fd(), number, flags) {
            let why = io::Error::from(errno).to_string();
            return self.tell(id, Verdict::Unasked(why), due, started);
        }
        scheduled.flight = Some(place);
        entry.insert(Flight {
            id,
            turn,
            socket,
            timeout,
            due,
            started,
        });
        self.wheel
            .insert(started + timeout, Timer::GiveUp(place, turn));
    }

    fn land(&mut self, place: usize, verdict: Verdict) {
        if let Some(Flight {
            id, due, started, ..
        }) = self.remove(place)
        {
            if let Some(scheduled) = self.scheduled.get_mut(&id) {
                scheduled.flight = None;
            }
            self.tell(id, verdict, due, started);
        }
    }

    fn remove(&mut self, place: usize) -> Option<Flight> {
        // Closing the socket takes it out of epoll too.
        self.flights.try_remove(place)
    }

    fn tell(&self, id: ProbeId, verdict: Verdict, due: Moment, started: Moment) {
        // Nobody listens any more only while the daemon ends.
        let _ = self.answers.send(Answer {
            id,
            verdict,
            started,
            finished: clock::now(),
            late: started.since(due),
        });
    }
}
