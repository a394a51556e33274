//! Real servers, asked whether they serve. Cheap checks share one thread and no task each.
//!
//! ```text
//! ask, cancel ──▶ commands ──▶ wheel ──due──▶ tcp::begin ──▶ epoll ──▶ answer ──▶ channel
//!                                ▲                             │
//!                                └────────── timeout ──────────┘
//! ```

mod bfd;
mod file;
mod prober;
mod quick;
mod slow;
mod socket;
mod tcp;
mod watch;
mod wheel;

pub use prober::{Answer, Prober};
pub use wheel::Wheel;
