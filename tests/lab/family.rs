//! Run before any module of IPVS is loaded, and alone, because it unloads them again: what lvsctl
//! says to a kernel without it, and who loads what.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may"
)]

#[allow(dead_code, reason = "each program of the laboratory uses its part")]
mod stage;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use stage::director::{Director, LVSCTL};
use stage::host::Host;
use stage::topology::prefix;
use stage::wait_until;

/// What the kernel runs to have a module loaded.
const MODPROBE: &str = "/proc/sys/kernel/modprobe";

fn main() {
    without_the_family_every_command_says_so();
    what_a_file_needs_is_loaded_by_one_modprobe_and_never_twice();
    a_module_that_goes_and_comes_back_is_filled_again();
}

fn without_the_family_every_command_says_so() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/dr/dr-master.conf");
    // Neither the kernel nor lvsctl itself must find a way to load it.
    fs::write(MODPROBE, "/bin/false\n").unwrap();
    for verb in ["plan", "apply", "daemon"] {
        let output = Command::new(LVSCTL).args([verb, example]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{verb}: {said}");
        assert!(said.contains("modprobe ip_vs"), "{verb}: {said}");
    }
    println!("without the IPVS family every command says so and ends with 2");
}

/// A modprobe that keeps a log: lvsctl asks with `-qa`, the kernel with `-q --`.
struct Logged {
    program: String,
    log: String,
}

impl Logged {
    fn new(host: &Host) -> Self {
        let log = host.write("modprobe.log", "");
        let script = format!("#!/bin/sh\necho \"$@\" >>{log}\nexec /sbin/modprobe \"$@\"\n");
        let program = host.write("modprobe", &script);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(MODPROBE, &program).unwrap();
        Self { program, log }
    }

