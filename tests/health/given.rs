//! Directors to begin with, and a stage on which a board is driven without clock or socket.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use lvsctl::health::{
    Board, Care, Cause, FailedServers, Found, Memory, News, Order, Outcome, Part, Past, ProbeId,
    Question, Verdict, desired, part,
};
use lvsctl::model::check::{Check, Policy, Probe, ProbeKind};
use lvsctl::model::director::Director;
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::moment::Moment;
use lvsctl::model::quorum::Quorum;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::server::{RealServer, SorryServer, VirtualServer};
use lvsctl::model::service::{Endpoint, Protocol, ServiceKey, VirtualServerKey};
use lvsctl::model::table::Table;

pub const LOOP: Duration = Duration::from_secs(10);
pub const SOON: Duration = Duration::from_secs(1);
pub const POLICY: Policy = Policy {
    retry: 1,
    delay_loop: LOOP,
    delay_before_retry: SOON,
    warmup: Duration::ZERO,
    alpha: false,
};
pub const START: Moment = Moment::from_nanos(1_000_000_000_000);

pub fn endpoint(last: u8) -> Endpoint {
    Endpoint::new(IpAddr::from([192, 0, 2, last]), 80)
}

pub fn service(last: u8) -> ServiceKey {
    ServiceKey::Address(Protocol::Tcp, endpoint(last))
}

pub fn check(last: u8, policy: Policy) -> Check {
    Check {
        probe: Arc::new(Probe {
            kind: ProbeKind::Tcp,
            target: endpoint(last),
            bind: None,
            origin: None,
            timeout: Duration::from_secs(5),
        }),
        policy: Arc::new(policy),
        log_all_failures: false,
    }
}

pub fn real(last: u8, policy: Policy) -> RealServer {
    RealServer {
        key: endpoint(last),
        weight: Weight::new(3).unwrap(),
        method: ForwardingMethod::DirectRoute,
        thresholds: Thresholds::default(),
        inhibit: false,
        checks: vec![check(last, policy)],
        details: None,
    }
}

pub fn virtual_server(last: u8, real_servers: Vec<RealServer>) -> VirtualServer {
    VirtualServer {
        key: VirtualServerKey::Address(Protocol::Tcp, endpoint(last)),
        keys: vec![service(last)],
        scheduler: Scheduler::Rr,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: None,
        engine: None,
        real_servers,
        quorum: Quorum::default(),
        sorry: None,
        details: None,
    }
}

pub fn director(virtual_servers: Vec<VirtualServer>) -> Director {
    Director {
        virtual_servers: virtual_servers.into_iter().map(Arc::new).collect(),
        ..Director::default()
    }
}

pub fn sorry(last: u8, inhibit: bool) -> SorryServer {
    SorryServer {
        key: endpoint(last),
        method: ForwardingMethod::DirectRoute,
        inhibit,
    }
}

pub fn alpha() -> Policy {
    Policy {
        alpha: true,
        ..POLICY
    }
}

pub fn failed() -> Verdict {
    Verdict::Failed("connection refused".to_owned())
}

/// A board, what it wants asked, what it said, and the time.
pub struct Stage {
    pub board: Board,
    pub asked: BTreeMap<ProbeId, (Question, Moment)>,
    pub now: Moment,
    /// Since it was last looked at.
    said: Vec<String>,
    /// Orders since the last reload.
    pub orders: usize,
    /// The table of the last director, patched by what each event since then reached: with failed
    /// servers removed, and at weight 0.
    pub patched: [(FailedServers, Table); 2],
}

impl Stage {
    /// As a first start on an empty table.
    pub fn cold(director: &Director) -> Self {
        Self::with(director, Found::Absent, &Memory::default(), Care::default())
    }

    pub fn found(director: &Director, found: Found) -> Self {
        Self::with(director, found, &Memory::default(), Care::default())
    }

    pub fn careful(director: &Director, care: Care) -> Self {
        Self::with(director, Found::Absent, &Memory::default(), care)
    }

    pub fn with(director: &Director, found: Found, memory: &Memory, care: Care) -> Self {
        let mut stage = Self {
            board: Board::new(care),
            asked: BTreeMap::new(),
            now: START,
            said: Vec::new(),
            orders: 0,
            patched: unpatched(),
        };
        stage.take_up(director, found, memory);
        stage
    }

    /// Started again with what another one knew, on the table that it left.
    pub fn after(before: &Self, failed: FailedServers) -> Self {
        let director = before.board.director();
        let table = desired(director, failed, &(&before.board, before.now));
        let memory = before.memory();
        let mut stage = Self {
            board: Board::new(Care::default()),
            asked: BTreeMap::new(),
            now: before.now,
            said: Vec::new(),
            orders: 0,
            patched: unpatched(),
        };
        let found = |server: &VirtualServer, real: &RealServer| {
            let key = &server.keys[0];
            let dest = table[key].pool.get(&real.dest(key));
            match dest.map(|dest| dest.weight.get()) {
                None => Found::Absent,
                Some(0) => Found::Quiesced,
                Some(_) => Found::Serving,
            }
        };
        let past = Past {
            memory: &memory,
            found: &found,
        };
        let director = Arc::clone(director);
        let outcome = stage
            .board
            .reconfigure(director, &past, &mut |_| Duration::ZERO, before.now);
        stage.take(outcome);
        stage
    }

    /// What a restart would know.
    pub fn memory(&self) -> Memory {
        self.board.snapshot().pools().collect()
    }

