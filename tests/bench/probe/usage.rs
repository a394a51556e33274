//! What a process has used so far.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Processor time of this process.
pub(crate) fn processor() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        used.tv_sec.try_into().unwrap(),
        used.tv_nsec.try_into().unwrap(),
    )
}

/// Processor time of the thread of that name.
pub(crate) fn processor_of_thread(name: &str) -> Duration {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let mut tasks = tasks.map(|task| task.unwrap().path());
    let is_named = |task: &PathBuf| {
        fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim_end() == name)
    };
    scheduled(&tasks.find(is_named).unwrap())
}

/// Processor time of what that folder of /proc is about.
///
/// Source: `schedstat` in Documentation/scheduler/sched-stats.rst of the kernel.
pub(crate) fn scheduled(folder: &Path) -> Duration {
    let stat = fs::read_to_string(folder.join("schedstat")).unwrap();
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}

/// `VmRSS` of this process in bytes.
pub(crate) fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib * 1024
}

/// For a thousand of them.
pub(crate) fn per_thousand(used: Duration, probes: usize) -> Duration {
    used.mul_f64(1000.0 / f64::from(u32::try_from(probes).unwrap()))
}

/// Median, 99th percentile and greatest of times.
pub(crate) fn spread(mut times: Vec<Duration>) -> (Duration, Duration, Duration) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    (at(50), at(99), at(100))
}
