//! The prober, and one who asks again when it has heard, as the daemon does.

use std::sync::Arc;
use std::time::Duration;

use lvsctl::health::{ProbeId, Question, Verdict};
use lvsctl::model::check::{Probe, ProbeKind};
use lvsctl::model::service::Endpoint;
use lvsctl::probe::Prober;
use lvsctl::sys::{clock, limits};
use tokio::sync::mpsc::unbounded_channel;

use super::usage;

pub(crate) fn run(port: u16, time: Duration) {
    limits::raise_descriptors().unwrap();
    let asked: Vec<Arc<Probe>> = super::targets(port).map(probe).map(Arc::new).collect();
    // All of it is in memory before memory is looked at.
    let mut late = Vec::with_capacity(1 << 20);
    late.resize(late.capacity(), Duration::MAX);
    late.clear();
    let resident = usage::resident();
    let (answer, mut answers) = unbounded_channel();
    let prober = Prober::start(answer).unwrap();
    let start = clock::now();
    let before = usage::processor();
    let ask = |id: u64, after: Duration, from| {
        let probe = asked[usize::try_from(id).unwrap()].clone();
        prober.ask(ProbeId(id), Question { probe, page: 0 }, from + after);
    };
    for n in 0..asked.len() {
        ask(n as u64, super::first(n), start);
    }
    while clock::now() < start + time {
        let answer = answers.blocking_recv().unwrap();
        assert_eq!(answer.verdict, Verdict::Passed);
        late.push(answer.late);
        ask(answer.id.0, super::DELAY_LOOP, answer.finished);
    }
    let all = usage::per_thousand(usage::processor().saturating_sub(before), late.len());
    let thread = usage::per_thousand(usage::processor_of_thread("prober"), late.len());
    let each = (usage::resident() - resident) / u64::from(super::TARGETS);
    let told = prober.lateness();
    let count = late.len();
    let (median, p99, most) = usage::spread(late);
    println!(
        "prober:    {count} checks; late {median:.1?}, p99 {p99:.1?}, most {most:.1?}; processor for 1,000: {thread:.1?}, with the asker {all:.1?}; {each} bytes a server",
    );
    println!("           it says itself: {told:?}");
}

fn probe(at: std::net::SocketAddr) -> Probe {
    Probe {
        kind: ProbeKind::Tcp,
        target: Endpoint::new(at.ip(), at.port()),
        bind: None,
        origin: None,
        timeout: Duration::from_secs(5),
    }
}