    /// What was asked for since the last call.
    fn asked(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.log).unwrap();
        fs::write(&self.log, "").unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// Virtual servers with these schedulers, one each, the first with an engine.
fn configuration(schedulers: &[&str]) -> String {
    let server = |(nth, scheduler): (usize, &&str)| {
        let engine = ["persistence_timeout 60\n persistence_engine sip\n", ""][nth.min(1)];
        format!(
            "virtual_server 192.0.2.{nth} 5060 {{\n lb_algo {scheduler}\n lb_kind DR\n protocol UDP\n {engine}\
             real_server 198.51.100.1 5060 {{\n  weight 1\n }}\n}}\n"
        )
    };
    schedulers.iter().enumerate().map(server).collect()
}

fn what_a_file_needs_is_loaded_by_one_modprobe_and_never_twice() {
    let host = Host::new(&prefix(), "modules");
    host.ip("link set lo up\n");
    let director = Director::new(host);
    let modprobe = Logged::new(&director);
    let schedulers = || -> Vec<String> {
        let table = director.table();
        let of = |service: &lvsctl::model::table::Service| service.settings.scheduler.to_string();
        table.values().map(of).collect()
    };
    let apply = |wanted: &[&str]| {
        let file = director.write("modules.conf", &configuration(wanted));
        director.lvsctl("apply", &[&file])
    };
    let file = director.write("modules.conf", &configuration(&["wlc", "rr", "wlc"]));
    assert!(director.lvsctl("plan", &[&file]).status.success());
    assert_eq!(
        modprobe.asked(),
        ["-q -- net-pf-16-proto-16-family-IPVS"],
        "a plan needs the family alone"
    );
    let output = director.lvsctl("apply", &[&file]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(schedulers(), ["wlc", "rr", "wlc"]);
    assert_eq!(
        modprobe.asked(),
        ["-qa ip_vs_pe_sip ip_vs_rr ip_vs_wlc"],
        "by lvsctl, and the kernel had to load none"
    );
    assert!(apply(&["rr", "wlc", "rr"]).status.success());
    assert_eq!(modprobe.asked(), [""; 0], "all are there");
    assert!(apply(&["rr", "sed", "rr"]).status.success());
    assert_eq!(modprobe.asked(), ["-qa ip_vs_sed"], "what is missing");

    // A daemon at start; at a reload it may no longer, and the kernel does it.
    let file = director.write("modules.conf", &configuration(&["rr", "lc"]));
    let daemon = director.daemon(&file, &[]);
    assert_eq!(modprobe.asked(), ["-qa ip_vs_lc"]);
    director.write("modules.conf", &configuration(&["rr", "nq"]));
    daemon.signal(Signal::HUP);
    let followed = wait_until(Duration::from_secs(15), || schedulers() == ["rr", "nq"]);
    assert!(followed.is_ok(), "{:?}\n{}", schedulers(), daemon.log());
    assert_eq!(modprobe.asked(), ["-q -- ip_vs_nq"]);
    drop(daemon);

    // Where the host wants none loaded, what needs one is refused by its name.
    fs::write(MODPROBE, "\n").unwrap();
    let output = apply(&["rr", "ovf"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("modprobe -a ip_vs_ovf"), "{said}");
    assert_eq!(schedulers(), ["rr", "nq"]);
    fs::write(MODPROBE, &modprobe.program).unwrap();
    assert_eq!(modprobe.asked(), [""; 0]);
    println!("what a file needs is loaded by one modprobe, before the kernel has to");
}

/// For what takes a while on a machine that is slow.
const PATIENCE: Duration = Duration::from_mins(2);

/// Unloads IPVS with its schedulers and engines, as soon as nothing uses them.
fn unload() -> bool {
    let modules = fs::read_to_string("/proc/modules").unwrap();
    let names = modules.lines().filter_map(|line| line.split(' ').next());
    let names: Vec<&str> = names.filter(|name| name.starts_with("ip_vs")).collect();
    let modprobe = Command::new("/sbin/modprobe")
        .arg("-r")
        .args(&names)
        .output();
    modprobe.unwrap().status.success()
}

/// A server on a port of the loopback, as long as it is held.
fn listener(host: &Host, port: u16) -> TcpListener {
    host.inside(|| TcpListener::bind(("127.0.0.1", port)).unwrap())
}

/// Two real servers, checked on the loopback.
fn checked() -> String {
    let real = |last, port| {
        format!(
            " real_server 192.0.2.{last} 80 {{\n  TCP_CHECK {{\n   connect_ip 127.0.0.1\n   connect_port {port}\n   connect_timeout 3\n  }}\n }}\n"
        )
    };
    format!(
        "virtual_server 192.0.2.1 80 {{\n delay_loop 1\n retry 0\n lb_algo rr\n lb_kind DR\n protocol TCP\n{}{}}}\n",
        real(50, 81),
        real(51, 82)
    )
}

fn a_module_that_goes_and_comes_back_is_filled_again() {
    const LOST: &str = "the kernel has no IPVS family";
    fs::write(MODPROBE, "/sbin/modprobe\n").unwrap();
    let director = Director::new(Host::new(&prefix(), "gone"));
    director.ip("link set lo up\n");
    let (_first, second) = (listener(&director, 81), listener(&director, 82));
    let file = director.write("gone.conf", &checked());
    let daemon = director.daemon(&file, &["--resync", "5"]);
    let weights = |want: [u32; 2]| {
        let filled = wait_until(PATIENCE, || director.weights().into_values().eq(want));
        assert!(filled.is_ok(), "{:?}\n{}", director.weights(), daemon.log());
    };
    weights([1, 1]);

    // While it sleeps nobody fills the table again, and the module is let go for good.
    daemon.signal(Signal::STOP);
    director.ask(&["ipvsadm", "-C"]);
    fs::write(MODPROBE, "/bin/false\n").unwrap();
    let unloaded = wait_until(PATIENCE, unload);
    assert!(unloaded.is_ok(), "it is in use");
    daemon.signal(Signal::CONT);
    daemon.says("the kernel's IPVS is gone", PATIENCE);
    daemon.says(LOST, PATIENCE);
    drop(second);
    daemon.says("server is down", PATIENCE);
    std::thread::sleep(Duration::from_secs(12));
    let said = daemon.log().matches(LOST).count();
    assert_eq!(said, 1, "once is enough:\n{}", daemon.log());

    fs::write(MODPROBE, "/sbin/modprobe\n").unwrap();
    let mut modprobe = Command::new("/sbin/modprobe");
    let loaded = modprobe.args(["-a", "ip_vs", "ip_vs_rr"]).status();
    assert!(loaded.unwrap().success());
    weights([1, 0]);
    daemon.says("the kernel's IPVS is there again", PATIENCE);
    daemon.says("the kernel answers again", PATIENCE);
    daemon.says("repaired: somebody else had removed the service", PATIENCE);
    println!("a module that was gone is filled again when it comes back");
}
