//! What somebody changes by hand of what is ours comes back, and nothing else is touched.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use lvsctl::daemon::repairs;
use lvsctl::ipvs::{Client, Ipvs};
use lvsctl::model::director::Timeouts;
use lvsctl::model::forward::{ForwardingMethod, Tunnel};
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::name::Name;
use lvsctl::model::persist::{Granularity, Persistence};
use lvsctl::model::schedule::Scheduler;
use lvsctl::model::service::{Endpoint, Family, ServiceKey};
use lvsctl::model::table::{Dest, Pool, Service, Table};
use lvsctl::plan::{Object, Step, diff};
use rustix::process::Signal;

use crate::random::Random;
use crate::stage::over::Over;
use crate::stage::process::Process;
use crate::stage::topology::{Topology, Vip};
use crate::stage::{VIP, wait_until};

/// Far beyond the canary's period and the resync of these tests: the machine is shared.
const SOON: Duration = Duration::from_mins(1);
/// So often an object is changed by itself, and so often all are: one that is repaired more than five
/// times would be fought for.
const OFTEN: usize = 3;
const ALLS: usize = 2;
/// So many draws find an object that may be changed once more, if there is one.
const DRAWS: usize = 10_000;

/// What the text shows, and the canary finds.
const SHOWN: [&str; 8] = [
    "weight",
    "scheduler",
    "method",
    "extra dest",
    "missing dest",
    "missing service",
    "persistence",
    "all",
];
/// What only netlink tells.
const HIDDEN: [&str; 7] = [
    "thresholds",
    "flags",
    "persistence timeout",
    "granularity",
    "tunnel",
    "engine",
    "timeouts",
];

/// The service of the clients, and others of every kind.
fn file(others: usize) -> String {
    let mut text = String::from("global_defs {\n lvs_timeouts tcp 1000 udp 200\n}\n");
    let mut block = |head: String, real: fn(usize) -> String| {
        let _ = writeln!(text, "{head}");
        for nth in 0..3 {
            let _ = writeln!(text, "{}", real(nth));
        }
        text.push_str("}\n");
    };
    let web = |nth| format!(" real_server 192.168.1.{} 80 {{\n }}", 50 + nth);
    block(
        format!("virtual_server {VIP} 80 {{\n lb_algo rr\n lb_kind DR\n protocol TCP"),
        web,
    );
    for n in 1..=others {
        match n % 5 {
            0 => block(
                format!(
                    "virtual_server 10.1.0.{n} 80 {{\n lb_algo wlc\n lb_kind DR\n persistence_timeout 300\n protocol TCP"
                ),
                |nth| {
                    format!(
                        " real_server 10.2.0.{nth} 80 {{\n weight {}\n uthreshold 100\n lthreshold 10\n }}",
                        nth + 1
                    )
                },
            ),
            1 => block(
                format!(
                    "virtual_server 10.1.0.{n} 443 {{\n lb_algo sh\n sh-fallback\n lb_kind NAT\n protocol TCP"
                ),
                |nth| format!(" real_server 10.2.0.{nth} 8443 {{\n }}"),
            ),
            2 => block(
                format!(
                    "virtual_server 2001:db8::{n} 80 {{\n lb_algo wrr\n lb_kind TUN type gue port 6080\n persistence_timeout 60\n persistence_granularity 64\n protocol TCP"
                ),
                |nth| {
                    format!(
                        " real_server 2001:db8:2::{nth} 80 {{\n weight {}\n }}",
                        nth + 1
                    )
                },
            ),
            3 => block(
                format!(
                    "virtual_server fwmark {n} {{\n lb_algo lc\n lb_kind TUN\n persistence_timeout 90\n persistence_engine sip\n protocol UDP"
                ),
                |nth| format!(" real_server 10.2.0.{nth} 5060 {{\n }}"),
            ),
            _ => block(
                format!(
                    "virtual_server 10.1.0.{n} 53 {{\n lb_algo rr\n lb_kind DR\n ops\n protocol UDP"
                ),
                |nth| format!(" real_server 10.2.0.{nth} 53 {{\n }}"),
            ),
        }
    }
    text
}

/// Services of somebody else; two of them stand beside ours on the same address or mark.
const FOREIGN: [&str; 6] = [
    "-A -t 192.0.2.1:80 -s wlc -p 99 -M 255.255.0.0",
    "-a -t 192.0.2.1:80 -r 192.168.1.50:8080 -m -w 3 -x 9 -y 3",
    "-A -u 192.168.1.20:80 -s rr -o",
    "-A -f 3 -6 -s sh -b sh-port",
    "-a -f 3 -6 -r [2001:db8::77]:0 -g -w 5",
    "-A -t [2001:db8::1]:81 -s mh",
];

