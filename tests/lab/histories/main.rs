//! The oracle on histories, run inside the laboratory: keepalived and `lvsctl daemon` direct the
//! same servers by the same file, each in a network namespace of its own, while servers die and
//! return, weights change and the file is replaced. What each does must be the same, and at the
//! same time.
//!
//! ```text
//!            ┌─ keepalived ─▶ tables, FIFO, scripts ─┐
//! history ───┤       same servers, same file         ├─ compare ─▶ differences ─▶ ledger
//!            └─ lvsctl ─────▶ tables, FIFO, scripts ─┘
//! ```
//!
//! `LVSCTL_SOAK=1` takes every history, `LVSCTL_SEED=N` draws others, `LVSCTL_ORACLE=WORD` takes what
//! has the word in its name and tells all of it, `LVSCTL_WRITE=1` leaves the histories in
//! `target/lab/out/histories` with what keepalived did as what they state.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "a test may"
)]

#[path = "../tables/ledger.rs"]
mod ledger;
#[path = "../tables/memory.rs"]
mod memory;
#[path = "../tables/options.rs"]
mod options;
#[path = "../../random/mod.rs"]
mod random;
#[path = "../stage/mod.rs"]
mod stage;

mod all;
mod compare;
mod director;
mod gap;
mod history;
mod keep;
mod outcome;
mod pair;
mod record;
mod scene;
mod sequence;
mod server;
mod step;
mod table;
mod tell;
mod trial;

use ledger::Ledger;
use options::Options;

const DIFFERENCES: &str = "tests/lab/histories/differences.tsv";

fn main() {
    let options = Options::of_environment();
    println!("histories: {options}");
    trial::comparison_finds_what_differs();
    let mut ledger = Ledger::read(DIFFERENCES);
    let faults = all::run(&options, &mut ledger);
    ledger.close(&options);
    assert_eq!(faults, 0, "histories that were not told to their end");
}
