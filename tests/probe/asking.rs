//! How a test asks one question.
#![allow(dead_code, reason = "not every file of tests needs all of it")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use lvsctl::health::{ProbeId, Question, Verdict};
use lvsctl::model::check::{Probe, ProbeKind};
use lvsctl::model::service::Endpoint;
use lvsctl::probe::{Answer, Means, Prober, Trust};
use lvsctl::sys::clock;
use tokio::sync::mpsc::unbounded_channel;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn probe(kind: ProbeKind, at: SocketAddr) -> Probe {
    Probe {
        kind,
        target: Endpoint::new(at.ip(), at.port()),
        bind: None,
        origin: None,
        timeout: Duration::from_secs(5),
    }
}

pub(crate) fn answer(question: Question) -> Answer {
    answer_trusting(question, Trust::Anyone)
}

pub(crate) fn answer_trusting(question: Question, trust: Trust) -> Answer {
    let (answer, mut answers) = unbounded_channel();
    let means = Means {
        trust,
        ..Means::default()
    };
    let prober = Prober::with(answer, means).unwrap();
    prober.ask(ProbeId(1), question, clock::now());
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        match answers.try_recv() {
            Ok(answer) => return answer,
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    panic!("no answer");
}

pub(crate) fn verdict(probe: Probe) -> Verdict {
    answer(Question { probe, page: 0 }).verdict
}

pub(crate) fn failed(why: &str) -> Verdict {
    Verdict::Failed(why.to_owned())
}