fn ipvsadm(lab: &Topology, line: &str) {
    let mut words = vec!["ipvsadm"];
    words.extend(line.split(' '));
    lab.dir1.ask(&words);
}

fn one<'a, T>(random: &mut Random, from: impl Iterator<Item = T> + 'a) -> Option<T> {
    let mut all: Vec<T> = from.collect();
    (!all.is_empty()).then(|| {
        let nth = random.below(all.len());
        all.swap_remove(nth)
    })
}

/// The table after a change of this kind by hand; `None` where the drawn service has no such thing.
fn meddled(kind: &str, right: &Table, random: &mut Random) -> Option<Table> {
    let mut table = right.clone();
    let key = one(random, right.keys().copied())?;
    let service: &mut Service = table.get_mut(&key)?;
    let drawn = one(random, service.pool.iter().map(|(at, dest)| (*at, *dest)))?;
    let (at, dest): (Endpoint, Dest) = drawn;
    let settings = &mut service.settings;
    match kind {
        "weight" => {
            let weight = Weight::clamped(i64::from(dest.weight.get()) + 7);
            service.pool.insert(at, Dest { weight, ..dest });
        }
        "scheduler" => settings.scheduler = Scheduler::Sed,
        "method" => {
            let method = match dest.method {
                ForwardingMethod::DirectRoute => ForwardingMethod::Tunnel(Tunnel::Ipip),
                _ => ForwardingMethod::DirectRoute,
            };
            service.pool.insert(at, Dest { method, ..dest });
        }
        "extra dest" => {
            let extra = Endpoint::new(at.ip, at.port ^ 0x4d);
            service.pool.insert(extra, dest);
        }
        "missing dest" => drop(service.pool.remove(&at)),
        "missing service" => drop(table.remove(&key)),
        "all" => table.clear(),
        "persistence" => {
            settings.persistence = match settings.persistence {
                Some(_) => None,
                None => Some(Persistence {
                    timeout: 50,
                    granularity: Granularity::host(key.family()),
                }),
            };
            settings.engine = None;
        }
        "thresholds" => {
            let thresholds = Thresholds {
                upper: dest.thresholds.upper + 5,
                lower: 1,
            };
            service.pool.insert(at, Dest { thresholds, ..dest });
        }
        "flags" => settings.flags.flag2 ^= true,
        "persistence timeout" => settings.persistence.as_mut()?.timeout += 11,
        "granularity" => {
            settings.persistence.as_mut()?.granularity = match key.family() {
                Family::Inet => Granularity::Netmask([255, 255, 0, 0].into()),
                Family::Inet6 => Granularity::Prefix(48),
            }
        }
        "tunnel" => {
            let ForwardingMethod::Tunnel(_) = dest.method else {
                return None;
            };
            let method = ForwardingMethod::Tunnel(Tunnel::Gre { checksum: true });
            service.pool.insert(at, Dest { method, ..dest });
        }
        "engine" => {
            settings.persistence?;
            settings.engine = match settings.engine {
                Some(_) => None,
                None => Name::new("sip"),
            };
        }
        other => panic!("{other} is drawn and not made"),
    }
    Some(table)
}

/// One laboratory with a daemon on it, and what is right there.
struct Bench {
    lab: Topology,
    daemon: Process,
    right: Table,
    foreign: Table,
    /// How often each object was changed.
    often: BTreeMap<Object, usize>,
    services: usize,
    dests: usize,
    timeouts: usize,
}

impl Bench {
    fn start(lab: Topology, others: usize, options: &[&str]) -> Self {
        let file = lab.dir1.write("drift.conf", &file(others));
        for line in FOREIGN {
            ipvsadm(&lab, line);
        }
        let foreign = lab.dir1.table();
        let daemon = lab.dir1.daemon(&file, options);
        let filled = wait_until(SOON, || {
            lab.dir1.table().len() == foreign.len() + others + 1
        });
        assert!(filled.is_ok(), "{}", daemon.log());
        let mut right = lab.dir1.table();
        right.retain(|key, _| !foreign.contains_key(key));
        Self {
            lab,
            daemon,
            right,
            foreign,
            often: BTreeMap::new(),
            services: 0,
            dests: 0,
            timeouts: 0,
        }
    }

    fn table(&self) -> Table {
        self.lab.dir1.table()
    }

    fn whole(&self) -> Table {
        let mut whole = self.right.clone();
        whole.extend(self.foreign.clone());
        whole
    }

