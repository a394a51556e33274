//! A prober whose process is stopped for a while, as by a debugger, or with its host.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use asking::{failed, probe, prober, question, wait, within};
use lvsctl::health::{ProbeId, Verdict};
use lvsctl::model::check::{Probe, ProbeKind, Reply, Udp};
use lvsctl::sys::clock;
use rustix::process::{Pid, Signal, kill_process};

/// The servers, told to the process that asks and is stopped.
const SERVERS: &str = "LVSCTL_PROBE_SERVERS";

const TIMEOUT: Duration = Duration::from_secs(1);
const SHORT: Duration = Duration::from_millis(300);
/// From the first answer, which comes after a short while, to the end of the stop.
const LONG: Duration = Duration::from_millis(2_200);

#[test]
fn no_check_fails_because_the_process_was_stopped() {
    if let Ok(servers) = std::env::var(SERVERS) {
        return ask(servers.split(' ').map(|server| server.parse().unwrap()));
    }
    let servers = [(); 3].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    let places = servers
        .each_ref()
        .map(|socket| socket.local_addr().unwrap().to_string());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "no_check_fails_because_the_process_was_stopped",
        ])
        .env(SERVERS, places.join(" "))
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&child);
    let askers = servers
        .each_ref()
        .map(|socket| socket.recv_from(&mut [0; 64]).unwrap().1);
    kill_process(pid, Signal::STOP).unwrap();
    sleep(SHORT);
    servers[0]
        .send_to(b"while it is stopped", askers[0])
        .unwrap();
    sleep(LONG);
    kill_process(pid, Signal::CONT).unwrap();
    sleep(SHORT);
    servers[1].send_to(b"when it is back", askers[1]).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Asks the three servers, and the third once more while nobody can.
fn ask(servers: impl Iterator<Item = SocketAddr>) {
    let servers: Vec<SocketAddr> = servers.collect();
    let (prober, mut answers) = prober();
    let now = clock::now();
    let overdue = 3;
    prober.ask(
        ProbeId(overdue),
        question(udp(Reply::NotNeeded, servers[2])),
        now + SHORT,
    );
    for (id, at) in (0..).zip(&servers) {
        prober.ask(ProbeId(id), question(udp(Reply::Any, *at)), now);
    }
    let mut seen: Vec<_> = (0..4).map(|_| wait(&mut answers).unwrap()).collect();
    seen.sort_by_key(|answer| answer.id);
    let silence = failed("no answer in 1 s");
    let verdicts = [Verdict::Passed, Verdict::Passed, silence, Verdict::Passed];
    for (answer, want) in seen.iter().zip(verdicts) {
        assert_eq!(answer.verdict, want, "{answer:?}");
    }
    // It has the whole of its time again, but no more.
    let waited = seen[2].finished.since(seen[2].started);
    assert!(
        waited >= LONG + TIMEOUT && waited < LONG + SHORT + 2 * TIMEOUT,
        "{waited:?}"
    );
    let late = seen[3].late;
    assert!(late + SHORT >= LONG, "{late:?}");
    assert_eq!(prober.lateness().most, late);
}

fn udp(reply: Reply, at: SocketAddr) -> Probe {
    let payload = None;
    within(
        TIMEOUT,
        probe(ProbeKind::Udp(Arc::new(Udp { payload, reply })), at),
    )
}
