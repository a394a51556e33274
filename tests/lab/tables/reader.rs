//! The tables are read by lvsctl's own reader, which could be wrong in the same way on both sides:
//! once it is held against ipvsadm.

use std::collections::BTreeSet;

use lvsctl::model::forward::{ForwardingMethod, Tunnel, TunnelChecksum};
use lvsctl::model::persist::{Granularity, Persistence};
use lvsctl::model::schedule::Scheduler;
use lvsctl::model::service::{Family, Protocol, ServiceKey};
use lvsctl::model::table::{Dest, Settings};

use crate::bench::{Bench, clear, read};

/// Every attribute, as `ipvsadm -S` writes it; thresholds are not in that.
const RULES: &str = "\
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 203.0.113.1:8080 -m -w 5
-a -t 192.0.2.1:80 -r 203.0.113.2:80 -g -w 2147483647
-a -t 192.0.2.1:80 -r 203.0.113.3:80 -i -w 0 --tun-type ipip
-A -u 192.0.2.2:53 -s sh -o -b sh-fallback,sh-port
-A -u 192.0.2.3:0 -s mh -p 2678400 -M 255.255.240.0 --pe sip -b mh-port
-a -u 192.0.2.3:0 -r 203.0.113.4:0 -g -w 1
-A --sctp-service 192.0.2.4:9 -s wlc -p 1 -M 0.0.0.0 -b flag-1,flag-2,flag-3
-a --sctp-service 192.0.2.4:9 -r 203.0.113.5:9 -i -w 3 --tun-type gue --tun-port 6080 --tun-csum
-a --sctp-service 192.0.2.4:9 -r 203.0.113.6:9 -i -w 3 --tun-type gue --tun-port 65535 --tun-remcsum
-a --sctp-service 192.0.2.4:9 -r 203.0.113.7:9 -i -w 3 --tun-type gue --tun-port 1 --tun-nocsum
-a --sctp-service 192.0.2.4:9 -r 203.0.113.8:9 -i -w 3 --tun-type gre --tun-csum
-a --sctp-service 192.0.2.4:9 -r 203.0.113.9:9 -i -w 3 --tun-type gre --tun-nocsum
-A -t [2001:db8::1]:80 -s lblcr -p 300 -M 64
-a -t [2001:db8::1]:80 -r 203.0.113.9:80 -i -w 1 --tun-type ipip
-a -t [2001:db8::1]:80 -r [2001:db8::9]:80 -g -w 1
-A -f 1 -s ovf
-a -f 1 -r 203.0.113.9:0 -m -w 1
-A -f 1 -6 -s fo -p 60
-a -f 1 -6 -r [2001:db8::9]:0 -g -w 1
";

/// One dest with both thresholds beside.
const LIMITED: &str = "-a -t 192.0.2.1:80 -r 203.0.113.4:80 -m -w 1";

pub fn agrees_with_ipvsadm(bench: &Bench) {
    let host = &bench.ours;
    for rule in RULES.lines() {
        host.ask(
            &["ipvsadm"]
                .into_iter()
                .chain(rule.split(' '))
                .collect::<Vec<_>>(),
        );
    }
    let limited = format!("ipvsadm {LIMITED} -x 2147483647 -y 50");
    host.ask(&limited.split(' ').collect::<Vec<_>>());

    let saved = host.ask(&["ipvsadm", "-Sn"]);
    let saved: BTreeSet<&str> = saved.lines().map(str::trim_end).collect();
    let ruled: BTreeSet<&str> = RULES.lines().chain([LIMITED]).collect();
    assert_eq!(saved, ruled, "ipvsadm does not say what it was told");
    let ours = rules(bench);
    let ours: BTreeSet<&str> = ours.iter().map(String::as_str).collect();
    assert_eq!(ours, ruled, "the reader is wrong");

    let listed = host.ask(&["ipvsadm", "-Ln", "--thresholds"]);
    let limits = |line: &str| line.contains("203.0.113.4:80") && line.contains("2147483647 50 ");
    let listed = listed
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(limits(&listed), "{listed}");
    let table = read(host).table;
    let thresholds = table.values().flat_map(|service| service.pool.iter());
    let limited: Vec<_> = thresholds
        .map(|(_, dest)| (dest.thresholds.upper, dest.thresholds.lower))
        .filter(|limits| *limits != (0, 0))
        .collect();
    assert_eq!(limited, [(2_147_483_647, 50)]);
    clear(host);
    println!(
        "oracle: the reader says what ipvsadm says of {} objects",
        ours.len()
    );
}

