//! keepalived over the same servers and clients. What it loses is told and not judged.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::figures::Row;
use crate::load::{Load, Size};
use crate::memory::copy;
use crate::stage::director::Director;
use crate::stage::process::Process;
use crate::stage::topology::Topology;
use crate::stage::wait_until;
use crate::wanted::Wanted;

const SOON: Duration = Duration::from_secs(90);

/// A row for a reload that changes weights, and for a restart.
pub fn rows(lab: &Topology, hosts: usize, at: SocketAddr, size: Size) -> Vec<Row> {
    let director = &lab.dir1;
    let program = copy("/usr/sbin/keepalived");
    let mut wanted = Wanted::new();
    let mut keepalived = start(director, &program, &wanted);
    let load = Load::start(&lab.clients[..hosts], at, size);
    load.turn();

    let begun = Instant::now();
    for weight in wanted.weights.values_mut() {
        *weight = 2;
    }
    director.write("rival.conf", &wanted.text());
    keepalived.signal(Signal::HUP);
    fills(director, &wanted, &keepalived);
    load.turn();

    let reloaded = Instant::now();
    keepalived.signal(Signal::TERM);
    keepalived.end(SOON);
    let _keepalived = start(director, &program, &wanted);
    load.turn();
    let ended = Instant::now();
    let losses = load.end().losses;
    vec![
        Row::of("keepalived: reload: weights", &losses, begun, reloaded),
        Row::of("keepalived: restart", &losses, reloaded, ended),
    ]
}

fn start(director: &Director, program: &str, wanted: &Wanted) -> Process {
    let file = director.write("rival.conf", &wanted.text());
    let dir = director.dir.display();
    let (pid, checkers) = (format!("{dir}/k.pid"), format!("{dir}/c.pid"));
    let words = [
        program,
        "--check",
        "--dont-fork",
        "--log-console",
        "--use-file",
        &file,
        "--pid",
        &pid,
        "--checkers_pid",
        &checkers,
    ];
    let keepalived = director.spawn("keepalived.log", &words);
    fills(director, wanted, &keepalived);
    keepalived
}

fn fills(director: &Director, wanted: &Wanted, keepalived: &Process) {
    let right = wait_until(SOON, || wanted.differs(&director.table(), None).is_none());
    assert!(
        right.is_ok(),
        "keepalived fills no table:\n{}",
        keepalived.log()
    );
}
