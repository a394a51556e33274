use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::director;
use crate::programs::Programs;
use crate::size::Size;

const SERVERS: Size = Size::new("memory", 10_000, 10, 1, 0);
/// The daemon has asked every server by then, and read the whole table again.
const WATCHED: Duration = Duration::from_mins(3);

/// The most memory that an apply and a daemon with a check of every server held.
pub fn run(programs: &Programs) -> String {
    let mut text = format!("VmHWM of {SERVERS}, MiB\n");
    let _ = writeln!(text, "apply   {:8.1}  at most 64", apply(programs));
    let [start, later, reloaded] = daemon(programs);
    let _ = writeln!(
        text,
        "daemon  {reloaded:8.1}  at most 128 ({start:.1} when it was ready, {later:.1} before a reload)"
    );
    text
}

fn apply(programs: &Programs) -> f64 {
    let host = director();
    let file = host.write("bench.conf", &SERVERS.configuration(""));
    let state = host.state_dir();
    host.inside(|| {
        let mut child = Command::new(&programs.lvsctl)
            .args(["apply", "--state-dir", &state, &file])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut out = child.stdout.take().unwrap();
        let mut most = 0.0;
        // What it says fills the pipe many times over: it is alive while that is taken slowly.
        let mut some = vec![0; 64 << 10];
        loop {
            most = peak(child.id()).unwrap_or(0.0_f64).max(most);
            let length = out.read(&mut some).unwrap();
            if length == 0 {
                break;
            }
            said.push_str(&String::from_utf8_lossy(&some[..length]));
        }
        assert!(child.wait().unwrap().success());
        assert!(said.contains("done and verified"));
        most
    })
}

/// When it was ready, after it has checked for a while, and after several reloads.
fn daemon(programs: &Programs) -> [f64; 3] {
    let host = director();
    // Every address of a dest is here, and somebody listens.
    host.ip("route add local 10.100.0.0/14 dev lo\n");
    let check = "  TCP_CHECK {\n   connect_timeout 5\n  }\n";
    let text = SERVERS.configuration(check);
    let file = host.write("bench.conf", &text);
    let state = host.state_dir();
    let listener = host.inside(|| TcpListener::bind("0.0.0.0:80").unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            drop(connection);
        }
    });
    let line = [&programs.lvsctl, "daemon", "--state-dir", &state, &file];
    let daemon = host.spawn("daemon.log", &line);
    daemon.says("ready", Duration::from_mins(10));
    let start = peak(daemon.pid()).unwrap();
    let since = Instant::now();
    while since.elapsed() < WATCHED {
        sleep(Duration::from_secs(1));
    }
    let later = peak(daemon.pid()).unwrap();
    let changed = text.replacen("weight 1\n", "weight 2\n", 1);
    assert_ne!(changed, text);
    for text in [&changed, &changed, &text] {
        host.write("bench.conf", text);
        daemon.signal(Signal::HUP);
        daemon.says("reloaded", Duration::from_mins(1));
        sleep(Duration::from_secs(10));
    }
    [start, later, peak(daemon.pid()).unwrap()]
}

/// The most a process has held until now, in MiB.
fn peak(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
