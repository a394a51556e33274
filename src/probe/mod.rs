//! Real servers, asked whether they serve. Cheap checks share one thread and no task each.
//!
//! ```text
//! ask, cancel ──▶ commands ──▶ wheel ──due──▶ tcp::begin ──▶ epoll ──▶ answer ──▶ channel
//!                                ▲                             │
//!                                └────────── timeout ──────────┘
//! ```
//!
//! Files and BFD sessions have a thread each, and answer by themselves whenever they change.

mod bfd;
mod fault;
mod file;
mod prober;
mod quick;
mod slow;
mod socket;
mod tcp;
mod watch;
mod wheel;

pub use prober::{Answer, Prober};
pub use slow::{Means, Trust};
pub use wheel::Wheel;
