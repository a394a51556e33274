//! Laws of the plan, tried on every pair of a small universe.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use lvsctl::conf;
use lvsctl::ipvs::{Ipvs, Memory, carry_out, verify};
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::moment::Moment;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{DestKey, Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Connections, Dest, Pool, Service, Settings, Table};
use lvsctl::plan::drain::{self, Draining};
use lvsctl::plan::{Change, Named, Object, Step, Wave, diff, keep_weights, replay, scope};

fn endpoint(last: u8) -> Endpoint {
    Endpoint::new(IpAddr::from([192, 0, 2, last]), 80)
}

fn service(last: u8) -> ServiceKey {
    ServiceKey::Address(Protocol::Tcp, endpoint(last))
}

fn settings(scheduler: Scheduler) -> Settings {
    Settings {
        scheduler,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: None,
        engine: None,
    }
}

fn dest(weight: u32) -> Dest {
    Dest {
        weight: Weight::new(weight).unwrap(),
        method: ForwardingMethod::DirectRoute,
        thresholds: Thresholds::default(),
    }
}

/// Nothing, or weight 0, 1 or 2.
const DEST_STATES: [Option<u32>; 4] = [None, Some(0), Some(1), Some(2)];

/// Every state of one service: absent, or with one of two schedulers and two dests, each in one of
/// their states.
fn services() -> Vec<Option<Service>> {
    let mut all = vec![None];
    for scheduler in [Scheduler::Rr, Scheduler::Wlc] {
        for first in DEST_STATES {
            for second in DEST_STATES {
                let dests = [(50, first), (51, second)].into_iter();
                let dests =
                    dests.filter_map(|(last, weight)| Some((endpoint(last), dest(weight?))));
                all.push(Some(Service {
                    settings: settings(scheduler.clone()),
                    pool: dests.collect(),
                }));
            }
        }
    }
    all
}

/// All tables of at most two services, the second in fewer states.
fn universe() -> Vec<Table> {
    let mut all = Vec::new();
    for first in services() {
        for second in services().into_iter().step_by(11) {
            let mut table = Table::new();
            table.extend(first.clone().map(|first| (service(1), first)));
            table.extend(second.map(|second| (service(2), second)));
            all.push(table);
        }
    }
    all
}

fn pairs() -> impl Iterator<Item = (Table, Table)> {
    let universe = universe();
    let other = universe.clone();
    universe.into_iter().flat_map(move |observed| {
        let desired = other.clone().into_iter();
        desired.map(move |desired| (observed.clone(), desired))
    })
}

#[test]
fn a_plan_leads_to_the_desired_table_and_is_empty_exactly_where_there_is_nothing_to_do() {
    let mut tried = 0;
    for (observed, desired) in pairs() {
        let steps = diff(&observed, &desired);
        let mut kernel = Memory::new(observed.clone());
        // The kernel in memory refuses what the real one would: every step must fit.
        let report = carry_out(&mut kernel, steps.clone()).unwrap();
        assert_eq!(report.refused, [], "from {observed:?}");
        assert_eq!(
            kernel.table().unwrap(),
            desired,
            "from {observed:?} by {steps:?}"
        );
        assert_eq!(steps.is_empty(), observed == desired);
        tried += 1;
    }
    assert_eq!(tried, 9801, "every pair of the universe");
}

#[test]
fn what_is_in_both_is_never_taken_out() {
    for (observed, desired) in pairs() {
        let steps = diff(&observed, &desired);
        for Step { service, change } in &steps {
            let (had, wants) = (observed.get(service), desired.get(service));
            match change {
                Change::RemoveService(_) => assert!(wants.is_none()),
                Change::AddService(_) => assert!(had.is_none()),
                Change::RemoveDest(dest, _) => assert!(!wants.unwrap().pool.contains(dest)),
                Change::AddDest(dest, _) => assert!(had.is_none_or(|had| !had.pool.contains(dest))),
                Change::EditService { .. } | Change::EditDest { .. } => {}
            }
        }
    }
}

/// Whether somebody in the pool takes new connections.
fn serves(table: &Table, key: &ServiceKey) -> bool {
    let service = table.get(key);
    service.is_some_and(|service| service.pool.iter().any(|(_, dest)| dest.weight.get() > 0))
}

#[test]
fn no_pool_that_served_and_will_serve_is_empty_in_between() {
    for (observed, desired) in pairs() {
        let steps = diff(&observed, &desired);
        let waves: Vec<Wave> = steps.iter().map(Step::wave).collect();
        assert!(waves.is_sorted(), "{steps:?}");
        let mut table = observed.clone();
        for step in &steps {
            replay(&mut table, step);
            for key in [service(1), service(2)] {
                if serves(&observed, &key) && serves(&desired, &key) {
                    assert!(serves(&table, &key), "{key} after {step}, of {steps:?}");
                }
            }
        }
    }
}

