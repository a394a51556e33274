//! Real servers, asked whether they serve. Cheap checks share one thread and no task each.
//!
//! ```text
//! ask, cancel ──inbox──▶ wheel ──due──▶ Exchange::begin ──▶ epoll ──▶ Exchange::hear ──▶ answers
//!                          ▲                                  │
//!                          └─────────── time limit ───────────┘
//! ```
//!
//! Files and BFD sessions have a thread each, and answer by themselves whenever they change.

mod absence;
mod asking;
mod bfd;
mod datagram;
mod dns;
mod exchange;
mod fault;
mod file;
mod inbox;
mod lateness;
mod ping;
mod prober;
mod quick;
mod room;
mod slow;
mod socket;
mod tcp;
mod udp;
mod watch;
mod wheel;

pub use lateness::Lateness;
pub use prober::{Answer, Prober};
pub use room::holds;
pub use slow::{Means, Trust};
pub use wheel::Wheel;
