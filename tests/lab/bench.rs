//! How long 1,000 services × 3 dests take into an empty table, beside what others take for it, in
//! one boot: `make bench`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "a program for people, on the hosts that the tests use"
)]

mod stage;
mod verdicts;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lvsctl::ipvs::{Client, Ipvs, Reply, Request};
use lvsctl::model::table::Table;
use lvsctl::plan::{Step, diff};
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use rustix::net::sockopt;
use stage::director::{Director, LVSCTL};
use stage::host::Host;
use stage::topology::prefix;
use stage::wait_until;

const SERVICES: usize = 1000;
const DESTS: usize = 3;
const ROUNDS: usize = 5;

fn main() {
    let programs = Programs {
        lvsctl: in_memory(LVSCTL),
        ipvsadm: in_memory("/usr/sbin/ipvsadm"),
        keepalived: in_memory("/usr/sbin/keepalived"),
    };
    let verdicts = verdicts::run(&director());
    print!("{verdicts}");
    let out = concat!(env!("CARGO_MANIFEST_DIR"), "/target/lab/out");
    fs::write(format!("{out}/apply.verdicts.txt"), verdicts).unwrap();
    let mut seconds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for round in 1..=ROUNDS {
        println!("round {round} of {ROUNDS}");
        for (name, took) in one_round(&programs) {
            seconds.entry(name).or_default().push(took);
        }
    }
    report(&seconds);
}

/// A program with its libraries in memory: the guest's own files come slowly from the host, which
/// would be measured instead. LD_LIBRARY_PATH leads to them.
fn in_memory(program: &str) -> String {
    let bin = "/tmp/bench/bin";
    let lib = "/tmp/bench/lib";
    fs::create_dir_all(bin).unwrap();
    fs::create_dir_all(lib).unwrap();
    let name = Path::new(program).file_name().unwrap().to_str().unwrap();
    let copy = format!("{bin}/{name}");
    fs::copy(program, &copy).unwrap();
    let output = Command::new("ldd").arg(program).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let paths = listed
        .split_whitespace()
        .filter(|word| word.starts_with("/lib/x86_64"));
    for path in paths {
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        fs::copy(path, format!("{lib}/{name}")).unwrap();
    }
    copy
}

fn director() -> Director {
    let host = Host::new(&prefix(), "bench");
    host.ip("link set lo up\n");
    Director::new(host)
}

fn configuration() -> String {
    let mut text = String::new();
    for n in 0..SERVICES {
        let _ = write!(
            text,
            "virtual_server 10.{}.{}.1 80 {{\n lb_algo rr\n lb_kind DR\n protocol TCP\n persistence_timeout 300\n",
            n / 250,
            n % 250
        );
        for dest in 0..DESTS {
            let _ = writeln!(
                text,
                " real_server 10.9.{}.{} 80 {{\n  weight 1\n }}",
                n % 250,
                dest + 1
            );
        }
        text.push_str("}\n");
    }
    text
}

fn one_round(programs: &Programs) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    // lvsctl, from process start to verified, and its phases.
    let ours = director();
    let file = ours.write("bench.conf", &configuration());
    let state = ours.state_dir();
    let (_, took) = timed(|| ours.ask(&[&programs.lvsctl, "--version"]));
    all.push(("lvsctl --version".to_owned(), took));
    let line = [
        &programs.lvsctl,
        "apply",
        "--timings",
        "--state-dir",
        &state,
        &file,
    ];
    let (output, took) = timed(|| ours.ask(&line));
    all.push(("lvsctl apply".to_owned(), took));
    for phase in ["read", "plan", "program", "verify"] {
        let line = output.lines().find(|line| line.starts_with(phase)).unwrap();
        let millis: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        all.push((format!("  {phase}"), millis / 1e3));
    }
    let table = ours.table();
    assert_eq!(table.len(), SERVICES);
    let (output, took) =
        timed(|| ours.ask(&[&programs.lvsctl, "apply", "--state-dir", &state, &file]));
    assert!(output.contains("nothing to do"));
    all.push(("lvsctl apply, unchanged".to_owned(), took));
    // The same table by the same messages, made beforehand.
    let saved = ours.ask(&["ipvsadm", "-Sn"]);
    drop(ours);

    let bare = director();
    all.push(("bare replay".to_owned(), replay(&bare, &table)));
    assert_eq!(bare.table(), table);
    all.push(("bare read-back".to_owned(), read_back(&bare, &table)));
    drop(bare);

    let theirs = director();
    let path = theirs.write("saved", &saved);
    let ((), took) = timed(|| {
        theirs.inside(|| {
            let rules = File::open(&path).unwrap();
            let status = Command::new(&programs.ipvsadm)
                .arg("-R")
                .stdin(rules)
                .stdout(Stdio::null())
                .status();
            assert!(status.unwrap().success());
        });
    });
    all.push(("ipvsadm -R".to_owned(), took));
    assert_eq!(theirs.table(), table);
    drop(theirs);
    all.push((
        "keepalived start".to_owned(),
        keepalived(&programs.keepalived, &table),
    ));
    all
}

/// Where the copies are.
struct Programs {
    lvsctl: String,
    ipvsadm: String,
    keepalived: String,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}

