//! The suite of cases on the kernel in memory. The laboratory runs it on the real one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may"
)]

mod ipvs_cases;

use lvsctl::ipvs::Memory;
use lvsctl::model::table::Table;

#[test]
fn the_suite_of_cases_holds_in_memory() {
    ipvs_cases::run(&mut Memory::new(Table::new()));
}
