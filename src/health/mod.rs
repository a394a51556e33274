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
mod news;
mod pool;
mod verdict;

pub use board::{Board, Found, Order, ProbeId, Question, Server, Shift, Standing};
pub use failed::{FailedServers, Handling};
pub use machine::{Action, Event, State, step};
pub use news::{About, Cause, News, Part};
pub use pool::{all_up, desired};
pub use verdict::{Verdict, Weighing};
