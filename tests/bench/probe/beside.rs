//! keepalived's checker over as many servers, in a network namespace of its own.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::listener::Listener;
use super::usage;

/// What it says goes into this file.
const SAID: &str = "said";

pub(crate) fn keepalived() {
    let me = std::env::current_exe().unwrap();
    let mut isolated = Command::new("unshare");
    isolated.arg("--net").arg(me).env(super::ROLE, "keepalived");
    match isolated.status() {
        Ok(status) if status.success() => {}
        other => println!("keepalived: no network namespace can be made: {other:?}"),
    }
}

/// Must run in a network of its own.
pub(crate) fn inside(time: Duration) {
    let up = Command::new("ip")
        .args(["link", "set", "lo", "up"])
        .status();
    assert!(up.unwrap().success());
    let listener = Listener::start();
    let folder = std::env::temp_dir().join(format!("lvsctl-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    match start(&folder, listener.port) {
        Err(error) => println!("keepalived: cannot be run: {error}"),
        Ok(child) => measure(child, &folder, time),
    }
    fs::remove_dir_all(&folder).unwrap();
}

fn start(folder: &Path, port: u16) -> std::io::Result<Child> {
    let mut text = format!(
        "virtual_server 192.0.2.1 80 {{\n  delay_loop {}\n  lb_algo rr\n  lb_kind NAT\n  protocol TCP\n",
        super::DELAY_LOOP.as_secs()
    );
    for target in super::targets(port) {
        let ip = target.ip();
        let _ = write!(
            text,
            "  real_server {ip} {port} {{\n    TCP_CHECK {{\n      connect_timeout 5\n    }}\n  }}\n"
        );
    }
    text.push_str("}\n");
    fs::write(folder.join("keepalived.conf"), text).unwrap();
    Command::new("keepalived")
        .args(["--dont-fork", "--log-console", "--check"])
        .args(["--use-file", "keepalived.conf"])
        .args(["--pid", "keepalived.pid", "--checkers_pid", "checkers.pid"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join(SAID))?)
        .spawn()
}

fn measure(mut child: Child, folder: &Path, time: Duration) {
    // Where it cannot check, it takes its time to end.
    while connections() == 0 {
        if child.try_wait().unwrap().is_some() {
            let said = fs::read_to_string(folder.join(SAID)).unwrap();
            let why = said.lines().find(|line| line.contains("IPVS:"));
            let why = why.unwrap_or("it does not say why");
            return println!("keepalived: its checker ends on this kernel: {why}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    // Its first checks are spread over a delay_loop.
    std::thread::sleep(super::DELAY_LOOP);
    let (before, asked) = (used(&child), connections());
    std::thread::sleep(time);
    let (used, asked) = (used(&child).saturating_sub(before), connections() - asked);
    let used = usage::per_thousand(used, asked);
    println!("keepalived: {asked} connections; processor for 1,000: {used:.1?}");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap();
}

/// Processor time of the process and its checker.
fn used(child: &Child) -> Duration {
    let id = child.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    let checkers = children.split_whitespace().map(str::to_owned);
    let all = checkers.chain([id.to_string()]);
    all.map(|id| usage::scheduled(&Path::new("/proc").join(id)))
        .sum()
}

/// Connections that were begun in this network so far.
///
/// Source: `ActiveOpens` in `/proc/net/snmp` (RFC 1213).
fn connections() -> usize {
    let counters = fs::read_to_string("/proc/net/snmp").unwrap();
    let mut lines = counters.lines().filter(|line| line.starts_with("Tcp:"));
    let mut names = lines.next().unwrap().split(' ');
    let at = names.position(|name| name == "ActiveOpens").unwrap();
    lines
        .next()
        .unwrap()
        .split(' ')
        .nth(at)
        .unwrap()
        .parse()
        .unwrap()
}