/// From its start to the last entry.
fn keepalived(program: &str, table: &Table) -> f64 {
    let director = director();
    let file = director.write("bench.conf", &configuration());
    let pid = |kind: &str| director.dir.join(kind).to_str().unwrap().to_owned();
    let (parent, checkers) = (pid("p"), pid("c"));
    let line = [
        program, "-n", "-C", "-G", "-f", &file, "-p", &parent, "-c", &checkers,
    ];
    let last = *table.keys().next_back().unwrap();
    let start = Instant::now();
    let keepalived = director.spawn("keepalived.log", &line);
    let mut kernel = director.inside(|| Client::open().unwrap());
    let filled = wait_until(Duration::from_mins(2), || {
        let service = kernel.service(&last).unwrap();
        service.is_some_and(|service| service.pool.len() == DESTS)
    });
    let took = start.elapsed().as_secs_f64();
    assert!(filled.is_ok(), "{}", keepalived.log());
    took
}

/// A plain socket in the director's namespace.
fn socket(director: &Director) -> Socket {
    director.inside(|| {
        let mut socket = Socket::new(NETLINK_GENERIC).unwrap();
        socket.bind_auto().unwrap();
        socket.connect(&SocketAddr::new(0, 0)).unwrap();
        sockopt::set_socket_recv_buffer_size_force(socket.as_fd(), 16 << 20).unwrap();
        sockopt::set_socket_send_buffer_size_force(socket.as_fd(), 16 << 20).unwrap();
        socket
    })
}

/// The number of the family, from the kernel's own list.
fn family(director: &Director) -> u16 {
    let listed = director.ask(&["genl", "ctrl", "get", "name", "IPVS"]);
    let id = listed
        .split("ID: ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let id = id.and_then(|id| u16::from_str_radix(id.trim_start_matches("0x"), 16).ok());
    id.unwrap_or_else(|| panic!("no family in {listed}"))
}

/// 128 messages a send, only the last of each with an acknowledgement.
fn replay(director: &Director, table: &Table) -> f64 {
    let family = family(director);
    let steps = diff(&Table::new(), table);
    let encode = |batch: &[Step]| {
        let mut bytes = Vec::new();
        for (nth, step) in batch.iter().enumerate() {
            let last = nth + 1 == batch.len();
            let reply = if last { Reply::Ack } else { Reply::Errors };
            Request::step(step).encode(family, 1, reply, &mut bytes);
        }
        bytes
    };
    let batches: Vec<Vec<u8>> = steps.chunks(128).map(encode).collect();
    let socket = socket(director);
    let mut answer = vec![0; 64 << 10];
    director.inside(|| {
        let start = Instant::now();
        for batch in &batches {
            socket.send(batch, 0).unwrap();
            let length = socket.recv(&mut &mut answer[..], 0).unwrap();
            assert_eq!(&answer[16..20], [0; 4], "refused, {length} bytes");
        }
        start.elapsed().as_secs_f64()
    })
}

/// One dump of services, and one of dests for each.
fn read_back(director: &Director, table: &Table) -> f64 {
    let family = family(director);
    let encode = |request: Request| {
        let mut bytes = Vec::new();
        request.encode(family, 1, Reply::Dump, &mut bytes);
        bytes
    };
    let mut requests = vec![encode(Request::services())];
    requests.extend(table.keys().map(|key| encode(Request::dests(key))));
    let socket = socket(director);
    let mut answer = vec![0; 64 << 10];
    director.inside(|| {
        let start = Instant::now();
        for request in &requests {
            socket.send(request, 0).unwrap();
            loop {
                socket.recv(&mut &mut answer[..], 0).unwrap();
                // NLMSG_DONE comes in a datagram of its own.
                if u16::from_ne_bytes([answer[4], answer[5]]) == 3 {
                    break;
                }
            }
        }
        start.elapsed().as_secs_f64()
    })
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn report(seconds: &BTreeMap<String, Vec<f64>>) {
    let medians: BTreeMap<&str, f64> = seconds
        .iter()
        .map(|(name, values)| (name.as_str(), median(values)))
        .collect();
    let mut text = format!(
        "{SERVICES} services x {DESTS} dests into an empty table, seconds, medians of {ROUNDS} in one boot\n"
    );
    let order = [
        "lvsctl --version",
        "lvsctl apply",
        "  read",
        "  plan",
        "  program",
        "  verify",
        "lvsctl apply, unchanged",
        "bare replay",
        "bare read-back",
        "ipvsadm -R",
        "keepalived start",
    ];
    for name in order {
        let _ = writeln!(text, "{name:24} {:8.3}", medians[name]);
    }
    let ratios = [
        (
            "program phase / bare replay",
            medians["  program"] / medians["bare replay"],
            "at most 1.5",
        ),
        (
            "ipvsadm -R / lvsctl apply",
            medians["ipvsadm -R"] / medians["lvsctl apply"],
            "at least 5",
        ),
        (
            "keepalived start / lvsctl apply",
            medians["keepalived start"] / medians["lvsctl apply"],
            "",
        ),
        (
            "apply / (replay + read-back)",
            medians["lvsctl apply"] / (medians["bare replay"] + medians["bare read-back"]),
            "",
        ),
    ];
    for (name, ratio, aim) in ratios {
        let _ = writeln!(text, "{name:34} {ratio:6.2}  {aim}");
    }
    print!("{text}");
    let out = concat!(env!("CARGO_MANIFEST_DIR"), "/target/lab/out");
    fs::write(format!("{out}/apply.txt"), text).unwrap();
    let json = serde_json::json!({ "version": 1, "seconds": seconds });
    fs::write(format!("{out}/apply.json"), json.to_string()).unwrap();
}
