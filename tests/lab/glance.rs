//! The kernel's text beside what netlink says.

use std::collections::BTreeSet;

use lvsctl::ipvs::{Client, Ipvs, glance};
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Dest, Service, Settings, Table};
use lvsctl::plan::diff;
use lvsctl::sys::clock;

use crate::stage::host::Host;
use crate::stage::topology::prefix;

/// Every kind of service and dest that a file can ask for, and what only ipvsadm makes.
const EVERYTHING: [&str; 30] = [
    "-A -t 192.0.2.1:80 -s rr",
    "-a -t 192.0.2.1:80 -r 10.0.0.1 -g -w 1",
    "-a -t 192.0.2.1:80 -r 10.0.0.2 -g -w 2147483647 -x 10 -y 5",
    "-A -t 192.0.2.1:443 -s sh -b sh-fallback,sh-port -p 50 -M 255.255.255.0",
    "-a -t 192.0.2.1:443 -r 10.0.0.1:8443 -m -w 0",
    "-A -u 192.0.2.1:53 -s wlc -o",
    "-a -u 192.0.2.1:53 -r 10.0.0.1:5353 -m",
    "-A -u 192.0.2.2:53 -s mh -o -p 300",
    "-A --sctp-service 192.0.2.1:9 -s wrr",
    "-a --sctp-service 192.0.2.1:9 -r 10.0.0.9 -i",
    "-A -t 192.0.2.3:0 -s lc -p 60",
    "-a -t 192.0.2.3:0 -r 10.0.0.1:0 -g",
    "-A -f 7 -s lblc",
    "-a -f 7 -r 10.0.0.1:0 -i",
    "-A -f 7 -6 -s lblc",
    "-a -f 7 -6 -r [2001:db8::9]:0 -i",
    "-A -f 8 -s nq -p 30",
    "-A -f 4294967295 -6 -s sed -p 30 -M 64",
    "-A -t [2001:db8::1]:80 -s fo",
    "-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -g -w 3",
    "-a -t [2001:db8::1]:80 -r [2001:db8::3]:8080 -m -w 4",
    "-a -t [2001:db8::1]:80 -r 10.0.0.7:80 -i -w 5",
    "-A -u [2001:db8::1]:53 -s ovf -o -p 10 -M 56",
    "-a -u [2001:db8::1]:53 -r [2001:db8::2]:53 -i --tun-type gue --tun-port 6080",
    "-a -u [2001:db8::1]:53 -r [2001:db8::4]:53 -i --tun-type gre --tun-nocsum",
    "-A -t 192.0.2.4:25 -s dh",
    "-a -t 192.0.2.4:25 -r 192.0.2.4:25 -g",
    "-a -t 192.0.2.4:25 -r 127.0.0.1:26 -m -w 7",
    "-A -t 192.0.2.5:5060 -s lblcr -p 90 --pe sip",
    "-a -t 192.0.2.5:5060 -r 10.0.0.1 -g",
];

const DEST: Dest = Dest {
    weight: Weight::ONE,
    method: ForwardingMethod::DirectRoute,
    thresholds: Thresholds { upper: 0, lower: 0 },
};

fn bare(name: &str) -> Host {
    let host = Host::new(&prefix(), name);
    host.ip("link set lo up\naddr add 192.0.2.4/32 dev lo\n");
    host
}

fn ipvsadm(host: &Host, line: &str) {
    let mut words = vec!["ipvsadm"];
    words.extend(line.split(' '));
    host.ask(&words);
}

