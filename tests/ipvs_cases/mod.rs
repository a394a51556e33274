//! What an IPVS table answers to every kind of step: one suite for the real kernel and for the
//! one in memory, so that the two cannot drift apart.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};

use lvsctl::ipvs::{Ipvs, Refusal};
use lvsctl::model::forward::{ForwardingMethod, Tunnel, TunnelChecksum};
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::name::Name;
use lvsctl::model::persist::{Granularity, Persistence};
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{DestKey, Endpoint, Family, Protocol, ServiceKey};
use lvsctl::model::table::{Dest, Settings, Table};
use lvsctl::plan::{Change, Step, diff, replay};

const OK: i32 = 0;
const ENOENT: i32 = 2;
const ESRCH: i32 = 3;
const EEXIST: i32 = 17;
const EINVAL: i32 = 22;
const ERANGE: i32 = 34;

fn key(protocol: Protocol, ip: &str, port: u16) -> ServiceKey {
    ServiceKey::Address(protocol, at(ip, port))
}

fn at(ip: &str, port: u16) -> DestKey {
    Endpoint::new(ip.parse::<IpAddr>().unwrap(), port)
}

fn tcp4() -> ServiceKey {
    key(Protocol::Tcp, "192.0.2.1", 80)
}

fn tcp6() -> ServiceKey {
    key(Protocol::Tcp, "2001:db8::1", 80)
}

fn mark(family: Family, mark: u32) -> ServiceKey {
    ServiceKey::Mark(family, NonZeroU32::new(mark).unwrap())
}

fn plain(scheduler: &str) -> Settings {
    let named = Scheduler::named(scheduler);
    Settings {
        scheduler: named.unwrap_or_else(|| Scheduler::Other(Name::new(scheduler).unwrap())),
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: None,
        engine: None,
    }
}

fn persistent(timeout: u32, granularity: Granularity) -> Settings {
    Settings {
        persistence: Some(Persistence {
            timeout,
            granularity,
        }),
        ..plain("wlc")
    }
}

fn mask(octets: [u8; 4]) -> Granularity {
    Granularity::Netmask(octets.into())
}

fn dest(method: ForwardingMethod, weight: u32) -> Dest {
    Dest {
        weight: Weight::new(weight).unwrap(),
        method,
        thresholds: Thresholds::default(),
    }
}

fn dr(weight: u32) -> Dest {
    dest(ForwardingMethod::DirectRoute, weight)
}

fn tunnel(tunnel: Tunnel) -> Dest {
    dest(ForwardingMethod::Tunnel(tunnel), 1)
}

fn limited(upper: u32, lower: u32) -> Dest {
    Dest {
        thresholds: Thresholds { upper, lower },
        ..dr(1)
    }
}

fn add(service: ServiceKey, settings: Settings) -> Step {
    let change = Change::AddService(settings);
    Step { service, change }
}

fn edit(service: ServiceKey, after: Settings) -> Step {
    // What it was before is for people: the kernel is sent the whole.
    let before = plain("rr");
    let before = Box::new(before);
    let change = Change::EditService { before, after };
    Step { service, change }
}

fn remove(service: ServiceKey) -> Step {
    let change = Change::RemoveService(plain("rr"));
    Step { service, change }
}

fn add_dest(service: ServiceKey, key: DestKey, dest: Dest) -> Step {
    let change = Change::AddDest(key, dest);
    Step { service, change }
}

fn edit_dest(service: ServiceKey, dest: DestKey, after: Dest) -> Step {
    let before = dr(1);
    let change = Change::EditDest {
        dest,
        before,
        after,
    };
    Step { service, change }
}

fn remove_dest(service: ServiceKey, key: DestKey) -> Step {
    let change = Change::RemoveDest(key, dr(1));
    Step { service, change }
}

/// What is sent, and the errno that each must be answered with.
struct Case {
    why: &'static str,
    steps: Vec<(Step, i32)>,
}

