//! From a verdict to the kernel's acknowledgement, beside a bare round trip; and how many sends a
//! thousand verdicts take. The board, the mailbox and the keeper are the daemon's own; the prober
//! is played.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lvsctl::conf::{self, Memory, Options};
use lvsctl::daemon::{Goal, Keeper, Mailbox, Standing};
use lvsctl::health::{
    self, Board, Care, FailedServers, Found, Order, Outcome, Past, ProbeId, Reach, Verdict,
};
use lvsctl::ipvs::{self, Client, Info, Ipvs};
use lvsctl::model::director::{Director, Timeouts};
use lvsctl::model::limits::Weight;
use lvsctl::model::moment::Moment;
use lvsctl::model::patch::Patch;
use lvsctl::model::server::{RealServer, VirtualServer};
use lvsctl::model::service::{DestKey, ServiceKey};
use lvsctl::model::table::{Connections, Dest, Service, Table};
use lvsctl::plan::{Change, Step, diff};
use lvsctl::sys::clock;
use lvsctl::sys::state::Record;

use crate::stage::director::Director as Host;

const SERVERS: usize = 1000;
const ROUNDS: usize = 1000;
/// Changes in one send, as `Client` has it.
const BATCH: usize = 1024;

/// A kernel that counts what it is sent.
struct Counted {
    kernel: Client,
    sends: Arc<Mutex<usize>>,
}

impl Ipvs for Counted {
    fn info(&mut self) -> Result<Info, ipvs::Error> {
        self.kernel.info()
    }

    fn table(&mut self) -> Result<Table, ipvs::Error> {
        self.kernel.table()
    }

    fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, ipvs::Error> {
        self.kernel.service(key)
    }

    fn connections(
        &mut self,
        key: &ServiceKey,
    ) -> Result<BTreeMap<DestKey, Connections>, ipvs::Error> {
        self.kernel.connections(key)
    }

    fn execute(&mut self, steps: &[Step]) -> Result<Vec<ipvs::Outcome>, ipvs::Error> {
        *self.sends.lock().unwrap() += steps.len().div_ceil(BATCH);
        self.kernel.execute(steps)
    }

    fn timeouts(&mut self) -> Result<Timeouts, ipvs::Error> {
        self.kernel.timeouts()
    }

    fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), ipvs::Error> {
        self.kernel.set_timeouts(timeouts)
    }
}

/// Ten virtual servers with a hundred real servers each.
fn file() -> String {
    let mut text = String::new();
    for service in 1..=10 {
        let _ = writeln!(
            text,
            "virtual_server 10.0.0.{service} 80 {{\nlb_algo rr\nlb_kind DR\nprotocol TCP"
        );
        for server in 1..=SERVERS / 10 {
            let _ = writeln!(
                text,
                "real_server 10.9.{service}.{server} 80 {{\nTCP_CHECK {{\nretry 0\n}}\n}}"
            );
        }
        text.push_str("}\n");
    }
    text
}

fn director() -> Director {
    let files = Memory([("bench.conf".to_owned(), file().into_bytes())].into());
    let loaded = conf::load(&files, "bench.conf", &Options::default());
    loaded.director.expect("it is a good file")
}

/// What goes to the thread of the kernel: a part of the goal, and whether to end.
type Letter = (Patch, bool);

/// What the thread of the kernel did with a letter.
struct Worked {
    changed: usize,
    taken: Instant,
    acknowledged: Instant,
}

/// Microseconds of each of many verdicts, and where they went.
#[derive(Default)]
struct Latency {
    whole: Vec<f64>,
    /// The board and the patch.
    decided: Vec<f64>,
    /// From one thread to the other, which waits.
    handed: Vec<f64>,
    /// The step, the message, the kernel, its answer.
    changed: Vec<f64>,
}

struct Play {
    board: Board,
    probes: Vec<ProbeId>,
    mailbox: Arc<Mailbox<Letter>>,
}

