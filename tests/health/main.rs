//! The board of checks and the table that follows from it, driven without clock or socket.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may"
)]

mod care;
mod checks;
mod given;
mod law;
mod quorum;
#[path = "../random/mod.rs"]
mod random;
mod reload;
mod rest;
mod restart;
mod table;
mod weights;
