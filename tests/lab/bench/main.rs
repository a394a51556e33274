//! What lvsctl costs on a real kernel, beside what others take for the same, in one boot: `make bench`.
//!
//! Arguments choose among `verdicts`, `small`, `wide`, `large`, `memory` and `linear`; without one, all.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "a program for people, on the hosts that the tests use"
)]

#[path = "../stage/mod.rs"]
mod stage;
#[path = "../verdicts.rs"]
mod verdicts;

mod awaited;
mod bare;
mod linear;
mod memory;
mod ours;
mod programs;
mod report;
mod size;
mod theirs;

use std::fs;
use std::time::Instant;

use programs::Programs;
use report::Seconds;
use size::Size;
use stage::director::Director;
use stage::host::Host;
use stage::topology::prefix;

fn main() {
    same_addresses();
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|word| word == name);
    let programs = Programs::in_memory();
    if wanted("verdicts") {
        keep("apply.verdicts.txt", &verdicts::run(&director()));
    }
    let mut all = serde_json::Map::new();
    for size in Size::ALL {
        if wanted(size.name) {
            let seconds = measure(&programs, size);
            keep(&format!("apply.{}.txt", size.name), &seconds.report(size));
            all.insert(size.name.to_owned(), seconds.json());
        }
    }
    if wanted("linear") {
        keep("apply.linear.txt", &linear::run(&programs));
    }
    if wanted("memory") {
        keep("apply.memory.txt", &memory::run(&programs));
    }
    let json = serde_json::json!({ "version": 2, "seconds": all });
    fs::write(out("apply.json"), json.to_string()).unwrap();
}

/// Ends the guest's address randomisation, for every program that is measured. The emulator
/// translates code anew for each address it meets it at, so that every start would pay for all the
/// code it goes through; a processor runs it as fast at one address as at another.
fn same_addresses() {
    fs::write("/proc/sys/kernel/randomize_va_space", "0").unwrap();
}

fn measure(programs: &Programs, size: &Size) -> Seconds {
    let mut seconds = Seconds::default();
    for round in 1..=size.rounds {
        println!("{size}: round {round} of {}", size.rounds);
        let filled = ours::round(programs, size, &mut seconds);
        bare::round(&filled.table, &mut seconds);
        if round <= size.rounds_of_others {
            theirs::round(programs, size, &filled, &mut seconds);
        }
    }
    seconds
}

/// What outlives the guest.
fn out(name: &str) -> String {
    format!("{}/target/lab/out/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn keep(name: &str, text: &str) {
    print!("{text}");
    fs::write(out(name), text).unwrap();
}

/// A host with an empty table, where every address of a dest is one.
fn director() -> Director {
    let host = Host::new(&prefix(), "bench");
    host.ip("link set lo up\n");
    Director::new(host)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}
