use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::model::moment::Moment;

/// The one clock: every time that decides anything comes from here.
pub fn now() -> Moment {
    let now = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(now.tv_nsec).unwrap_or(0);
    Moment::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

/// Processor time that the calling thread has used.
pub fn worked() -> Duration {
    let worked = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(worked.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(worked.tv_nsec).unwrap_or(0))
}
