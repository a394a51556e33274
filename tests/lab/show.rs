//! The laboratory to look at: `make lab` gives a shell in it, `make demo` tells its story.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "a program for people, on the hosts that the tests use"
)]

mod demo;
mod stage;

use std::process::Command;

use stage::topology::{Topology, Vip};

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("demo") => demo::tell(),
        Some("shell") => shell(),
        other => {
            eprintln!("usage: show demo|shell, not {other:?}");
            std::process::exit(2);
        }
    }
}

/// A shell on the first director, until it ends.
fn shell() {
    println!("lab: building the hosts");
    let lab = Topology::named("lab", Vip::Fixed);
    println!(
        "
  lab-dir1 192.168.1.21, lab-dir2 .22   directors; the address 192.168.1.20 is on lab-dir1
  lab-rs1 .50, lab-rs2 .51, lab-rs3 .52 real servers, a web server on each
  lab-c1 .101 … lab-c9 .109             clients

  You are on lab-dir1. Other hosts: ip netns exec lab-c1 curl -s http://192.168.1.20/
  lvsctl apply examples/dr/dr-master.conf     lvsctl daemon examples/dr/dr-master.conf &
  ipvsadm -ln                                 exit ends the laboratory
"
    );
    let folder = std::path::Path::new(stage::director::LVSCTL)
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", folder.display());
    let netns = ["netns", "exec", &lab.dir1.name, "bash", "--norc", "-i"];
    let status = Command::new("ip")
        .args(netns)
        .env("PATH", path)
        .env("PS1", "lab-dir1# ")
        .status();
    drop(lab);
    println!("lab: ended ({})", status.unwrap());
}
