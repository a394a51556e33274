use std::fs;
use std::time::{Duration, Instant};

use crate::bench::{CONFIG_ID, Filled, read};
use crate::stage::host::Host;
use crate::stage::process::Process;
use crate::stage::wait_until;

/// What keepalived made of a file.
#[derive(Debug)]
pub enum Theirs {
    /// The table as it was before any check had an answer.
    Filled(Filled),
    /// It ended, crashed or hung before it had filled one.
    Failed(String),
}

/// Longer than it takes for any file of the corpus.
const LIMIT: Duration = Duration::from_mins(2);
/// So long a parent without a child is waited for.
const CHILDLESS: Duration = Duration::from_secs(1);
/// A check that was run, or what follows from one: then the table was read too late.
const CHECKED: [&str; 5] = [
    "Removing service",
    "Disabling service",
    "Adding service",
    "Enabling service",
    "Changing weight",
];

/// Lets keepalived fill the empty table of a host.
pub fn fill(program: &str, host: &Host, file: &str) -> Theirs {
    let mut said = String::new();
    for _ in 0..3 {
        match once(program, host, file) {
            Ok(theirs) => return theirs,
            Err(check) => said = check,
        }
        crate::bench::clear(host);
    }
    Theirs::Failed(format!("a check comes before the reader: {said}"))
}

/// `Err` with what a check did before the table was read.
fn once(program: &str, host: &Host, file: &str) -> Result<Theirs, String> {
    let dir = host.dir.to_str().unwrap().to_owned();
    let (pid, checkers) = (format!("{dir}/k.pid"), format!("{dir}/c.pid"));
    let _ = fs::remove_file(host.dir.join("keepalived.log"));
    let line = [
        program,
        "--check",
        // It would say of every peer that it is down before the table can be read.
        "--no_bfd",
        "--dont-fork",
        "--log-console",
        "--log-detail",
        "--namespace",
        &host.name,
        "--config-id",
        CONFIG_ID,
        "--use-file",
        file,
        "--pid",
        &pid,
        "--checkers_pid",
        &checkers,
    ];
    let mut keepalived = host.spawn("keepalived.log", &line);
    let reached = wait(&mut keepalived);
    // No order to stop, at which it would empty the table.
    keepalived.kill();
    let log = keepalived.log();
    let checked = |line: &&str| CHECKED.iter().any(|word| line.contains(word));
    match (reached, log.lines().find(checked)) {
        (Ok(()), Some(line)) => Err(line.to_owned()),
        (Ok(()), None) => Ok(Theirs::Filled(read(host))),
        (Err(why), _) => Ok(Theirs::Failed(why)),
    }
}

/// Until the process that fills the table has done so, which is when it first waits for something
/// to happen. From then on it is a second until the first check.
fn wait(keepalived: &mut Process) -> Result<(), String> {
    let mut result = Err(format!("still busy after {LIMIT:?}"));
    let mut childless: Option<Instant> = None;
    let _ = wait_until(LIMIT, || {
        let log = keepalived.log();
        let mut starts = log
            .split("Starting Healthcheck child process, pid=")
            .skip(1);
        let child = starts.next().and_then(|rest| rest.lines().next());
        if let Some(status) = keepalived.ended() {
            result = Err(format!("{status}: {}", last_words(&log)));
        } else if starts.next().is_some() {
            result = Err(format!("its checker died: {}", last_words(&log)));
        } else if child.is_some_and(waits) {
            result = Ok(());
        } else if child.is_none() && waits(&keepalived.pid().to_string()) {
            let since = childless.get_or_insert_with(Instant::now);
            if since.elapsed() < CHILDLESS {
                return false;
            }
            // There is no virtual server to check for.
            result = Ok(());
        } else {
            return false;
        }
        true
    });
    result
}

/// Whether a process waits in its event loop.
fn waits(pid: &str) -> bool {
    // epoll_wait, epoll_pwait and epoll_pwait2 on x86-64
    const NUMBERS: [&str; 3] = ["232", "281", "441"];
    let call = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
    call.split(' ')
        .next()
        .is_some_and(|number| NUMBERS.contains(&number))
}

/// The last lines of a log that say something, without the time.
fn last_words(log: &str) -> String {
    let lines = log
        .lines()
        .filter(|line| !line.contains("CPU usage") && !line.contains("Stopped"));
    let lines: Vec<&str> = lines
        .map(|line| {
            line.split_once(" 20").map_or(line, |(_, rest)| {
                rest.split_once(": ").map_or(rest, |(_, rest)| rest)
            })
        })
        .collect();
    lines[lines.len().saturating_sub(2)..].join(" / ")
}
