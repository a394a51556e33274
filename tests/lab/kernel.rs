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
mod health;
mod options;
mod refusals;
mod rehearse;
mod restart;
mod suite;
mod traffic;
mod vrrp;
