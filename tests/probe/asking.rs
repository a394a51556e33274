//! A prober, and what is asked of it.
#![allow(dead_code, reason = "each test needs some of it")]

use std::net::{IpAddr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lvsctl::health::{ProbeId, Question, Verdict};
use lvsctl::model::check::{Origin, Probe, ProbeKind};
use lvsctl::model::service::Endpoint;
use lvsctl::probe::{Answer, Means, Prober, Trust};
use lvsctl::sys::clock;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const PATIENCE: Duration = Duration::from_secs(20);

/// Set where a test runs once more, elsewhere.
const INSIDE: &str = "LVSCTL_PROBE_INSIDE";

pub(crate) fn probe(kind: ProbeKind, at: SocketAddr) -> Probe {
    Probe {
        kind,
        target: Endpoint::new(at.ip(), at.port()),
        bind: None,
        origin: None,
        timeout: Duration::from_secs(5),
    }
}

pub(crate) fn within(timeout: Duration, probe: Probe) -> Probe {
    Probe { timeout, ..probe }
}

pub(crate) fn from(ip: IpAddr, origin: Origin, probe: Probe) -> Probe {
    Probe {
        bind: Some(ip),
        origin: Some(Box::new(origin)),
        ..probe
    }
}

pub(crate) fn question(probe: Probe) -> Question {
    page(0, probe)
}

pub(crate) fn page(page: usize, probe: Probe) -> Question {
    let probe = Arc::new(probe);
    Question { probe, page }
}

pub(crate) fn prober() -> (Prober, UnboundedReceiver<Answer>) {
    prober_trusting(Trust::Anyone)
}

fn prober_trusting(trust: Trust) -> (Prober, UnboundedReceiver<Answer>) {
    let (answer, answers) = unbounded_channel();
    let means = Means {
        trust,
        ..Means::default()
    };
    (Prober::with(answer, means).unwrap(), answers)
}

pub(crate) fn wait(answers: &mut UnboundedReceiver<Answer>) -> Option<Answer> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        match answers.try_recv() {
            Ok(answer) => return Some(answer),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    None
}

pub(crate) fn answer(probe: Probe) -> Answer {
    answer_trusting(question(probe), Trust::Anyone)
}

pub(crate) fn answer_trusting(question: Question, trust: Trust) -> Answer {
    let (prober, mut answers) = prober_trusting(trust);
    prober.ask(ProbeId(1), question, clock::now());
    wait(&mut answers).expect("an answer")
}

pub(crate) fn verdict(probe: Probe) -> Verdict {
    answer(probe).verdict
}

pub(crate) fn failed(why: &str) -> Verdict {
    Verdict::Failed(why.to_owned())
}

pub(crate) fn unasked(why: &str) -> Verdict {
    Verdict::Unasked(why.to_owned())
}

pub(crate) fn refused() -> Verdict {
    failed("Connection refused (os error 111)")
}

/// True inside; outside runs the test of that name once more, by what `front` begins, and tells
/// how it went.
pub(crate) fn inside(test: &str, front: &[&str]) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let me = std::env::current_exe().unwrap();
    let output = Command::new(front[0])
        .args(&front[1..])
        .arg(me)
        .args(["--exact", "--nocapture", test])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    false
}
