//! The oracle on tables, run inside the laboratory: of one file, Debian's `keepalived --check` and
//! `lvsctl apply` each fill an empty table, and the two must be the same.
//!
//! ```text
//! corpus ──┐                ┌─ keepalived ─▶ table ─┐
//!          ├─▶ file ─▶ bench┤                       ├─ compare ─▶ differences ─▶ ledger
//! draw ────┘                └─ apply ──────▶ table ─┘
//! ```
//!
//! LVSCTL_SOAK=1 takes every file, LVSCTL_SEED=N draws others, LVSCTL_ORACLE=WORD takes only what
//! has the word in its name and prints all of it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "a test may"
)]

#[path = "../stage/mod.rs"]
mod stage;

mod apply;
mod bench;
mod compare;
mod corpus;
mod draw;
mod drawn;
mod judge;
mod keepalived;
mod keywords;
mod ledger;
mod memory;
mod options;
mod reader;
mod reading;
mod tally;
mod waiting;

use bench::Bench;
use ledger::Ledger;
use options::Options;

fn main() {
    let options = Options::of_environment();
    println!("oracle: {options}");
    let bench = Bench::new();
    reader::agrees_with_ipvsadm(&bench);
    let mut ledger = Ledger::read("tests/lab/tables/differences.tsv");
    corpus::run(&bench, &options, &mut ledger);
    drawn::run(&bench, &options, &mut ledger);
    ledger.close(&options);
}