/// The table as rules of ipvsadm.
fn rules(bench: &Bench) -> Vec<String> {
    let mut rules = Vec::new();
    for (key, service) in &read(&bench.ours).table {
        let named = named(key);
        rules.push(format!("-A {named} -s {}", settings(&service.settings)));
        for (dest, attributes) in service.pool.iter() {
            rules.push(format!("-a {named} -r {dest} {}", forwarded(attributes)));
        }
    }
    rules
}

fn named(key: &ServiceKey) -> String {
    match key {
        ServiceKey::Address(Protocol::Tcp, endpoint) => format!("-t {endpoint}"),
        ServiceKey::Address(Protocol::Udp, endpoint) => format!("-u {endpoint}"),
        ServiceKey::Address(Protocol::Sctp, endpoint) => format!("--sctp-service {endpoint}"),
        ServiceKey::Address(Protocol::Other(number), _) => panic!("protocol {number}"),
        ServiceKey::Mark(Family::Inet, mark) => format!("-f {mark}"),
        ServiceKey::Mark(Family::Inet6, mark) => format!("-f {mark} -6"),
    }
}

fn settings(settings: &Settings) -> String {
    let mut words = vec![settings.scheduler.to_string()];
    if let Some(Persistence {
        timeout,
        granularity,
    }) = settings.persistence
    {
        words.push(format!("-p {timeout}"));
        match granularity {
            Granularity::Netmask(mask) if mask.is_broadcast() => {}
            Granularity::Netmask(mask) => words.push(format!("-M {mask}")),
            Granularity::Prefix(128) => {}
            Granularity::Prefix(length) => words.push(format!("-M {length}")),
        }
    }
    words.extend(
        settings
            .engine
            .as_ref()
            .map(|engine| format!("--pe {engine}")),
    );
    words.extend(settings.one_packet.then(|| "-o".to_owned()));
    let names = match settings.scheduler {
        Scheduler::Sh => ["sh-fallback", "sh-port", "flag-3"],
        Scheduler::Mh => ["mh-fallback", "mh-port", "flag-3"],
        _ => ["flag-1", "flag-2", "flag-3"],
    };
    let flags = [
        settings.flags.flag1,
        settings.flags.flag2,
        settings.flags.flag3,
    ];
    let set = names.into_iter().zip(flags).filter(|(_, set)| *set);
    let set: Vec<&str> = set.map(|(name, _)| name).collect();
    if !set.is_empty() {
        words.push(format!("-b {}", set.join(",")));
    }
    words.join(" ")
}

fn forwarded(dest: &Dest) -> String {
    let weight = dest.weight;
    let checksum = |checksum| match checksum {
        TunnelChecksum::None => "nocsum",
        TunnelChecksum::Full => "csum",
        TunnelChecksum::Remote => "remcsum",
    };
    match dest.method {
        ForwardingMethod::Masquerade => format!("-m -w {weight}"),
        ForwardingMethod::DirectRoute => format!("-g -w {weight}"),
        ForwardingMethod::Tunnel(Tunnel::Ipip) => format!("-i -w {weight} --tun-type ipip"),
        ForwardingMethod::Tunnel(Tunnel::Gue(port, sum)) => {
            let sum = checksum(sum);
            format!("-i -w {weight} --tun-type gue --tun-port {port} --tun-{sum}")
        }
        ForwardingMethod::Tunnel(Tunnel::Gre { checksum: sum }) => {
            let sum = if sum { "csum" } else { "nocsum" };
            format!("-i -w {weight} --tun-type gre --tun-{sum}")
        }
        other => panic!("{other}"),
    }
}
