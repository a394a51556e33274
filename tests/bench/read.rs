//! How long reading and lowering a large configuration takes, and linting it, beside `keepalived
//! -t` on the same file, and how much memory each needs.
#![expect(clippy::print_stdout, reason = "a benchmark reports")]
#![allow(clippy::unwrap_used, reason = "a benchmark may")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;
use lvsctl::conf::{self, Disk, Options};
use lvsctl::lint;

const VIRTUAL_SERVERS: u32 = 10_000;
const REAL_SERVERS: u32 = 10;
/// Runs of which the median counts.
const RUNS: usize = 7;

/// 660,000 lines: a check in each real server, ten of these in each virtual server.
fn configuration() -> String {
    let mut text = String::from("global_defs {\n  router_id big\n}\n");
    for server in 0..VIRTUAL_SERVERS {
        let (high, low) = (server >> 8, server & 255);
        let _ = write!(
            text,
            "virtual_server 10.{high}.{low}.1 80 {{\n  delay_loop 10\n  lb_algo wrr\n  lb_kind NAT\n  protocol TCP\n"
        );
        for real in 0..REAL_SERVERS {
            let _ = write!(
                text,
                "  real_server 172.{}.{high}.{low} 80 {{\n   weight {}\n   TCP_CHECK {{\n    connect_timeout 3\n   }}\n  }}\n",
                16 + real,
                real + 1
            );
        }
        text.push_str("}\n");
    }
    text
}

/// What is measured.
struct Work {
    name: &'static str,
    run: fn(&Path),
}

const WORKS: [Work; 2] = [
    Work {
        name: "read and lower",
        run: read,
    },
    Work {
        name: "lint with every rule",
        run: lint,
    },
];

fn main() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large.conf");
    // A second start of this program, to see how much memory one run takes.
    if let Ok(name) = std::env::var("LVSCTL_BENCH_ONCE") {
        let work = WORKS.iter().find(|work| work.name == name).unwrap();
        (work.run)(&file);
        return println!("{}", high_water("self").unwrap());
    }
    let text = configuration();
    println!("{} lines, {} KB", text.lines().count(), text.len() / 1000);
    fs::write(&file, text).unwrap();
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    for work in &WORKS {
        criterion.bench_function(&format!("{}, 10,000 x 10", work.name), |bench| {
            bench.iter(|| (work.run)(&file));
        });
    }
    criterion.final_summary();
    for work in &WORKS {
        beside_keepalived(work, &file);
    }
}

fn read(file: &Path) {
    let loaded = conf::load(&Disk, file.to_str().unwrap(), &Options::default());
    let servers = &loaded.director.as_ref().unwrap().virtual_servers;
    assert_eq!(servers.len(), VIRTUAL_SERVERS as usize);
    black_box(loaded);
}

fn lint(file: &Path) {
    let found = lint::run(&Disk, file.to_str().unwrap(), &lint::Wanted::default());
    let errors = found.iter().filter_map(lint::Findings::worst).max();
    assert_ne!(errors, Some(lvsctl::diag::Severity::Error));
    black_box(found);
}

/// One after the other in turn, so that what else the machine does meets both.
fn beside_keepalived(work: &Work, file: &Path) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut peak = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        (work.run)(file);
        ours.push(start.elapsed());
        let start = Instant::now();
        let Some(high) = keepalived(file) else {
            return println!("keepalived is not installed: no ratio");
        };
        theirs.push(start.elapsed());
        peak = peak.max(high);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let once = Command::new(std::env::current_exe().unwrap())
        .env("LVSCTL_BENCH_ONCE", work.name)
        .output()
        .unwrap();
    let high: u64 = String::from_utf8(once.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    let name = work.name;
    println!("{name}: {ours:.1?}; keepalived -t: {theirs:.1?}; {ratio:.1} times faster");
    println!("peak memory: {high} KiB; keepalived -t: {peak} KiB");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Runs `keepalived -t` and returns its peak memory in KiB; `None` where it cannot be run.
fn keepalived(file: &Path) -> Option<u64> {
    let mut child = Command::new("keepalived")
        .args(["-t", "-f"])
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = high_water(&child.id().to_string()).unwrap_or(0).max(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success(), "the file is clean");
    Some(peak)
}

/// `VmHWM` of a process in KiB.
fn high_water(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
