//! Checks → verdicts → the table that should be. Pure: clock, sockets and kernel stay outside.
//!
//! ```text
//! answer of a probe ──board──▶ event ──machine──▶ verdict per check ──▶ up or down per server
//!                                                                          │
//!                      Director ──pool──▶ Table (desired) ◀────────────────┘
//! ```

mod board;
mod failed;
mod machine;
mod pool;

pub use board::{Board, Found, Order, ProbeId, Server, Shift, Standing, Verdict};
pub use failed::{FailedServers, Handling};
pub use machine::{Action, Event, State, step};
pub use pool::{all_up, desired};
