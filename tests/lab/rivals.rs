//! Others who want the same services otherwise, again and again.

use std::fs;
use std::time::Duration;

use crate::stage::director::example;
use crate::stage::process::Process;
use crate::stage::topology::{Topology, Vip};
use crate::stage::{VIP, wait_until};

const SOON: Duration = Duration::from_secs(90);
const FOUGHT: &str = "somebody else changes this again and again";
const CANARY: [&str; 4] = ["--canary", "1", "--resync", "3600"];

/// The line of the log that tells of a fight for an object.
fn fight(daemon: &Process, object: &str) -> String {
    let words = format!("object={object}");
    let line = || {
        let log = daemon.log();
        let lines = log.lines().filter(|line| line.contains(FOUGHT));
        let mut lines = lines.filter(|line| line.contains(&words));
        lines.next().map(str::to_owned)
    };
    assert!(
        wait_until(SOON, || line().is_some()).is_ok(),
        "no fight\n{}",
        daemon.log()
    );
    line().unwrap()
}

#[test]
fn who_sets_a_weight_again_and_again_is_named_and_yielded_to() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let file = director.write("dr.conf", &example("dr-master.conf"));
    let daemon = director.daemon(&file, &CANARY);
    director.wait_weight(2, Some(1), SOON);
    // As kube-proxy would: its state is written again in a loop, whatever is there.
    let shell = director.dir.join("kube-proxy");
    fs::copy("/bin/sh", &shell).unwrap();
    let edit_it =
        "while :; do ipvsadm -e -t 192.168.1.20:80 -r 192.168.1.51 -g -w 9; sleep 0.2; done";
    let rival = director.spawn("rival.log", &[shell.to_str().unwrap(), "-c", edit_it]);
    let line = fight(
        &daemon,
        "real server 192.168.1.51:80 of TCP 192.168.1.20:80",
    );
    for words in [
        "ERROR",
        "repairs=5",
        "found=\"DR weight 9\"",
        "wanted=\"DR weight 1\"",
        &format!("kube-proxy with process number {}", rival.pid()),
    ] {
        assert!(line.contains(words), "{words}: {line}");
    }
    // It has its way for a while, and everything else is repaired as ever.
    for _ in 0..3 {
        director.weigh_by_hand(0, 7);
        director.wait_weight(0, Some(1), SOON);
        assert_eq!(director.weight(1), Some(9));
    }
    assert_eq!(daemon.log().matches(FOUGHT).count(), 1, "{}", daemon.log());
    if std::env::var_os("LVSCTL_SOAK").is_some() {
        drop(rival);
        director.wait_weight(1, Some(1), Duration::from_mins(2));
    }
}

/// A checker of keepalived beside us on the same services: where its verdicts and ours differ it
/// takes out what we put in.
#[test]
fn a_checker_of_keepalived_with_verdicts_of_its_own_is_named_and_yielded_to() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    // Its check follows a file at once, and costs the machine nothing.
    let says = |word: &str| director.write("load", word);
    let load = says("0");
    let head = format!(
        "virtual_server {VIP} 80 {{\n delay_loop 1\n lb_algo rr\n lb_kind DR\n protocol TCP\n"
    );
    let service = |check: &str| {
        format!(
            "{head} real_server 192.168.1.50 80 {{\n{check} }}\n real_server 192.168.1.51 80 {{\n }}\n}}\n"
        )
    };
    let check = "  FILE_CHECK {\n   track_file load\n   weight 0\n  }\n";
    let tracked = format!("track_file load {{\n file {load}\n weight 1\n}}\n");
    let theirs = director.write("theirs.conf", &format!("{tracked}{}", service(check)));
    let ours = director.write("ours.conf", &service(""));
    let daemon = director.daemon(&ours, &CANARY);
    director.wait_weight(1, Some(1), SOON);
    let right = director.table();
    let pid = |kind: &str| director.dir.join(kind).to_str().unwrap().to_owned();
    let (parent, checkers) = (pid("k.pid"), pid("c.pid"));
    let mut line = vec!["keepalived", "--check", "-n", "-l", "-D", "-f", &theirs];
    line.extend(["-p", &parent, "-c", &checkers]);
    let rival = director.spawn("keepalived.log", &line);
    rival.says("Startup complete", SOON);
    let repaired = || {
        daemon
            .log()
            .matches("repaired: somebody else had changed")
            .count()
    };
    for nth in 1..=5 {
        says("1");
        let back = wait_until(SOON, || repaired() == nth);
        assert!(back.is_ok(), "{}\n{}", daemon.log(), rival.log());
        says("0");
        let up = || rival.log().matches("Adding service").count() == nth;
        assert!(wait_until(SOON, up).is_ok(), "{}", rival.log());
    }
    says("1");
    let said = fight(
        &daemon,
        "real server 192.168.1.50:80 of TCP 192.168.1.20:80",
    );
    assert!(said.contains("found=\"absent\""), "{said}");
    let name = format!("keepalived with process number {}", rival.pid());
    assert!(said.contains(&name), "{said}\n{}", rival.log());
    // Once it has gone, with all it takes along, what is not fought for is there again.
    let mut rival = rival;
    rival.signal(rustix::process::Signal::TERM);
    rival.end(SOON);
    let back = || director.weight(1) == Some(1);
    assert!(
        wait_until(SOON, back).is_ok(),
        "{:?}\n{}",
        director.table(),
        daemon.log()
    );
    assert!(director.table().keys().eq(right.keys()));
}