/// Every table that differs from `table` in one thing that the text shows.
fn neighbours(table: &Table) -> Vec<Table> {
    let mut all = Vec::new();
    for (key, service) in table {
        let mut other = table.clone();
        other.remove(key);
        let without = other.clone();
        other.insert(*key, service.clone());
        let entry = other.get_mut(key).unwrap();
        entry.settings.scheduler = Scheduler::Twos;
        all.push(other);
        // An additional service that the text has not.
        if let ServiceKey::Address(protocol, mut at) = *key {
            at.port ^= 1;
            let moved = ServiceKey::Address(protocol, at);
            let mut other = without.clone();
            other.insert(moved, service.clone());
            all.push(other);
        }
        for (at, dest) in service.pool.iter() {
            let mut lighter = table.clone();
            let mut gone = table.clone();
            let mut moved = table.clone();
            let mut changed = *dest;
            changed.weight = Weight::clamped(i64::from(dest.weight.get()) - 1);
            if changed == *dest {
                changed.weight = Weight::ONE;
            }
            let pool = &mut lighter.get_mut(key).unwrap().pool;
            pool.insert(*at, changed);
            gone.get_mut(key).unwrap().pool.remove(at);
            let pool = &mut moved.get_mut(key).unwrap().pool;
            let mut elsewhere = *at;
            elsewhere.port ^= 1;
            pool.remove(at);
            pool.insert(elsewhere, *dest);
            all.extend([lighter, gone, moved]);
        }
    }
    all
}

#[test]
fn the_text_shows_every_table_as_netlink_does_and_tells_it_from_any_other() {
    let host = bare("text");
    for line in EVERYTHING {
        ipvsadm(&host, line);
    }
    host.inside(|| {
        let text = std::fs::read_to_string("/proc/thread-self/net/ip_vs").unwrap();
        let table = Client::open().unwrap().table().unwrap();
        let shows = |table: &Table| {
            let unseen = glance(table, || false).unwrap();
            unseen.map(|unseen| unseen.is_empty())
        };
        assert_eq!(shows(&table), Some(true), "{text}");
        for (nth, other) in neighbours(&table).iter().enumerate() {
            assert_eq!(shows(other), Some(false), "neighbour {nth}\n{text}");
        }
        // Each service alone: the others are foreign then.
        for (key, service) in &table {
            let alone = Table::from([(*key, service.clone())]);
            assert_eq!(shows(&alone), Some(true), "{key}\n{text}");
        }
        assert_eq!(glance(&table, || true).unwrap(), None);
    });
}

/// Where another namespace has services too the text leaves some out: netlink clears them of all
/// suspicion. Says what a glance costs beside a reading of the whole table; 10,000 services in a soak.
#[test]
fn what_the_text_leaves_out_is_cleared_by_netlink() {
    let services: u16 = if std::env::var_os("LVSCTL_SOAK").is_some() {
        10_000
    } else {
        300
    };
    let (host, other) = (bare("cost"), bare("crowd"));
    host.inside(|| {
        let mut table = Table::new();
        let dest = |last: u8| Endpoint::new([10, 9, 0, last].into(), 80);
        for port in 1..=services {
            let key = ServiceKey::Address(Protocol::Tcp, Endpoint::new([192, 0, 2, 1].into(), port));
            let pool = (1..=10).map(|last| (dest(last), DEST)).collect();
            let settings = Settings {
                scheduler: Scheduler::Rr,
                flags: SchedulerFlags::default(),
                one_packet: false,
                persistence: None,
                engine: None,
            };
            table.insert(key, Service { settings, pool });
        }
        let steps = diff(&Table::new(), &table);
        let fill = || {
            let mut kernel = Client::open().unwrap();
            assert!(kernel.execute(&steps).unwrap().iter().all(Result::is_ok));
            kernel
        };
        other.inside(|| drop(fill()));
        let mut kernel = fill();
        let cost = |work: &mut dyn FnMut()| {
            let before = clock::worked();
            work();
            clock::worked().saturating_sub(before)
        };
        let mut unseen = BTreeSet::new();
        let glances = cost(&mut || unseen = glance(&table, || false).unwrap().unwrap());
        for key in &unseen {
            assert_eq!(kernel.service(key).unwrap().as_ref(), table.get(key));
        }
        let looks = cost(&mut || assert_eq!(kernel.table().unwrap(), table));
        println!("{services} services with 10 dests: a glance takes {glances:?} of a processor and leaves out {}, a look {looks:?}", unseen.len());
    });
}
