use std::fs;
use std::thread::sleep;
use std::time::Duration;

use lvsctl::model::table::Table;
use rustix::process::Signal;

use crate::awaited::Awaited;
use crate::programs::Programs;
use crate::report::Seconds;
use crate::size::Size;
use crate::stage::director::Director;
use crate::stage::strace::{changing_commands, front};
use crate::{director, timed};

/// What the others must come to.
pub struct Filled {
    pub table: Table,
    /// As `ipvsadm -S` writes it.
    pub saved: String,
}

const PHASES: [&str; 4] = ["read", "plan", "program", "verify"];

/// lvsctl, from process start to verified: into an empty table, with nothing to do, and with one
/// weight to change.
pub fn round(programs: &Programs, size: &Size, seconds: &mut Seconds) -> Filled {
    let host = director();
    let file = host.write("bench.conf", &size.configuration(""));
    let other = host.write("other.conf", &size.one_weight_changed());
    let (_, took) = timed(|| host.ask(&[&programs.nothing]));
    seconds.add("a process", took);
    let (_, took) = timed(|| host.ask(&[&programs.lvsctl, "--version"]));
    seconds.add("lvsctl --version", took);

    let (output, took) = timed(|| apply(&host, programs, &file));
    seconds.add("lvsctl apply", took);
    phases("  ", &output, seconds);
    let table = host.table();
    assert_eq!(table.len(), size.services);
    let pools = table.values().map(|service| service.pool.len());
    assert_eq!(pools.sum::<usize>(), size.services * size.dests);

    let (output, took) = timed(|| apply(&host, programs, &file));
    assert!(output.contains("nothing to do"), "{output}");
    seconds.add("unchanged", took);
    let saved = host.ask(&["ipvsadm", "-Sn"]);
    let (output, took) = timed(|| apply(&host, programs, &other));
    assert!(output.contains("0 to add, 1 to change"), "{output}");
    seconds.add("one weight", took);
    // Seen from outside, and not timed.
    let commands = commands(&host, programs, &other);
    assert!(commands.is_empty(), "unchanged: {commands:?}");
    let commands = self::commands(&host, programs, &file);
    assert_eq!(commands, [6], "one weight is one SET_DEST");
    seconds.add("reload", reload(&host, programs, size, &table));
    Filled { table, saved }
}

/// A daemon that holds the table, from the signal to one weight changed.
fn reload(host: &Director, programs: &Programs, size: &Size, table: &Table) -> f64 {
    let file = host.write("bench.conf", &size.configuration(""));
    let state = host.state_dir();
    let line = [&programs.lvsctl, "daemon", "--state-dir", &state, &file];
    let daemon = host.spawn("daemon.log", &line);
    daemon.says("ready", Duration::from_mins(5));
    let last = Awaited::last(host, table);
    sleep(Duration::from_secs(2));
    host.write("bench.conf", &size.one_weight_changed());
    let ((), took) = timed(|| {
        daemon.signal(Signal::HUP);
        last.weight(2, &daemon);
    });
    took
}

/// One apply; returns what it said.
pub fn apply(host: &Director, programs: &Programs, file: &str) -> String {
    let state = host.state_dir();
    let line = [
        &programs.lvsctl,
        "apply",
        "--timings",
        "--state-dir",
        &state,
        file,
    ];
    host.ask(&line)
}

fn phases(indent: &str, output: &str, seconds: &mut Seconds) {
    for phase in PHASES {
        let line = output.lines().find(|line| line.starts_with(phase)).unwrap();
        let millis: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        seconds.add(&format!("{indent}{phase}"), millis / 1e3);
    }
}

/// The commands of an apply that change something.
fn commands(host: &Director, programs: &Programs, file: &str) -> Vec<u8> {
    let log = host.dir.join("strace").to_str().unwrap().to_owned();
    let state = host.state_dir();
    let mut line = front(&log);
    line.extend([&programs.lvsctl, "apply", "--state-dir", &state, file]);
    host.ask(&line);
    changing_commands(&fs::read_to_string(log).unwrap())
}