impl Play {
    fn answer(&mut self, nth: usize, up: bool) -> Outcome {
        let verdict = if up {
            Verdict::Passed
        } else {
            Verdict::Failed("connection refused".to_owned())
        };
        let now = clock::now();
        let outcome = self.board.answer(self.probes[nth], &verdict, now, now);
        outcome.expect("it is asked")
    }

    fn post(&self, outcomes: Vec<Outcome>) {
        let mut stirred = Reach::default();
        for outcome in outcomes {
            stirred.join(outcome.stirred);
        }
        let verdicts = (&self.board, clock::now());
        let failed = FailedServers::Weight0;
        let part = health::part(self.board.director(), &stirred, failed, &verdicts);
        self.mailbox
            .post((part, false), |(older, _), (newer, ends)| {
                (older.then(newer), ends)
            });
    }
}

fn work(
    keeper: &mut Keeper<Counted>,
    goal: &mut Goal,
    mailbox: &Mailbox<Letter>,
    done: &Sender<Worked>,
) {
    loop {
        let Some((patch, ends)) = mailbox.wait(Duration::from_mins(1)) else {
            return;
        };
        let taken = Instant::now();
        let round = keeper.patch(goal, patch, clock::now()).unwrap();
        let acknowledged = Instant::now();
        assert!(round.refused.is_empty());
        let worked = Worked {
            changed: round.done.len(),
            taken,
            acknowledged,
        };
        if ends || done.send(worked).is_err() {
            return;
        }
    }
}

/// Bare changes of one dest's weight: the dest of a service that is nobody's.
struct Bare {
    kernel: Client,
    service: ServiceKey,
    dest: DestKey,
    now: Dest,
}

impl Bare {
    /// Beside a table, as its last service is on another port.
    fn beside(table: &Table) -> Self {
        let (service, entry) = table.last_key_value().unwrap();
        let mut service = *service;
        if let ServiceKey::Address(_, endpoint) = &mut service {
            endpoint.port += 1;
        }
        let mut kernel = Client::open().unwrap();
        let own = Table::from([(service, entry.clone())]);
        let steps = diff(&Table::new(), &own);
        assert!(kernel.execute(&steps).unwrap().iter().all(Result::is_ok));
        let (dest, now) = entry.pool.iter().next().unwrap();
        let (dest, now) = (*dest, *now);
        Self {
            kernel,
            service,
            dest,
            now,
        }
    }

    /// Microseconds of one round trip, from the step to its acknowledgement.
    fn trip(&mut self, weight: u32) -> f64 {
        let mut after = self.now;
        after.weight = Weight::new(weight).unwrap();
        let change = Change::EditDest {
            dest: self.dest,
            before: self.now,
            after,
        };
        let service = self.service;
        let step = Step { service, change };
        let start = Instant::now();
        assert_eq!(self.kernel.execute(&[step]).unwrap(), [Ok(())]);
        let took = start.elapsed().as_secs_f64() * 1e6;
        self.now = after;
        took
    }

    /// Of many in a row.
    fn trips(&mut self) -> Vec<f64> {
        let weights = (0..ROUNDS).map(|nth| u32::try_from(nth % 2).unwrap());
        weights.map(|weight| self.trip(weight)).collect()
    }
}

