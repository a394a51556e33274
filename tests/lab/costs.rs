//! What a change costs beside the change itself: schedulers, and services that go.

use std::fmt::Write as _;
use std::time::Duration;

use lvsctl::model::service::ServiceKey;
use rustix::process::Signal;

use crate::stage::client::{SLOWER, Transfer};
use crate::stage::director::{Director, example};
use crate::stage::host::Host;
use crate::stage::topology::{Topology, Vip, prefix};
use crate::stage::web::Web;
use crate::stage::{VIP, wait_until};

const SOON: Duration = Duration::from_secs(20);

fn director() -> Director {
    let host = Host::new(&prefix(), "costs");
    host.ip("link set lo up\n");
    Director::new(host)
}

/// A file of the seed with its one virtual server on another port.
fn on_port(port: u16) -> String {
    let seed = example("dr-master.conf");
    let (here, there) = ("192.168.1.20 80 {", format!("192.168.1.20 {port} {{"));
    assert!(seed.contains(here));
    let text = seed.replace(here, &there);
    let text = text.replace("persistence_timeout 7200", "");
    // What was closed is remembered for two minutes otherwise.
    format!("global_defs {{\nlvs_timeouts tcpfin 3\n}}\n{text}")
}

fn ports(director: &Director) -> Vec<u16> {
    let port = |key: &ServiceKey| match key {
        ServiceKey::Address(_, endpoint) => endpoint.port,
        ServiceKey::Mark(..) => 0,
    };
    director.table().keys().map(port).collect()
}

#[test]
fn the_only_service_moves_and_a_transfer_over_it_goes_on() {
    let mut lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &on_port(80));
    let daemon = lab.dir1.daemon(&file, &[]);
    let at = format!("{VIP}:80");
    let transfer = Transfer::start(&lab.clients[0], &at, SLOWER);
    lab.dir1.write("dr.conf", &on_port(81));
    daemon.signal(Signal::HUP);
    let both = wait_until(SOON, || ports(&lab.dir1) == [80, 81]);
    assert!(both.is_ok(), "{:?}\n{}", ports(&lab.dir1), daemon.log());
    drop(daemon);

    // The same by hand: what is draining stays, and a run without grace cuts it and says so.
    let output = lab.dir1.lvsctl("apply", &["--removal-grace", "300", &file]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(ports(&lab.dir1), [80, 81]);
    let output = lab.dir1.lvsctl("plan", &[&file]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("removal cuts 1 active IPv4 connections (remedy"),
        "{said}"
    );
    assert!(transfer.runs());

    // Connections that ended are no reason to wait.
    lab.webs.iter_mut().for_each(Web::kill);
    let _ = transfer.outcome(SOON);
    let gone = wait_until(SOON, || {
        let output = lab.dir1.lvsctl("apply", &["--removal-grace", "300", &file]);
        assert!(output.status.success(), "{output:?}");
        ports(&lab.dir1) == [81]
    });
    assert!(gone.is_ok(), "{:?}", ports(&lab.dir1));
}

#[test]
fn the_last_service_of_a_family_takes_its_connections_along_and_that_is_said() {
    let lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &on_port(80));
    assert!(lab.dir1.lvsctl("apply", &[&file]).status.success());
    // A service of the other family holds no packet of this one.
    let six = ["ipvsadm", "-A", "-t", "[2001:db8::1]:80", "-s", "rr"];
    lab.dir1.ask(&six);
    let transfer = Transfer::start(&lab.clients[0], &format!("{VIP}:80"), SLOWER);
    let empty = lab.dir1.write("empty.conf", "");
    let words = "removal cuts 1 active IPv4 connections, which are reset at once";
    let output = lab.dir1.lvsctl("plan", &["--allow-empty", &empty]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains(words), "{said}");
    assert!(transfer.runs());
    let output = lab.dir1.lvsctl("apply", &["--allow-empty", &empty]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains(words), "{said}");
    let error = transfer.outcome(SOON).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
}

/// Services whose scheduler the next file changes; one has a server that a file brings down.
fn watched(services: usize, scheduler: &str, load: &str) -> String {
    let mut text = format!("track_file load {{\n file {load}\n weight 1\n}}\n");
    for nth in 1..=services {
        let check = if nth == services {
            "FILE_CHECK {\n track_file load\n weight 0\n }"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "virtual_server 10.0.0.{nth} 80 {{\n lb_algo {scheduler}\n lb_kind DR\n protocol TCP\n\
             real_server 10.1.0.1 80 {{\n weight 1\n {check}\n }}\n}}"
        );
    }
    text
}

#[test]
fn a_verdict_does_not_wait_for_the_schedulers_of_all_services() {
    const SERVICES: usize = 64;
    let director = director();
    let load = director.write("load", "0\n");
    let file = director.write("many.conf", &watched(SERVICES, "rr", &load));
    let daemon = director.daemon(&file, &[]);
    director.write("many.conf", &watched(SERVICES, "wlc", &load));
    daemon.signal(Signal::HUP);
    daemon.says("scheduler rr -> wlc", SOON);
    director.write("load", "1\n");
    let changed = |log: &str| log.matches("scheduler rr -> wlc").count();
    let all = wait_until(Duration::from_mins(2), || {
        changed(&daemon.log()) == SERVICES
    });
    assert!(all.is_ok(), "{}", daemon.log());
    let log = daemon.log();
    let (before, _) = log
        .split_once("weight changed")
        .expect("the verdict is there");
    let early = changed(before);
    assert!(early < SERVICES, "after all {SERVICES}: {log}");
}
