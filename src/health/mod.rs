//! Checks → verdicts → the table that should be. Pure: clock, sockets and kernel stay outside.
//!
//! ```text
//! answer of a probe ──board──▶ event ──machine──▶ verdict per check ──▶ up or down per server
//!                      │                                                     │
//!                      ├──▶ shifts, news                     quorum per pool ◀┤
//!                      └──▶ when to ask again                                │
//!                      Director ──desired──▶ Table (desired) ◀───────────────┘
//! ```

mod board;
mod damping;
mod desired;
mod failed;
mod machine;
mod manner;
mod memory;
mod news;
mod pool;
mod probes;
mod reach;
mod reconfigure;
mod server;
mod snapshot;
mod standing;
mod verdict;
mod walk;
mod watch;

pub use board::{Board, Found, Order, Outcome, ProbeId, Question, Server, Shift, Stagger};
pub use damping::Care;
pub use desired::{Verdicts, all_up, desired, part};
pub use failed::{FailedServers, Handling};
pub use machine::{Action, Event, State, step};
pub use manner::Manner;
pub use memory::{Memory, RememberedCheck, RememberedPool, RememberedServer};
pub use news::{About, Cause, News, Part};
pub use pool::Guard;
pub use reach::Reach;
pub use reconfigure::Past;
pub use snapshot::Snapshot;
pub use standing::{Reason, Standing};
pub use verdict::{Verdict, Weighing};
