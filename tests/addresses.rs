//! The addresses of a host, followed in network namespaces of their own.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Write as _;
use std::net::IpAddr;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use lvsctl::sys::addresses::Addresses;
use lvsctl::sys::netns;

const SOON: Duration = Duration::from_secs(10);

/// Nothing comes within this.
const QUIET: Duration = Duration::from_millis(200);

/// Does `work` in a namespace with nothing but `lo`, and follows its addresses.
fn following(work: impl FnOnce(&Receiver<BTreeSet<IpAddr>>) + Send) {
    let done = netns::apart(|| {
        let (tell, told) = channel();
        let addresses = Addresses::follow(move |all| tell.send(all).unwrap()).unwrap();
        work(&told);
        drop(addresses);
        assert!(told.iter().next().is_none(), "it has ended");
    });
    if let Err(error) = done {
        assert!(std::env::var_os("CI").is_none(), "{error}");
        eprintln!("skipped: {error}");
    }
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status();
    assert!(status.unwrap().success(), "ip {arguments}");
}

/// Many commands of ip(8) at once.
fn batch(lines: &str) {
    let mut ip = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = ip.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    drop(stdin);
    assert!(ip.wait().unwrap().success());
}

fn set(addresses: &[&str]) -> BTreeSet<IpAddr> {
    addresses.iter().map(|one| one.parse().unwrap()).collect()
}

/// Waits until exactly these are told; what is told in between is returned.
#[track_caller]
fn until(told: &Receiver<BTreeSet<IpAddr>>, want: &BTreeSet<IpAddr>) -> Vec<BTreeSet<IpAddr>> {
    let end = Instant::now() + SOON;
    let mut between = Vec::new();
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        match told.recv_timeout(left) {
            Ok(all) if all == *want => return between,
            Ok(all) => between.push(all),
            Err(error) => assert_eq!(error, RecvTimeoutError::Timeout),
        }
    }
    let last = between.pop().unwrap_or_default();
    let missing: Vec<_> = want.difference(&last).take(5).collect();
    let needless: Vec<_> = last.difference(want).take(5).collect();
    panic!("missing {missing:?}, needless {needless:?}");
}

#[track_caller]
fn is_quiet(told: &Receiver<BTreeSet<IpAddr>>) {
    assert_eq!(told.recv_timeout(QUIET), Err(RecvTimeoutError::Timeout));
}

#[test]
fn addresses_of_both_families_come_and_go() {
    following(|told| {
        until(told, &set(&["127.0.0.1", "::1"]));
        ip("address add 192.0.2.1/32 dev lo");
        until(told, &set(&["127.0.0.1", "::1", "192.0.2.1"]));
        ip("-6 address add 2001:db8::1/128 dev lo");
        let both = set(&["127.0.0.1", "::1", "192.0.2.1", "2001:db8::1"]);
        until(told, &both);
        ip("address delete 192.0.2.1/32 dev lo");
        until(told, &set(&["127.0.0.1", "::1", "2001:db8::1"]));
        ip("-6 address delete 2001:db8::1/128 dev lo");
        until(told, &set(&["127.0.0.1", "::1"]));
    });
}

#[test]
fn an_address_on_two_interfaces_stays_until_both_lose_it() {
    following(|told| {
        until(told, &set(&["127.0.0.1", "::1"]));
        ip("link add d0 type veth peer name d1");
        ip("address add 192.0.2.1/32 dev lo");
        until(told, &set(&["127.0.0.1", "::1", "192.0.2.1"]));
        // An interface that is down has it too.
        ip("address add 192.0.2.1/32 dev d0");
        is_quiet(told);
        ip("address delete 192.0.2.1/32 dev lo");
        is_quiet(told);
        ip("link delete d0");
        until(told, &set(&["127.0.0.1", "::1"]));
    });
}

#[test]
fn the_near_end_of_a_point_to_point_link_is_ours() {
    following(|told| {
        until(told, &set(&["127.0.0.1", "::1"]));
        ip("link add d0 type veth peer name d1");
        ip("address add 192.0.2.1 peer 192.0.2.9/32 dev d0");
        until(told, &set(&["127.0.0.1", "::1", "192.0.2.1"]));
    });
}

#[test]
fn an_address_counts_only_when_it_is_known_to_be_no_duplicate() {
    following(|told| {
        until(told, &set(&["127.0.0.1", "::1"]));
        // Two hosts' ends of a wire, in one namespace: the second address is a duplicate.
        ip("link add v0 type veth peer name v1");
        for end in ["v0", "v1"] {
            ip(&format!("link set {end} addrgenmode none"));
            ip(&format!("link set {end} up"));
        }
        ip("-6 address add 2001:db8::1/64 dev v0");
        let tentative = Instant::now();
        let between = until(told, &set(&["127.0.0.1", "::1", "2001:db8::1"]));
        assert!(between.is_empty(), "{between:?}");
        assert!(
            tentative.elapsed() > Duration::from_millis(300),
            "too early"
        );
        ip("-6 address delete 2001:db8::1/64 dev v0");
        until(told, &set(&["127.0.0.1", "::1"]));
    });
}

#[test]
fn of_a_burst_of_two_thousand_addresses_none_is_lost() {
    following(|told| {
        until(told, &set(&["127.0.0.1", "::1"]));
        ip("link add d0 type veth peer name d1");
        let mut want = set(&["127.0.0.1", "::1"]);
        let (mut adds, mut deletes) = (String::new(), String::new());
        for n in 0..2000_u32 {
            let address = format!("10.{}.{}.1", n / 256, n % 256);
            want.insert(address.parse().unwrap());
            writeln!(adds, "address add {address}/32 dev d0").unwrap();
            writeln!(deletes, "address delete {address}/32 dev d0").unwrap();
        }
        batch(&adds);
        until(told, &want);
        batch(&deletes);
        until(told, &set(&["127.0.0.1", "::1"]));
    });
}