fn percentile(times: &[f64], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// The lines of the report.
pub fn run(host: &Host) -> String {
    host.inside(|| {
        let director = Arc::new(director());
        let mut board = Board::new(Care::default());
        let found = |_: &VirtualServer, _: &RealServer| Found::Absent;
        let past = Past {
            memory: &health::Memory::default(),
            found: &found,
        };
        let now = clock::now();
        let outcome = board.reconfigure(Arc::clone(&director), &past, &mut |_| Duration::ZERO, now);
        let probes = outcome.orders.iter().filter_map(|order| match order {
            Order::Ask(id, ..) => Some(*id),
            Order::Cancel(_) => None,
        });
        let mailbox = Arc::new(Mailbox::default());
        let mut play = Play {
            probes: probes.collect(),
            board,
            mailbox: Arc::clone(&mailbox),
        };
        assert_eq!(play.probes.len(), SERVERS);
        let failed = FailedServers::Weight0;
        let desired = health::desired(&director, failed, &(&play.board, Moment::default()));
        let mut goal = Goal {
            desired: desired.clone(),
            standing: Arc::new(Standing::new(&director, failed, false)),
        };
        let sends = Arc::new(Mutex::new(0));
        let kernel = Counted {
            kernel: Client::open().unwrap(),
            sends: Arc::clone(&sends),
        };
        let mut keeper = Keeper::new(kernel, Record::default(), Duration::ZERO, |_| Ok(()));
        keeper.round(&goal, true, clock::now()).unwrap();
        let mut bare = Bare::beside(&desired);
        let in_a_row = bare.trips();

        let (tell, done) = channel();
        let thread = thread::spawn(move || work(&mut keeper, &mut goal, &mailbox, &tell));
        let mut latency = Latency::default();
        let mut between = Vec::with_capacity(ROUNDS);
        for nth in 0..ROUNDS {
            between.push(bare.trip(u32::from(nth % 2 == 0)));
            let start = Instant::now();
            let outcome = play.answer(0, nth % 2 == 1);
            play.post(vec![outcome]);
            let posted = Instant::now();
            let worked = done.recv().unwrap();
            assert_eq!(worked.changed, 1);
            // The other thread may have the letter before its sender goes on.
            let since = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64() * 1e6;
            latency.whole.push(since(start, worked.acknowledged));
            latency.decided.push(since(start, posted));
            latency.handed.push(since(posted, worked.taken));
            latency
                .changed
                .push(since(worked.taken, worked.acknowledged));
        }
        *sends.lock().unwrap() = 0;
        let start = Instant::now();
        // As they come in from the prober: the first alone, the rest as they are there.
        let first = play.answer(0, false);
        play.post(vec![first]);
        let mut changed = 1;
        for some in (1..SERVERS).collect::<Vec<_>>().chunks(250) {
            let outcomes: Vec<Outcome> = some.iter().map(|nth| play.answer(*nth, false)).collect();
            changed += outcomes.len();
            play.post(outcomes);
        }
        let told = start.elapsed();
        while changed > 0 {
            changed -= done.recv().unwrap().changed;
        }
        let took = start.elapsed();
        let sends = *sends.lock().unwrap();
        play.mailbox
            .post((Patch::default(), true), |_, newer| newer);
        thread.join().unwrap();
        report([&in_a_row, &between], &latency, (told, took, sends))
    })
}

fn report(
    [in_a_row, between]: [&[f64]; 2],
    ours: &Latency,
    (told, took, sends): (Duration, Duration, usize),
) -> String {
    let mut text = format!(
        "a verdict among {SERVERS} real servers, to the acknowledged change, microseconds, {ROUNDS} times in one boot\n"
    );
    for (name, times) in [
        ("bare SET_DEST, in a row", in_a_row),
        ("bare SET_DEST, one between", between),
        ("verdict to acknowledgement", &ours.whole),
        ("  decided and posted", &ours.decided),
        ("  handed to the thread", &ours.handed),
        ("  changed and acknowledged", &ours.changed),
    ] {
        let _ = writeln!(
            text,
            "{name:28} p50 {:8.0}  p99 {:8.0}",
            percentile(times, 50),
            percentile(times, 99)
        );
    }
    for (name, bare) in [
        ("to the bare in a row", in_a_row),
        ("to the bare one between", between),
    ] {
        let ratio = |percent| percentile(&ours.whole, percent) / percentile(bare, percent);
        let _ = writeln!(
            text,
            "{name:28} p50 {:8.2}  p99 {:8.2}  at most 3",
            ratio(50),
            ratio(99)
        );
    }
    let _ = writeln!(
        text,
        "{SERVERS} verdicts told within {told:.1?}: in the kernel after {took:.1?}, in {sends} sends (at most 10)"
    );
    text
}