fn case(why: &'static str, steps: Vec<(Step, i32)>) -> Case {
    Case { why, steps }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn services() -> Vec<Case> {
    let (s, t) = (tcp4(), tcp6());
    let sip = Settings {
        engine: Name::new("sip"),
        ..persistent(300, mask([255; 4]))
    };
    let flagged = |flag1, flag2, flag3| Settings {
        flags: SchedulerFlags {
            flag1,
            flag2,
            flag3,
        },
        ..plain("sh")
    };
    let ops = Settings {
        one_packet: true,
        ..plain("rr")
    };
    let udp = key(Protocol::Udp, "192.0.2.1", 80);
    vec![
        case(
            "a service is added once",
            vec![(add(s, plain("rr")), OK), (add(s, plain("wlc")), EEXIST)],
        ),
        case(
            "protocols are told apart",
            vec![
                (add(s, plain("rr")), OK),
                (add(udp, plain("rr")), OK),
                (add(key(Protocol::Sctp, "192.0.2.1", 80), plain("rr")), OK),
            ],
        ),
        case("one-packet scheduling", vec![(add(udp, ops), OK)]),
        case(
            "every scheduler of the tables is known by its name",
            Scheduler::NAMED
                .iter()
                .filter(|scheduler| **scheduler != Scheduler::Twos) // not built into every kernel
                .zip(1..)
                .map(|(scheduler, port)| {
                    (
                        add(
                            key(Protocol::Tcp, "192.0.2.1", port),
                            plain(scheduler.as_str()),
                        ),
                        OK,
                    )
                })
                .collect(),
        ),
        case(
            "a scheduler of no module",
            vec![(add(s, plain("nosuch")), ENOENT)],
        ),
        case("no scheduler bound", vec![(add(s, plain("none")), OK)]),
        case(
            "an engine of no module",
            vec![(
                add(
                    s,
                    Settings {
                        engine: Name::new("nosuch"),
                        ..persistent(60, mask([255; 4]))
                    },
                ),
                ENOENT,
            )],
        ),
        case(
            "an engine, and an edit without one takes it away",
            vec![
                (add(s, sip), OK),
                (edit(s, persistent(300, mask([255; 4]))), OK),
            ],
        ),
        case(
            "flags are kept one by one",
            vec![
                (add(s, flagged(true, false, false)), OK),
                (add(udp, flagged(false, true, true)), OK),
                (edit(s, flagged(false, true, false)), OK),
            ],
        ),
        case(
            "persistence with a netmask",
            vec![
                (add(s, persistent(7200, mask([255, 255, 255, 0]))), OK),
                (edit(s, persistent(60, mask([255; 4]))), OK),
                (edit(s, plain("rr")), OK),
            ],
        ),
        case(
            "the longest persistence",
            vec![(add(s, persistent(2_678_400, mask([255; 4]))), OK)],
        ),
        case(
            "persistence of IPv6 by prefix",
            vec![
                (add(t, persistent(60, Granularity::Prefix(64))), OK),
                (edit(t, persistent(60, Granularity::Prefix(128))), OK),
            ],
        ),
        case(
            "a prefix of 0",
            vec![(add(t, persistent(60, Granularity::Prefix(0))), EINVAL)],
        ),
        case(
            "a prefix beyond 128",
            vec![(add(t, persistent(60, Granularity::Prefix(129))), EINVAL)],
        ),
        case(
            "marks, one for each family",
            vec![
                (add(mark(Family::Inet, 1), plain("rr")), OK),
                (add(mark(Family::Inet6, 1), plain("rr")), OK),
                (add(mark(Family::Inet, 1), plain("rr")), EEXIST),
                (add(mark(Family::Inet, u32::MAX), plain("rr")), OK),
            ],
        ),
        case(
            "a persistent service of every port",
            vec![(
                add(
                    key(Protocol::Tcp, "192.0.2.1", 0),
                    persistent(360, mask([255; 4])),
                ),
                OK,
            )],
        ),
        case(
            "an edit of all that can be edited",
            vec![
                (add(s, plain("rr")), OK),
                (edit(s, persistent(9, mask([255, 0, 0, 0]))), OK),
            ],
        ),
        case(
            "an edit of what is not there",
            vec![(edit(s, plain("rr")), ESRCH)],
        ),
        case(
            "an edit to a scheduler of no module leaves the old",
            vec![
                (add(s, plain("rr")), OK),
                (edit(s, plain("nosuch")), ENOENT),
            ],
        ),
        case("a removal of what is not there", vec![(remove(s), ESRCH)]),
        case(
            "a removal takes the dests along",
            vec![
                (add(s, plain("rr")), OK),
                (add_dest(s, at("192.0.2.9", 80), dr(1)), OK),
                (remove(s), OK),
                (remove_dest(s, at("192.0.2.9", 80)), ESRCH),
            ],
        ),
        case(
            "a refusal does not stop what follows",
            vec![
                (remove(s), ESRCH),
                (add(s, plain("rr")), OK),
                (add(s, plain("rr")), EEXIST),
                (add(t, plain("rr")), OK),
            ],
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn dests() -> Vec<Case> {
    let (s, t, d) = (tcp4(), tcp6(), at("192.0.2.9", 80));
    let with = |steps: Vec<(Step, i32)>| {
        let mut all = vec![(add(s, plain("rr")), OK)];
        all.extend(steps);
        all
    };
    let with6 = |steps: Vec<(Step, i32)>| {
        let mut all = vec![(add(t, plain("rr")), OK)];
        all.extend(steps);
        all
    };
    let gue = |checksum| tunnel(Tunnel::Gue(NonZeroU16::new(5555).unwrap(), checksum));
    let portless = tunnel(Tunnel::Other {
        kind: 1,
        port: 0,
        flags: 0,
    });
    vec![
        case("a dest of no service", vec![(add_dest(s, d, dr(1)), ESRCH)]),
        case(
            "an edit of a dest of no service",
            vec![(edit_dest(s, d, dr(1)), ESRCH)],
        ),
        case(
            "a removal of a dest of no service",
            vec![(remove_dest(s, d), ESRCH)],
        ),
        case(
            "a dest is added once",
            with(vec![
                (add_dest(s, d, dr(1)), OK),
                (add_dest(s, d, dr(2)), EEXIST),
            ]),
        ),
        case(
            "ports tell dests apart",
            with(vec![
                (add_dest(s, d, dr(1)), OK),
                (add_dest(s, at("192.0.2.9", 81), dr(1)), OK),
                (add_dest(s, at("192.0.2.9", 0), dr(1)), OK),
            ]),
        ),
        case(
            "an edit of a dest that is not there",
            with(vec![(edit_dest(s, d, dr(1)), ENOENT)]),
        ),
        case(
            "a removal of a dest that is not there",
            with(vec![(remove_dest(s, d), ENOENT)]),
        ),
        case(
            "a removal, and back again",
            with(vec![
                (add_dest(s, d, dr(1)), OK),
                (remove_dest(s, d), OK),
                (add_dest(s, d, dr(3)), OK),
            ]),
        ),
        case(
            "weights to their ends",
            with(vec![
                (add_dest(s, d, dr(0)), OK),
                (edit_dest(s, d, dr(Weight::MAX.get())), OK),
                (edit_dest(s, d, dr(0)), OK),
            ]),
        ),
        case(
            "methods change in place",
            with(vec![
                (add_dest(s, d, dr(1)), OK),
                (edit_dest(s, d, dest(ForwardingMethod::Masquerade, 1)), OK),
                (edit_dest(s, d, tunnel(Tunnel::Ipip)), OK),
                (edit_dest(s, d, dest(ForwardingMethod::LocalNode, 1)), OK),
            ]),
        ),
        case(
            "thresholds",
            with(vec![
                (add_dest(s, d, limited(100, 50)), OK),
                (edit_dest(s, d, limited(100, 0)), OK),
                (edit_dest(s, d, limited(100, 100)), OK),
                (edit_dest(s, d, dr(1)), OK),
            ]),
        ),
        case(
            "a lower threshold above the upper",
            with(vec![
                (add_dest(s, d, limited(5, 6)), ERANGE),
                (add_dest(s, d, limited(0, 1)), ERANGE),
                (add_dest(s, d, dr(1)), OK),
                (edit_dest(s, d, limited(5, 6)), ERANGE),
            ]),
        ),
        case(
            "GUE with each checksum",
            with(vec![
                (add_dest(s, d, gue(TunnelChecksum::None)), OK),
                (edit_dest(s, d, gue(TunnelChecksum::Full)), OK),
                (edit_dest(s, d, gue(TunnelChecksum::Remote)), OK),
                (edit_dest(s, d, tunnel(Tunnel::Ipip)), OK),
            ]),
        ),
        case(
            "GUE without a port",
            with(vec![(add_dest(s, d, portless), EINVAL)]),
        ),
        case(
            "GRE",
            with(vec![
                (add_dest(s, d, tunnel(Tunnel::Gre { checksum: false })), OK),
                (edit_dest(s, d, tunnel(Tunnel::Gre { checksum: true })), OK),
            ]),
        ),
        case(
            "addresses of no host",
            with(vec![
                (add_dest(s, at("0.0.0.0", 80), dr(1)), EINVAL),
                (add_dest(s, at("224.0.0.1", 80), dr(1)), EINVAL),
                (add_dest(s, at("255.255.255.255", 80), dr(1)), EINVAL),
            ]),
        ),
        case(
            "addresses of this host",
            with(vec![(add_dest(s, at("127.0.0.1", 80), dr(1)), OK)]),
        ),
        case(
            "IPv6 addresses of no host",
            with6(vec![
                (add_dest(t, at("::", 80), dr(1)), EINVAL),
                (add_dest(t, at("ff02::1", 80), dr(1)), EINVAL),
                (add_dest(t, at("fe80::1", 80), dr(1)), EINVAL),
            ]),
        ),
        case(
            "IPv6",
            with6(vec![
                (add_dest(t, at("2001:db8::9", 80), dr(1)), OK),
                (edit_dest(t, at("2001:db8::9", 80), dr(5)), OK),
                (remove_dest(t, at("2001:db8::9", 80)), OK),
            ]),
        ),
        case(
            "another family without a tunnel",
            with(vec![(add_dest(s, at("2001:db8::9", 80), dr(1)), EINVAL)]),
        ),
        case(
            "another family through a tunnel",
            with(vec![
                (add_dest(s, at("2001:db8::9", 80), tunnel(Tunnel::Ipip)), OK),
                (remove_dest(s, at("2001:db8::9", 80)), OK),
            ]),
        ),
        case(
            "dests of a mark",
            vec![
                (add(mark(Family::Inet, 9), plain("rr")), OK),
                (
                    add_dest(mark(Family::Inet, 9), at("192.0.2.9", 0), dr(1)),
                    OK,
                ),
            ],
        ),
        case(
            "more than one send takes",
            with(
                (1..=1500_u16)
                    .map(|number| {
                        let ip = format!("198.51.{}.{}", 100 + number / 250, number % 250 + 1);
                        (add_dest(s, at(&ip, 80), dr(u32::from(number))), OK)
                    })
                    .collect(),
            ),
        ),
    ]
}

/// Runs every case on an empty table and leaves it empty.
pub fn run(kernel: &mut dyn Ipvs) {
    assert!(
        kernel.table().unwrap().is_empty(),
        "the suite wants an empty table"
    );
    let cases: Vec<Case> = services().into_iter().chain(dests()).collect();
    assert!(cases.len() >= 40, "{}", cases.len());
    for Case { why, steps } in cases {
        let (steps, wanted): (Vec<Step>, Vec<i32>) = steps.into_iter().unzip();
        let outcomes = kernel.execute(&steps).unwrap();
        let errno = |outcome: &Result<(), Refusal>| match outcome {
            Ok(()) => OK,
            Err(Refusal::Errno(errno)) => *errno,
            Err(Refusal::Lost) => panic!("{why}: an answer was lost"),
        };
        let got: Vec<i32> = outcomes.iter().map(errno).collect();
        assert_eq!(got, wanted, "{why}");

        let mut want = Table::new();
        for (step, outcome) in steps.iter().zip(&outcomes) {
            if outcome.is_ok() {
                replay(&mut want, step);
            }
        }
        let table = kernel.table().unwrap();
        assert_eq!(table, want, "{why}");
        for (key, service) in &table {
            assert_eq!(
                kernel.service(key).unwrap().as_ref(),
                Some(service),
                "{why}"
            );
            let order: Vec<_> = service.pool.in_order().collect();
            let entered: Vec<_> = want[key].pool.in_order().collect();
            assert_eq!(order, entered, "{why}: first in, first out");
            assert_eq!(
                kernel.connections(key).unwrap().len(),
                service.pool.len(),
                "{why}"
            );
        }
        let clean = diff(&table, &Table::new());
        assert!(
            kernel.execute(&clean).unwrap().iter().all(Result::is_ok),
            "{why}"
        );
        assert!(kernel.table().unwrap().is_empty(), "{why}");
    }
    assert_eq!(kernel.service(&tcp4()).unwrap(), None);
    assert!(kernel.connections(&tcp4()).unwrap().is_empty());
    assert_eq!(kernel.info().unwrap().version, (1, 2, 1));
    pools(kernel);
    timeouts(kernel);
}

/// A pool is read whole at every size: when it grows one by one, when it is there at once, and when it
/// shrinks; and as it is, whatever one would expect.
fn pools(kernel: &mut dyn Ipvs) {
    const MOST: u16 = 110;
    let done = |kernel: &mut dyn Ipvs, steps: &[Step]| {
        assert!(kernel.execute(steps).unwrap().iter().all(Result::is_ok));
    };
    for (service, ip) in [(tcp4(), "192.0.2.9"), (tcp6(), "2001:db8::9")] {
        let mut want = Table::new();
        let step = add(service, plain("rr"));
        done(kernel, std::slice::from_ref(&step));
        replay(&mut want, &step);
        for port in 1..=MOST {
            let step = add_dest(service, at(ip, port), dr(1));
            done(kernel, std::slice::from_ref(&step));
            replay(&mut want, &step);
            let read = kernel.service(&service).unwrap();
            assert_eq!(read.as_ref(), want.get(&service), "{port} dests");
        }
        done(kernel, &[remove(service)]);
        done(kernel, &diff(&Table::new(), &want));
        assert_eq!(kernel.table().unwrap(), want);
        let only = BTreeSet::from([service]);
        for port in 1..=MOST {
            let step = remove_dest(service, at(ip, port));
            done(kernel, std::slice::from_ref(&step));
            let before = want.clone();
            replay(&mut want, &step);
            for likely in [&before, &want] {
                assert_eq!(kernel.table_like(likely).unwrap(), want);
                assert_eq!(kernel.services(&only, likely).unwrap(), want);
            }
            let read = kernel.service(&service).unwrap();
            assert_eq!(read.as_ref(), want.get(&service), "without {port}");
        }
        done(kernel, &[remove(service)]);
    }
}

fn timeouts(kernel: &mut dyn Ipvs) {
    use lvsctl::model::director::Timeouts;
    let before = kernel.timeouts().unwrap();
    let only_udp = Timeouts {
        udp: 77,
        ..Timeouts::default()
    };
    kernel.set_timeouts(&only_udp).unwrap();
    assert_eq!(kernel.timeouts().unwrap(), Timeouts { udp: 77, ..before });
    kernel.set_timeouts(&before).unwrap();
}
