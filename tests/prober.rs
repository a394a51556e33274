//! The prober against real sockets on the loopback.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use lvsctl::health::{ProbeId, Question, Verdict};
use lvsctl::model::check::{Probe, ProbeKind};
use lvsctl::model::service::Endpoint;
use lvsctl::probe::{Answer, Prober};
use lvsctl::sys::clock;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const PATIENCE: Duration = Duration::from_secs(20);

fn probe(at: SocketAddr) -> Probe {
    Probe {
        kind: ProbeKind::Tcp,
        target: Endpoint::new(at.ip(), at.port()),
        bind: None,
        origin: None,
        timeout: Duration::from_secs(5),
    }
}

fn question(probe: Probe) -> Question {
    Question { probe, page: 0 }
}

fn prober() -> (Prober, UnboundedReceiver<Answer>) {
    let (answer, answers) = unbounded_channel();
    (Prober::start(answer).unwrap(), answers)
}

fn wait(answers: &mut UnboundedReceiver<Answer>) -> Option<Answer> {
    let end = std::time::Instant::now() + PATIENCE;
    while std::time::Instant::now() < end {
        match answers.try_recv() {
            Ok(answer) => return Some(answer),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    None
}

fn verdict(probe: Probe) -> Verdict {
    let (prober, mut answers) = prober();
    prober.ask(ProbeId(1), question(probe), clock::now());
    wait(&mut answers).expect("an answer").verdict
}

#[test]
fn a_server_that_listens_passes_and_one_that_does_not_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    assert_eq!(verdict(probe(at)), Verdict::Passed);
    drop(listener);
    let refused = Verdict::Failed("Connection refused (os error 111)".to_owned());
    assert_eq!(verdict(probe(at)), refused);
}

#[test]
fn a_server_that_says_nothing_fails_when_its_time_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    // A queue that nobody empties: when it is full the kernel answers no more.
    rustix::net::listen(&listener, 0).unwrap();
    let _first = TcpStream::connect(at).unwrap();
    let _second = TcpStream::connect_timeout(&at, Duration::from_millis(300));
    let silent = Probe {
        timeout: Duration::from_millis(700),
        ..probe(at)
    };
    let (prober, mut answers) = prober();
    prober.ask(ProbeId(1), question(silent), clock::now());
    let answer = wait(&mut answers).unwrap();
    assert_eq!(
        answer.verdict,
        Verdict::Failed("no answer in 0.7 s".to_owned())
    );
    assert!(answer.finished.since(answer.started) >= Duration::from_millis(700));
}

#[test]
fn a_fault_of_this_host_is_no_word_on_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let bound = Probe {
        bind: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))),
        ..probe(listener.local_addr().unwrap())
    };
    assert!(matches!(verdict(bound), Verdict::Unasked(_)));
}

#[test]
fn the_question_comes_from_the_address_it_is_bound_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let from = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9));
    let bound = Probe {
        bind: Some(from),
        ..probe(listener.local_addr().unwrap())
    };
    assert_eq!(verdict(bound), Verdict::Passed);
    assert_eq!(listener.accept().unwrap().1.ip(), from);
}

#[test]
fn a_thousand_questions_are_answered_once_each_and_not_early() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let (prober, mut answers) = prober();
    let start = clock::now();
    for n in 0..1000 {
        prober.ask(
            ProbeId(n),
            question(probe(at)),
            start + Duration::from_micros(n * 500),
        );
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        let answer = wait(&mut answers).expect("all answer");
        assert_eq!(answer.verdict, Verdict::Passed);
        assert!(answer.started.since(start) >= Duration::from_micros(answer.id.0 * 500));
        assert!(seen.insert(answer.id), "twice");
    }
    std::thread::sleep(Duration::from_millis(50));
    assert!(answers.try_recv().is_err());
}

#[test]
fn what_is_cancelled_or_replaced_is_not_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (prober, mut answers) = prober();
    let soon = clock::now() + Duration::from_millis(100);
    prober.ask(ProbeId(1), question(probe(at)), soon);
    prober.cancel(ProbeId(1));
    prober.ask(ProbeId(2), question(probe(at)), soon);
    prober.ask(
        ProbeId(2),
        question(probe(at)),
        soon + Duration::from_millis(100),
    );
    let only = wait(&mut answers).unwrap();
    assert_eq!(only.id, ProbeId(2));
    assert!(only.started >= soon + Duration::from_millis(100));
    std::thread::sleep(Duration::from_millis(100));
    assert!(answers.try_recv().is_err());
}

#[test]
fn what_cannot_be_asked_yet_says_nothing_of_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ping = Probe {
        kind: ProbeKind::Ping,
        ..probe(listener.local_addr().unwrap())
    };
    let want = Verdict::Unasked("ping of 127.0.0.1 is not implemented".to_owned());
    assert_eq!(verdict(ping), want);
}
