//! What ten thousand TCP checks cost on this host's kernel over the loopback: how late they begin,
//! how much processor time and memory they take, beside a bare loop that does nothing but connect,
//! and beside keepalived's checker, where the kernel lets it run.
//!
//! `LVSCTL_BENCH_SECONDS` for each run (default 25), `LVSCTL_BENCH_RUNS` of each (default 3).
#![expect(clippy::print_stdout, reason = "a benchmark reports")]
#![allow(clippy::unwrap_used, reason = "a benchmark may")]

#[path = "probe/bare.rs"]
mod bare;
#[path = "probe/beside.rs"]
mod beside;
#[path = "probe/listener.rs"]
mod listener;
#[path = "probe/ours.rs"]
mod ours;
#[path = "probe/usage.rs"]
mod usage;

use std::env;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::process::Command;
use std::time::Duration;

use listener::Listener;

const TARGETS: u32 = 10_000;
const DELAY_LOOP: Duration = Duration::from_secs(10);

/// Set to what this program does in a process of its own, and the port it asks.
const ROLE: &str = "LVSCTL_BENCH_ROLE";
const PORT: &str = "LVSCTL_BENCH_PORT";

fn main() {
    let port = || number(PORT, 0).try_into().unwrap();
    match env::var(ROLE).as_deref() {
        Ok("listener") => listener::serve(),
        Ok("bare") => bare::run(port(), seconds()),
        Ok("keepalived") => beside::inside(seconds()),
        Ok("ours") => ours::run(port(), seconds()),
        Ok(role) => panic!("no such role: {role}"),
        Err(_) => {
            let listener = Listener::start();
            println!(
                "{TARGETS} TCP checks, delay_loop {DELAY_LOOP:?}, {:?} a run",
                seconds()
            );
            // In turn, so that what else the machine does meets both.
            for _ in 0..number("LVSCTL_BENCH_RUNS", 3) {
                for role in ["bare", "ours"] {
                    run(role, listener.port);
                }
            }
            drop(listener);
            beside::keepalived();
        }
    }
}

/// A run in a process of its own.
fn run(role: &str, port: u16) {
    let me = env::current_exe().unwrap();
    let mut child = Command::new(me);
    child.env(ROLE, role).env(PORT, port.to_string());
    assert!(child.status().unwrap().success(), "{role}");
}

/// Where the checks go: an address each.
fn targets(port: u16) -> impl Iterator<Item = SocketAddr> {
    let first = u32::from(Ipv4Addr::new(127, 1, 0, 0));
    let addresses = (0..TARGETS).map(move |n| Ipv4Addr::from_bits(first + n));
    addresses.map(move |address| SocketAddrV4::new(address, port).into())
}

/// When each of them is asked first: spread over a `delay_loop`.
fn first(n: usize) -> Duration {
    DELAY_LOOP * u32::try_from(n).unwrap() / TARGETS
}

fn seconds() -> Duration {
    Duration::from_secs(number("LVSCTL_BENCH_SECONDS", 25))
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().unwrap())
}