#[test]
fn a_crash_after_any_step_leaves_a_table_from_which_the_next_run_arrives() {
    for (observed, desired) in pairs() {
        let mut table = observed;
        for step in diff(&table, &desired) {
            replay(&mut table, &step);
            let mut next = table.clone();
            for step in diff(&table, &desired) {
                replay(&mut next, &step);
            }
            assert_eq!(next, desired);
        }
    }
}

#[test]
fn a_service_that_could_not_be_filled_keeps_what_it_had() {
    let two = |first, second| {
        let pool = [(endpoint(50), dest(first)), (endpoint(51), dest(second))];
        let settings = settings(Scheduler::Rr);
        let pool: Pool = pool
            .into_iter()
            .filter(|(_, dest)| dest.weight.get() < 9)
            .collect();
        Service { settings, pool }
    };
    // 9 stands for absent: the first is to go, the second to come, and may not.
    let observed = Table::from([(service(1), two(1, 9)), (service(2), two(1, 9))]);
    let desired = Table::from([(service(1), two(9, 1)), (service(2), two(9, 1))]);
    let mut kernel = Memory::new(observed.clone());
    kernel.refuse(
        Object::Dest(service(1), endpoint(51)),
        Some(rustix::io::Errno::NOMEM),
    );
    let report = carry_out(&mut kernel, diff(&observed, &desired)).unwrap();
    assert_eq!(report.refused.len(), 1);
    assert_eq!(report.skipped.len(), 1);
    let table = kernel.table().unwrap();
    assert_eq!(table[&service(1)], observed[&service(1)]);
    assert_eq!(table[&service(2)], desired[&service(2)]);
    let touched = BTreeSet::from([service(1), service(2)]);
    assert_eq!(verify(&mut kernel, &touched, &desired).unwrap().len(), 2);
}

#[test]
fn new_dests_enter_in_the_order_of_the_file() {
    let order = [52, 50, 51];
    let pool: Pool = order
        .iter()
        .map(|last| (endpoint(*last), dest(1)))
        .collect();
    let settings = settings(Scheduler::Sh);
    let desired = Table::from([(service(1), Service { settings, pool })]);
    let added = diff(&Table::new(), &desired)
        .into_iter()
        .filter_map(|step| step.dest());
    assert_eq!(added.collect::<Vec<_>>(), order.map(endpoint));
}

#[test]
fn ours_is_what_the_file_names_or_the_record_knows() {
    let one = || Service {
        settings: settings(Scheduler::Rr),
        pool: Pool::default(),
    };
    let observed: Table = (1..=3).map(|last| (service(last), one())).collect();
    let desired = Table::from([(service(1), one())]);
    let scoped = scope(observed, &desired, &BTreeSet::from([service(2)]));
    assert_eq!(
        scoped.ours.into_keys().collect::<Vec<_>>(),
        [service(1), service(2)]
    );
    assert_eq!(scoped.foreign, [service(3)]);
}

#[test]
fn kept_weights_are_those_of_dests_that_are_there() {
    for (observed, desired) in pairs() {
        let kept = keep_weights(&observed, desired.clone());
        for (key, service) in &kept {
            for (dest, now) in service.pool.iter() {
                let before = observed.get(key).and_then(|have| have.pool.get(dest));
                let wanted = desired[key].pool.get(dest).unwrap();
                assert_eq!(now.weight, before.unwrap_or(wanted).weight);
            }
        }
    }
}

/// A sorry server that does not serve just now has not left the file.
#[test]
fn who_stands_in_the_file_is_named_whether_or_not_he_serves() {
    let text = "virtual_server 192.0.2.1 80 {\n protocol TCP\n sorry_server 192.0.2.60 80\n real_server 192.0.2.50 80 {\n }\n}\n";
    let files = conf::Memory([("a.conf".to_owned(), text.into())].into());
    let loaded = conf::load(&files, "a.conf", &conf::Options::default());
    let named = Named::by(&loaded.director.unwrap());
    let at = |ip: &str| {
        let service = Endpoint::new("192.0.2.1".parse().unwrap(), 80);
        let dest = Endpoint::new(ip.parse().unwrap(), 80);
        (ServiceKey::Address(Protocol::Tcp, service), dest)
    };
    assert!(named.contains(&at("192.0.2.50")) && named.contains(&at("192.0.2.60")));
    assert!(!named.contains(&at("192.0.2.51")));
}

const GRACE: Duration = Duration::from_mins(5);
const LEFT: Moment = Moment::from_nanos(1_000_000_000);

/// One service of the file with one dest; `gone` has left the file and has weight `weight`.
fn drained(weight: u32, [active, inactive]: [u32; 2], after: Duration) -> (Draining, Table) {
    let gone = (service(1), endpoint(51));
    let settings = settings(Scheduler::Rr);
    let pool: Pool = [(endpoint(50), dest(1)), (endpoint(51), dest(weight))]
        .into_iter()
        .collect();
    let ours = Table::from([(
        service(1),
        Service {
            settings: settings.clone(),
            pool,
        },
    )]);
    let pool: Pool = [(endpoint(50), dest(1))].into_iter().collect();
    let mut want = Table::from([(service(1), Service { settings, pool })]);
    let named = [(service(1), endpoint(50))].into_iter().collect();
    assert_eq!(drain::leaving(&ours, &named), [gone]);
    let mut draining = Draining::from([(gone, LEFT)]);
    drain::settle(&mut draining, &ours, &named, GRACE, LEFT + after, |_, _| {
        Connections {
            active,
            inactive,
            ..Connections::default()
        }
    });
    drain::hold(&mut want, &ours, &draining);
    (draining, want)
}