    /// Makes a change of this kind and waits until it is undone.
    fn meddle(&mut self, kind: &str, random: &mut Random) {
        if kind == "timeouts" {
            return self.meddle_with_timeouts();
        }
        let (wrong, steps) = self.draw(kind, random);
        for repair in repairs(&steps) {
            match repair.step.dest() {
                None => self.services += 1,
                Some(_) => self.dests += 1,
            }
        }
        if wrong.is_empty() {
            ipvsadm(&self.lab, "-C");
            // The foreign ones are somebody else's to bring back.
            for line in FOREIGN {
                ipvsadm(&self.lab, line);
            }
        } else {
            let change = diff(&self.right, &wrong);
            let outcomes = self
                .lab
                .dir1
                .inside(|| Client::open().unwrap().execute(&change).unwrap());
            assert!(outcomes.iter().all(Result::is_ok), "{kind}: {outcomes:?}");
        }
        let whole = self.whole();
        let back = wait_until(SOON, || self.table() == whole);
        let (now, log) = (self.table(), self.daemon.log());
        let took = back.unwrap_or_else(|_| panic!("{kind}: {:#?}\n{log}", diff(&now, &whole)));
        println!("{kind}: back after {took:.1?}");
    }

    /// A change of this kind, and what undoes it, of objects that are not yet fought for.
    fn draw(&mut self, kind: &str, random: &mut Random) -> (Table, Vec<Step>) {
        for _ in 0..DRAWS {
            let Some(wrong) = meddled(kind, &self.right, random) else {
                continue;
            };
            let steps = diff(&wrong, &self.right);
            // That is counted apart.
            if kind == "all" {
                return (wrong, steps);
            }
            let objects = steps.iter().map(Step::object);
            let rested = |object| self.often.get(&object).is_none_or(|n| *n < OFTEN);
            if objects.clone().all(rested) {
                for object in objects {
                    *self.often.entry(object).or_default() += 1;
                }
                return (wrong, steps);
            }
        }
        panic!("nothing is left of which {kind} could be changed once more");
    }

    fn meddle_with_timeouts(&mut self) {
        let timeouts = || {
            self.lab
                .dir1
                .inside(|| Client::open().unwrap().timeouts().unwrap())
        };
        let right = timeouts();
        ipvsadm(&self.lab, "--set 0 0 77");
        let back = wait_until(SOON, || timeouts() == right);
        assert!(back.is_ok(), "{:?}\n{}", timeouts(), self.daemon.log());
        self.timeouts += 1;
    }

    /// The log has a line for each repair, and the counters count each once.
    fn told(&self, found_by: &str) {
        let repaired = |line: &&str| line.contains("repaired: somebody else had");
        let want = self.services + self.dests + self.timeouts;
        // The table is right before that is said.
        let _ = wait_until(SOON, || {
            self.daemon.log().lines().filter(repaired).count() >= want
        });
        let log = self.daemon.log();
        let lines: Vec<&str> = log.lines().filter(repaired).collect();
        assert_eq!(lines.len(), want, "{log}");
        for line in lines {
            let found_by = format!("found_by=\"{found_by}\"");
            assert!(
                line.contains("before=") && line.contains("after="),
                "{line}"
            );
            assert!(line.contains(&found_by), "{line}");
        }
        self.daemon.signal(Signal::USR1);
        self.daemon.says("repairs since the start", SOON);
        let log = self.daemon.log();
        let line = log
            .lines()
            .find(|line| line.contains("repairs since the start"))
            .unwrap();
        let counts = [
            ("services", self.services),
            ("dests", self.dests),
            ("timeouts", self.timeouts),
            ("fights", 0),
            ("left_alone", 0),
        ];
        for (name, count) in counts {
            assert!(
                line.contains(&format!(" {name}={count}")),
                "{name} {count}: {line}"
            );
        }
    }
}

/// How many changes; many with `LVSCTL_SOAK=1`.
fn changes(few: usize) -> usize {
    if env::var_os("LVSCTL_SOAK").is_some() {
        few * 12
    } else {
        few
    }
}

