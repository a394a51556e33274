//! The least that so many connections can cost: one thread, epoll, nothing that is remembered but
//! when an address is due, and no time limit.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use lvsctl::model::moment::Moment;
use lvsctl::sys::{clock, limits};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use slab::Slab;

use super::usage;

/// Connections begin in bundles as wide as those of the prober.
const TICK: u64 = 4_000_000;

struct Bare {
    epoll: OwnedFd,
    due: VecDeque<(Moment, SocketAddr)>,
    flights: Slab<(OwnedFd, SocketAddr)>,
    passed: usize,
    late: Vec<Duration>,
}

pub(crate) fn run(port: u16, time: Duration) {
    limits::raise_descriptors().unwrap();
    let start = clock::now();
    let targets = super::targets(port).enumerate();
    let mut bare = Bare {
        epoll: epoll::create(CreateFlags::CLOEXEC).unwrap(),
        due: targets
            .map(|(n, target)| (start + super::first(n), target))
            .collect(),
        flights: Slab::new(),
        passed: 0,
        late: Vec::new(),
    };
    let before = usage::processor();
    while clock::now() < start + time {
        bare.turn();
    }
    let used = usage::per_thousand(usage::processor().saturating_sub(before), bare.passed);
    let (median, p99, most) = usage::spread(bare.late);
    println!(
        "bare loop: {} connections; late {median:.1?}, p99 {p99:.1?}, most {most:.1?}; processor for 1,000: {used:.1?}",
        bare.passed
    );
}

impl Bare {
    fn turn(&mut self) {
        let now = clock::now();
        let next = self.due.front().map_or(now, |(due, _)| *due);
        let tick = Moment::from_nanos((next.as_nanos() / TICK + 1) * TICK);
        let wait = tick.since(now);
        let wait = Timespec {
            tv_sec: wait.as_secs().try_into().unwrap(),
            tv_nsec: wait.subsec_nanos().into(),
        };
        let mut events: Vec<Event> = Vec::with_capacity(256);
        epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)).unwrap();
        for event in events {
            let place = usize::try_from(event.data.u64()).unwrap();
            let (socket, target) = self.flights.remove(place);
            let flags = event.flags;
            assert_eq!(flags, EventFlags::OUT);
            drop(socket);
            self.passed += 1;
            self.due
                .push_back((clock::now() + super::DELAY_LOOP, target));
        }
        let now = clock::now();
        while self.due.front().is_some_and(|(due, _)| *due <= now) {
            let (due, target) = self.due.pop_front().unwrap();
            self.begin(due, target);
        }
    }

    fn begin(&mut self, due: Moment, target: SocketAddr) {
        self.late.push(clock::now().since(due));
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).unwrap();
        assert_eq!(connect(&socket, &target), Err(Errno::INPROGRESS));
        let entry = self.flights.vacant_entry();
        let number = EventData::new_u64(entry.key() as u64);
        epoll::add(&self.epoll, &socket, number, EventFlags::OUT).unwrap();
        entry.insert((socket, target));
    }
}