#[test]
fn a_server_that_left_the_file_stays_at_weight_0_while_it_has_connections() {
    let weight = |table: &Table| {
        table[&service(1)]
            .pool
            .get(&endpoint(51))
            .map(|d| d.weight.get())
    };
    let (at_once, almost) = (Duration::ZERO, Duration::from_secs(299));
    let cases = [
        ("still taking connections", 1, [0, 0], at_once, Some(0)),
        ("connected", 0, [3, 0], at_once, Some(0)),
        ("connected for long", 0, [3, 0], almost, Some(0)),
        (
            "a client may use its port again",
            0,
            [0, 1],
            at_once,
            Some(0),
        ),
        ("quiet", 0, [0, 0], at_once, None),
        ("grace over", 0, [3, 1], GRACE, None),
    ];
    for (why, now, connections, after, want) in cases {
        let (draining, table) = drained(now, connections, after);
        assert_eq!(weight(&table), want, "{why}");
        assert_eq!(draining.is_empty(), want.is_none(), "{why}");
    }
}

#[test]
fn a_service_that_left_the_file_stays_until_its_servers_are_quiet() {
    let settings = settings(Scheduler::Wlc);
    let pool: Pool = [(endpoint(51), dest(4))].into_iter().collect();
    let ours = Table::from([(
        service(1),
        Service {
            settings: settings.clone(),
            pool,
        },
    )]);
    let draining = Draining::from([((service(1), endpoint(51)), LEFT)]);
    let mut want = Table::new();
    drain::hold(&mut want, &ours, &draining);
    let kept = &want[&service(1)];
    assert_eq!(kept.settings, settings);
    assert_eq!(kept.pool.get(&endpoint(51)), Some(&dest(0)));
}

/// One service of the file with one dest, and another that drains, by scheduler.
fn hashed(scheduler: Scheduler, fallback: bool, leaving: Option<u32>) -> Table {
    let mut settings = settings(scheduler);
    settings.flags.flag1 = fallback;
    let mut pool: Pool = [(endpoint(50), dest(1))].into_iter().collect();
    if let Some(weight) = leaving {
        pool.insert(endpoint(51), dest(weight));
    }
    Table::from([(service(1), Service { settings, pool })])
}

#[test]
fn a_hashing_scheduler_passes_over_what_drains_and_is_itself_again_afterwards() {
    let draining = Draining::from([((service(1), endpoint(51)), LEFT)]);
    let kinds = |steps: &[Step]| steps.iter().map(Step::wave).collect::<Vec<_>>();
    for scheduler in [Scheduler::Sh, Scheduler::Mh] {
        let all = hashed(scheduler.clone(), false, Some(1));
        let less = hashed(scheduler.clone(), false, None);
        let mut held = less.clone();
        drain::hold(&mut held, &all, &draining);
        assert_eq!(held, hashed(scheduler, true, Some(0)));
        let begins = diff(&all, &held);
        assert_eq!(kinds(&begins), [Wave::Services, Wave::Lower]);
        let ends = diff(&held, &less);
        assert_eq!(kinds(&ends), [Wave::RemoveDests, Wave::Fallback]);
    }
    // It cannot be told to: what it would refuse clients for goes at once.
    let mut held = hashed(Scheduler::Dh, false, None);
    let less = held.clone();
    drain::hold(&mut held, &hashed(Scheduler::Dh, false, Some(1)), &draining);
    assert_eq!(held, less);
}

#[test]
fn where_nobody_else_serves_whoever_drains_stays_whatever_the_scheduler() {
    let draining = Draining::from([((service(1), endpoint(51)), LEFT)]);
    for scheduler in [Scheduler::Sh, Scheduler::Dh] {
        let mut ours = hashed(scheduler, false, Some(3));
        ours.get_mut(&service(1))
            .unwrap()
            .pool
            .remove(&endpoint(50));
        let mut held = Table::new();
        drain::hold(&mut held, &ours, &draining);
        let kept = &held[&service(1)];
        assert_eq!(kept.settings, ours[&service(1)].settings);
        assert_eq!(kept.pool.get(&endpoint(51)), Some(&dest(0)));
    }
}

#[test]
fn keys_are_shown_as_operators_write_them() {
    let v6 = Endpoint::new("2001:db8::1".parse().unwrap(), 443);
    let key: DestKey = endpoint(1);
    assert_eq!(service(1).to_string(), format!("TCP {key}"));
    assert_eq!(
        ServiceKey::Address(Protocol::Udp, v6).to_string(),
        "UDP [2001:db8::1]:443"
    );
}
