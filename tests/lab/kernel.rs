//! Tests against a real kernel, run inside the laboratory: `make test`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may"
)]

#[path = "../ipvs_cases/mod.rs"]
mod ipvs_cases;
#[path = "../random/mod.rs"]
mod random;
#[allow(dead_code, reason = "each program of the laboratory uses its part")]
mod stage;
#[allow(dead_code, reason = "the laboratory compares in its own way")]
#[path = "../lint/stated.rs"]
mod stated;

mod apply;
mod beside;
mod costs;
mod drift;
mod failover;
mod faults;
mod glance;
mod health;
mod options;
mod privilege;
mod readers;
mod refusals;
mod rehearse;
mod restart;
mod rivals;
mod suite;
mod traffic;
mod unit;
mod vrrp;
