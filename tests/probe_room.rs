//! More checks than the process may hold descriptors: all are made, some later, and no server is
//! blamed.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use asking::{failed, inside, probe, prober, question, wait, within};
use lvsctl::health::{ProbeId, Verdict};
use lvsctl::model::check::{Probe, ProbeKind, Reply, Smtp, Udp};
use lvsctl::model::moment::Moment;
use lvsctl::sys::{clock, limits};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// So many targets with an address each, on one port that this process answers.
fn targets(count: u32) -> Vec<SocketAddr> {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    rustix::net::listen(&listener, 4096).unwrap();
    thread::spawn(move || listener.incoming().for_each(drop));
    let first = u32::from(Ipv4Addr::new(127, 1, 0, 1));
    let addresses = (first..first + count).map(Ipv4Addr::from);
    addresses
        .map(|ip| SocketAddr::new(ip.into(), port))
        .collect()
}

fn tcp(at: SocketAddr) -> Probe {
    probe(ProbeKind::Tcp, at)
}

/// Somebody who is connected and says nothing.
fn silent() -> (UdpSocket, Probe) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap();
    let udp = Udp {
        payload: None,
        reply: Reply::Any,
    };
    let asked = probe(ProbeKind::Udp(Arc::new(udp)), at);
    (socket, within(Duration::from_secs(1), asked))
}

fn limit(current: u64) {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = Some(current);
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
}

#[test]
fn ten_thousand_checks_are_made_with_a_thousand_descriptors() {
    let few = ["sh", "-c", "ulimit -n 1024; exec \"$@\"", "sh"];
    if !inside(
        "ten_thousand_checks_are_made_with_a_thousand_descriptors",
        &few,
    ) {
        return;
    }
    limits::raise_descriptors().unwrap();
    assert_eq!(limits::descriptors(), 1024);
    let (prober, mut answers) = prober();
    let targets = targets(10_000);
    let now = clock::now();
    for (nth, at) in targets.iter().enumerate() {
        prober.ask(ProbeId(nth as u64), question(tcp(*at)), now);
    }
    let mut made = std::collections::BTreeSet::new();
    for _ in 0..targets.len() {
        let answer = wait(&mut answers).unwrap();
        assert_eq!(answer.verdict, Verdict::Passed);
        made.insert(answer.id);
    }
    assert_eq!(made.len(), targets.len());
    assert_eq!(prober.lateness().count, 10_000);
}

/// Of three hundred that say nothing a third holds what descriptors there are, for a second each.
#[test]
fn who_waits_for_a_descriptor_is_late_and_not_failed() {
    let few = ["sh", "-c", "ulimit -n 256; exec \"$@\"", "sh"];
    if !inside("who_waits_for_a_descriptor_is_late_and_not_failed", &few) {
        return;
    }
    let (prober, mut answers) = prober();
    let (_server, asked) = silent();
    let now = clock::now();
    for id in 0..300 {
        prober.ask(ProbeId(id), question(asked.clone()), now);
    }
    let targets = targets(200);
    for (nth, at) in targets.iter().enumerate() {
        prober.ask(ProbeId(1000 + nth as u64), question(tcp(*at)), now);
    }
    // Meanwhile there are descriptors for what is no check.
    thread::sleep(Duration::from_millis(300));
    let others: Vec<_> = (0..60).map(|_| File::open("/dev/null")).collect();
    assert!(others.iter().all(Result::is_ok), "checks took them all");
    drop(others);
    // One that waits may be cancelled as any other.
    prober.cancel(ProbeId(299));
    let mut late = 0;
    for _ in 0..499 {
        let answer = wait(&mut answers).unwrap();
        assert_ne!(answer.id, ProbeId(299));
        let want = if answer.id < ProbeId(1000) {
            let took = answer.finished.since(answer.started);
            assert!(
                took >= Duration::from_secs(1),
                "{took:?}: less than its time"
            );
            failed("no answer in 1 s")
        } else {
            Verdict::Passed
        };
        assert_eq!(answer.verdict, want);
        late += usize::from(answer.late >= Duration::from_secs(2));
    }
    assert!(late >= 100, "{late} waited for two turns of others");
    assert!(prober.lateness().most >= Duration::from_secs(2));
}

#[test]
fn a_limit_that_falls_while_checks_are_made_fails_none_of_them() {
    if !inside(
        "a_limit_that_falls_while_checks_are_made_fails_none_of_them",
        &["env"],
    ) {
        return;
    }
    let before = limits::descriptors();
    let (prober, mut answers) = prober();
    let (_server, asked) = silent();
    let targets = targets(3000);
    let start = clock::now();
    for id in 0..100 {
        prober.ask(ProbeId(10_000 + id), question(asked.clone()), start);
    }
    for (nth, at) in targets.iter().enumerate() {
        let nth = nth as u64;
        prober.ask(
            ProbeId(nth),
            question(tcp(*at)),
            start + Duration::from_millis(nth),
        );
    }
    let mut got = 0;
    let mut hear = |until: Moment| {
        while clock::now() < until {
            let Ok(answer) = answers.try_recv() else {
                thread::sleep(Duration::from_millis(1));
                continue;
            };
            got += 1;
            let want = if answer.id < ProbeId(10_000) {
                Verdict::Passed
            } else {
                failed("no answer in 1 s")
            };
            assert_eq!(answer.verdict, want);
        }
        got
    };
    hear(start + Duration::from_millis(500));
    // Not even what is on its way has room, and nothing new.
    limit(30);
    let starved = hear(start + Duration::from_millis(1500));
    limit(before);
    let end = start + Duration::from_mins(1);
    let mut all = starved;
    while all < 3100 && clock::now() < end {
        all = hear(clock::now() + Duration::from_millis(100));
    }
    assert_eq!(all, 3100);
}

/// A conversation that finds no descriptor tries again before it gives up.
#[test]
fn a_conversation_waits_for_a_descriptor_too() {
    let few = ["sh", "-c", "ulimit -n 40; exec \"$@\"", "sh"];
    if !inside("a_conversation_waits_for_a_descriptor_too", &few) {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let helo = "lvs.example.org".into();
    let mail = probe(ProbeKind::Smtp(Arc::new(Smtp { helo })), at);
    let (prober, mut answers) = prober();
    let mut taken = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        taken.push(file);
    }
    prober.ask(ProbeId(1), question(mail), clock::now());
    thread::sleep(Duration::from_millis(500));
    assert!(answers.try_recv().is_err(), "it gave up at once");
    taken.clear();
    let (mut stream, _) = listener.accept().unwrap();
    for line in ["220 ok\r\n", "250 ok\r\n", "221 ok\r\n"] {
        stream.write_all(line.as_bytes()).unwrap();
        let _ = stream.read(&mut [0; 512]);
    }
    let answer = wait(&mut answers).unwrap();
    assert_eq!(answer.verdict, Verdict::Passed);
    assert!(
        answer.late >= Duration::from_millis(400),
        "{:?}",
        answer.late
    );
}
