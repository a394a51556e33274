use std::fs::File;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;

use crate::awaited::Awaited;
use crate::ours::Filled;
use crate::programs::Programs;
use crate::report::Seconds;
use crate::size::Size;
use crate::{director, timed};

/// ipvsadm and keepalived come to the same table.
pub fn round(programs: &Programs, size: &Size, filled: &Filled, seconds: &mut Seconds) {
    seconds.add("ipvsadm -R", ipvsadm(programs, filled));
    keepalived(programs, size, filled, seconds);
}

fn ipvsadm(programs: &Programs, filled: &Filled) -> f64 {
    let host = director();
    let path = host.write("saved", &filled.saved);
    let ((), took) = timed(|| {
        host.inside(|| {
            let rules = File::open(&path).unwrap();
            let status = Command::new(&programs.ipvsadm)
                .arg("-R")
                .stdin(rules)
                .stdout(Stdio::null())
                .status();
            assert!(status.unwrap().success());
        });
    });
    assert!(host.table() == filled.table, "ipvsadm left another table");
    took
}

/// From its start to the last entry, and from the signal to one weight changed.
fn keepalived(programs: &Programs, size: &Size, filled: &Filled, seconds: &mut Seconds) {
    let host = director();
    let file = host.write("bench.conf", &size.configuration(""));
    let pid = |kind: &str| host.dir.join(kind).to_str().unwrap().to_owned();
    let (parent, checkers) = (pid("p"), pid("c"));
    let line = [
        &programs.keepalived,
        "-n",
        "-C",
        "-G",
        "-f",
        &file,
        "-p",
        &parent,
        "-c",
        &checkers,
    ];
    let last = Awaited::last(&host, &filled.table);
    let (keepalived, took) = timed(|| {
        let keepalived = host.spawn("keepalived.log", &line);
        last.weight(1, &keepalived);
        keepalived
    });
    seconds.add("keepalived start", took);
    // What follows the last entry of the table is no part of a reload.
    sleep(Duration::from_secs(2));
    host.write("bench.conf", &size.one_weight_changed());
    let ((), took) = timed(|| {
        keepalived.signal(Signal::HUP);
        last.weight(2, &keepalived);
    });
    seconds.add("keepalived reload", took);
}