    pub fn reload(&mut self, director: &Director) {
        self.orders = 0;
        self.take_up(director, Found::Absent, &Memory::default());
    }

    fn take_up(&mut self, director: &Director, found: Found, memory: &Memory) {
        let director = Arc::new(director.clone());
        let found = |_: &VirtualServer, _: &RealServer| found;
        let past = Past {
            memory,
            found: &found,
        };
        let now = self.now;
        let outcome = self
            .board
            .reconfigure(director, &past, &mut |_| Duration::ZERO, now);
        self.patched = unpatched();
        self.take(outcome);
    }

    pub fn take(&mut self, outcome: Outcome) {
        for (failed, table) in &mut self.patched {
            let verdicts = (&self.board, self.now);
            let director = self.board.director();
            part(director, &outcome.stirred, *failed, &verdicts).apply(table);
        }
        self.orders += outcome.orders.len();
        for order in outcome.orders {
            match order {
                Order::Ask(id, question, at) => drop(self.asked.insert(id, (question, at))),
                Order::Cancel(id) => drop(self.asked.remove(&id)),
            }
        }
        for shift in outcome.shifts {
            let change = if shift.up { "up" } else { "down" };
            let last = last(shift.server.real_server);
            self.said.push(format!("{last} {change}: {}", shift.reason));
        }
        self.said.extend(outcome.news.iter().map(told));
        for (_, guard) in outcome.guards {
            self.said.push(format!("{guard:?}"));
        }
    }

    /// What was said since the last look.
    pub fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said)
    }

    /// Of what was said, what scripts and FIFOs hear.
    pub fn news(&mut self) -> Vec<String> {
        let mut said = self.said();
        said.retain(|line| line.starts_with("RS") || line.starts_with("VS"));
        said
    }

    pub fn stopping(&self) -> Vec<String> {
        self.board.stopping().iter().map(told).collect()
    }

    pub fn probe_of(&self, target: u8) -> (ProbeId, Moment) {
        let mut asked = self.asked.iter();
        let found = asked.find(|(_, (question, _))| question.probe.target == endpoint(target));
        let (id, (_, at)) = found.expect("somebody asks it");
        (*id, *at)
    }

    /// The next question to this target is asked when it is due, and answered at once; how long
    /// the next one is away.
    pub fn answer(&mut self, target: u8, verdict: &Verdict) -> Duration {
        let (id, due) = self.probe_of(target);
        self.now = self.now.max(due);
        self.tick();
        let outcome = self.board.answer(id, verdict, self.now, self.now);
        self.take(outcome.expect("it is asked"));
        self.probe_of(target).1.since(self.now)
    }

    pub fn pass(&mut self, target: u8) -> Duration {
        self.answer(target, &Verdict::Passed)
    }

    pub fn fail(&mut self, target: u8) -> Duration {
        self.answer(target, &failed())
    }

    /// Fails as often as it takes.
    pub fn fell(&mut self, target: u8) {
        for _ in 0..=POLICY.retry {
            self.fail(target);
        }
    }

    pub fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
        self.tick();
    }

    fn tick(&mut self) {
        while self.board.next_tick().is_some_and(|next| next <= self.now) {
            let outcome = self.board.tick(self.now);
            self.take(outcome);
        }
    }

    pub fn is_up(&self, last: u8) -> bool {
        self.standing(last).0
    }

    pub fn standing(&self, last: u8) -> (bool, String) {
        let mut all = self.board.iter();
        let found = all.find(|(server, _)| server.real_server == endpoint(last));
        let (_, standing) = found.expect("it is in the file");
        (standing.up, standing.reason.to_string())
    }

    /// Dests of the only service and their weights, by address.
    pub fn pool(&self, failed: FailedServers) -> Vec<(u8, u32)> {
        let table = desired(self.board.director(), failed, &(&self.board, self.now));
        let (_, service) = table.first_key_value().expect("there is a service");
        let dests = service.pool.iter();
        dests
            .map(|(key, dest)| (last(*key), dest.weight.get()))
            .collect()
    }

    pub fn addresses(&mut self, here: &[u8]) -> Vec<bool> {
        let here: BTreeSet<IpAddr> = here.iter().map(|last| endpoint(*last).ip).collect();
        let now = self.now;
        let (outcome, changed) = self.board.addresses(here, &mut |_| Duration::ZERO, now);
        self.take(outcome);
        changed.into_iter().map(|(_, rests)| rests).collect()
    }
}

fn unpatched() -> [(FailedServers, Table); 2] {
    [FailedServers::Remove, FailedServers::Weight0].map(|failed| (failed, Table::new()))
}

fn last(key: Endpoint) -> u8 {
    match key.ip {
        IpAddr::V4(ip) => ip.octets()[3],
        IpAddr::V6(_) => unreachable!("none is given"),
    }
}

fn told(news: &News) -> String {
    let server = news.about.server().expect("it is in its director");
    let state = if news.up { "UP" } else { "DOWN" };
    let because = match &news.cause {
        Cause::Checked(_) | Cause::Configured => "",
        Cause::Removed => " (removed)",
        Cause::Stopping => " (stopping)",
    };
    match news.about.part {
        Part::RealServer(place) => {
            let real = &server.real_servers[place];
            format!("RS {} {state}{because}", last(real.key))
        }
        Part::Quorum { weight } => format!("VS {state} {weight}{because}"),
        Part::Check {
            real_server, check, ..
        } => {
            let real = &server.real_servers[real_server];
            format!("check {check} of {} {state}", last(real.key))
        }
    }
}