fn random() -> Random {
    let drawn = env::var("LVSCTL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = drawn.unwrap_or(20_261_126);
    println!("LVSCTL_SEED={seed}");
    Random::new(seed)
}

#[test]
fn what_is_changed_by_hand_comes_back_under_traffic_and_nothing_else_is_touched() {
    let mut random = random();
    let (few, others) = (changes(10), changes(10));
    // Only the canary can have found it: the resync is far.
    let options = ["--canary", "1", "--resync", "3600"];
    let mut bench = Bench::start(Topology::up(Vip::Fixed), others, &options);
    let (over, served) = (Over::default(), AtomicUsize::new(0));
    let clients = bench.lab.clients.split_off(1);
    thread::scope(|scope| {
        let _going = over.going();
        scope.spawn(|| {
            while !over.is_over() {
                let at = format!("{VIP}:80");
                if crate::stage::client::get(&clients[0], &at, "/").is_ok() {
                    served.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let mut kinds: Vec<&str> = SHOWN.iter().cycle().take(few).copied().collect();
        let mut alls = 0;
        kinds.retain(|kind| {
            alls += usize::from(*kind == "all");
            *kind != "all" || alls <= ALLS
        });
        random.shuffle(&mut kinds);
        for kind in kinds {
            bench.meddle(kind, &mut random);
            assert!(bench.lab.get(1).is_ok(), "served again after {kind}");
        }
    });
    assert!(served.into_inner() > 0);
    bench.told("canary");

    // What the text does not show comes back with the resync.
    let (lab, foreign) = (bench.lab, bench.foreign);
    drop(bench.daemon);
    ipvsadm(&lab, "-C");
    let options = ["--canary", "0", "--resync", "2"];
    let mut bench = Bench::start(lab, others, &options);
    assert_eq!(bench.foreign, foreign);
    for kind in HIDDEN.iter().cycle().take(changes(HIDDEN.len())) {
        // There is one object of this kind, whatever the number of services.
        if *kind != "timeouts" || bench.timeouts < OFTEN {
            bench.meddle(kind, &mut random);
        }
    }
    bench.told("resync");
    let timeouts = bench
        .lab
        .dir1
        .inside(|| Client::open().unwrap().timeouts().unwrap());
    assert_eq!((timeouts.tcp, timeouts.udp), (1000, 200));
    assert_ne!(timeouts, Timeouts::default());
    let pools = bench.right.values().map(|service| &service.pool);
    assert!(pools.map(Pool::len).all(|dests| dests == 3));
    assert!(
        bench
            .right
            .keys()
            .any(|key| matches!(key, ServiceKey::Mark(..)))
    );
}

#[test]
fn with_no_repair_what_others_change_is_told_once_and_left_and_verdicts_go_on() {
    let mut lab = Topology::up(Vip::Fixed);
    let checked = |last| {
        format!(
            " real_server 192.168.1.{last} 80 {{\n  TCP_CHECK {{\n   connect_timeout 2\n   retry 0\n  }}\n }}\n"
        )
    };
    let file = format!(
        "virtual_server {VIP} 80 {{\n delay_loop 1\n lb_algo rr\n lb_kind DR\n protocol TCP\n{}{}{}}}\n",
        checked(50),
        checked(51),
        checked(52)
    );
    let file = lab.dir1.write("watch.conf", &file);
    let options = ["--no-repair", "--canary", "1", "--resync", "2"];
    let daemon = lab.dir1.daemon(&file, &options);
    lab.dir1.wait_weight(2, Some(1), SOON);
    let right = lab.dir1.table();
    for index in [0, 1] {
        let real = format!("192.168.1.{}", 50 + index);
        lab.dir1.weigh_by_hand(index, 9);
        daemon.says(
            &format!("real_server={real}:80 found=\"DR weight 9\""),
            SOON,
        );
    }
    // A verdict about the one writes the one alone.
    lab.webs[0].kill();
    lab.dir1.wait_weight(0, Some(0), SOON);
    assert_eq!(lab.dir1.weight(1), Some(9), "{}", daemon.log());
    lab.restart_web(0);
    lab.dir1.wait_weight(0, Some(1), SOON);
    // Several resyncs later it is still told once.
    thread::sleep(Duration::from_secs(5));
    assert_eq!(lab.dir1.weight(1), Some(9));
    let told = daemon
        .log()
        .matches("left as somebody else made it")
        .count();
    assert_eq!(told, 2, "{}", daemon.log());
    lab.dir1.weigh_by_hand(1, 1);
    daemon.says("again as it should be, by somebody else", SOON);
    assert_eq!(lab.dir1.table(), right);
    assert!(!daemon.log().contains("repaired:"), "{}", daemon.log());
    // A service that is gone stays gone, until the file is read again.
    lab.dir1.ask(&["ipvsadm", "-C"]);
    daemon.says("found=\"absent\"", SOON);
    assert!(lab.dir1.table().is_empty());
    daemon.signal(Signal::HUP);
    let back = wait_until(SOON, || lab.dir1.table() == right);
    assert!(back.is_ok(), "{:?}\n{}", lab.dir1.table(), daemon.log());
}
