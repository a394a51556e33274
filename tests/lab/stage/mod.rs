//! The laboratory's hosts: network namespaces on one bridge, with real programs in them.

pub mod client;
pub mod director;
pub mod host;
pub mod over;
pub mod process;
pub mod strace;
pub mod topology;
pub mod web;

use std::thread::sleep;
use std::time::{Duration, Instant};

pub const VIP: &str = "192.168.1.20";

/// Polls until `done`, and says whether that came in time and how long it took.
pub fn wait_until(limit: Duration, mut done: impl FnMut() -> bool) -> Result<Duration, Duration> {
    let start = Instant::now();
    loop {
        if done() {
            return Ok(start.elapsed());
        }
        if start.elapsed() > limit {
            return Err(start.elapsed());
        }
        sleep(Duration::from_millis(50));
    }
}
