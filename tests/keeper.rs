//! The daemon's rounds, on the kernel in memory.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lvsctl::daemon::{Changed, Cue, Goal, Keeper, Mailbox, Outcome, Standing, Tally, repairs};
use lvsctl::ipvs::Memory;
use lvsctl::model::director::Timeouts;
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::moment::Moment;
use lvsctl::model::patch::Patch;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Connections, Dest, Pool, Service, Settings, Table};
use lvsctl::plan::Object;
use lvsctl::sys::state::Record;
use rustix::io::Errno;

const GRACE: Duration = Duration::from_mins(5);
const NOW: Moment = Moment::from_nanos(1 << 40);

fn endpoint(last: u8) -> Endpoint {
    Endpoint::new(IpAddr::from([192, 0, 2, last]), 80)
}

fn service() -> ServiceKey {
    ServiceKey::Address(Protocol::Tcp, endpoint(1))
}

/// A patch of whole services.
fn of(services: &Table) -> Patch {
    Patch {
        services: services.clone(),
        dests: std::collections::BTreeMap::new(),
    }
}

fn table(dests: &[(u8, u32)]) -> Table {
    let dest = |weight| Dest {
        weight: Weight::new(weight).unwrap(),
        method: ForwardingMethod::DirectRoute,
        thresholds: Thresholds::default(),
    };
    let settings = Settings {
        scheduler: Scheduler::Rr,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: None,
        engine: None,
    };
    let pool: Pool = dests
        .iter()
        .map(|(last, weight)| (endpoint(*last), dest(*weight)))
        .collect();
    Table::from([(service(), Service { settings, pool })])
}

/// A goal whose file names exactly what it wants.
fn goal(desired: &Table) -> Goal {
    let named = desired.iter().flat_map(|(key, service)| {
        service
            .pool
            .iter()
            .map(|(dest, _)| (*key, *dest))
            .collect::<Vec<_>>()
    });
    let standing = Standing {
        named: named.collect(),
        ..Standing::default()
    };
    Goal {
        desired: desired.clone(),
        standing: Arc::new(standing),
    }
}

/// The same file, with other verdicts.
fn turned(goal: &Goal, desired: &Table) -> Goal {
    Goal {
        desired: desired.clone(),
        standing: Arc::clone(&goal.standing),
    }
}

type Written = Arc<Mutex<Vec<Record>>>;

fn keeper(kernel: Memory, record: Record) -> (Keeper<Memory>, Written) {
    let written = Written::default();
    let store = Arc::clone(&written);
    let keeper = Keeper::new(kernel, record, GRACE, move |record| {
        store.lock().unwrap().push(record.clone());
        Ok(())
    });
    (keeper, written)
}

fn now_in(keeper: &mut Keeper<Memory>) -> Table {
    lvsctl::ipvs::Ipvs::table(keeper.kernel()).unwrap()
}

#[test]
fn what_is_right_already_is_left_alone() {
    let right = table(&[(50, 1), (51, 1)]);
    let (mut keeper, written) = keeper(Memory::new(right.clone()), Record::default());
    let round = keeper.round(&goal(&right), true, NOW).unwrap();
    assert!(round.done.is_empty() && round.refused.is_empty() && round.repaired.is_empty());
    assert!(keeper.kernel().executed().is_empty());
    assert!(
        written
            .lock()
            .unwrap()
            .last()
            .unwrap()
            .services
            .contains(&service())
    );
}

#[test]
fn ownership_is_on_record_before_the_first_change() {
    let (mut keeper, written) = keeper(Memory::default(), Record::default());
    keeper
        .kernel()
        .refuse(Object::Service(service()), Some(Errno::NOMEM));
    let round = keeper.round(&goal(&table(&[(50, 1)])), true, NOW).unwrap();
    assert_eq!(round.refused.len(), 1);
    let first = written.lock().unwrap().first().unwrap().clone();
    assert!(first.services.contains(&service()));
}

#[test]
fn a_verdict_is_one_step_and_no_reading() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let up = goal(&table(&[(50, 1), (51, 1)]));
    keeper.round(&up, true, NOW).unwrap();
    let (reads, steps) = (keeper.kernel().reads(), keeper.kernel().executed().len());
    let down = turned(&up, &table(&[(50, 1), (51, 0)]));
    let round = keeper.round(&down, false, NOW).unwrap();
    assert_eq!(round.done.len(), 1);
    assert!(round.repaired.is_empty());
    assert_eq!(keeper.kernel().reads(), reads);
    assert_eq!(keeper.kernel().executed().len(), steps + 1);
}

#[test]
fn what_somebody_changed_is_repaired_at_the_next_look() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let right = table(&[(50, 1), (51, 1)]);
    let goal = goal(&right);
    keeper.round(&goal, true, NOW).unwrap();
    for wrong in [
        table(&[(50, 9), (51, 1)]),
        table(&[(50, 1)]),
        table(&[(50, 1), (51, 1), (99, 1)]),
        Table::new(),
    ] {
        keeper.kernel().meddle(|table| *table = wrong.clone());
        let round = keeper.round(&goal, false, NOW).unwrap();
        assert!(round.done.is_empty(), "nobody looked");
        let round = keeper.round(&goal, true, NOW).unwrap();
        assert!(round.done.is_empty() && !round.repaired.is_empty());
        assert_eq!(now_in(&mut keeper), right);
    }
}

#[test]
fn a_server_that_left_the_file_drains_and_a_crash_does_not_forget_it() {
    let (mut first, written) = keeper(Memory::default(), Record::default());
    first
        .round(&goal(&table(&[(50, 1), (51, 1)])), true, NOW)
        .unwrap();
    let busy = Connections {
        active: 2,
        ..Connections::default()
    };
    first.kernel().connect(service(), endpoint(51), busy);
    let less = goal(&table(&[(50, 1)]));
    let round = first.round(&less, false, NOW).unwrap();
    assert_eq!(round.draining, 1);
    assert_eq!(now_in(&mut first), table(&[(50, 1), (51, 0)]));

    // A new process, by the record and the kernel alone.
    let record = written.lock().unwrap().last().unwrap().clone();
    let kernel = first.kernel().clone();
    let (mut second, _) = keeper(kernel, record);
    let almost = NOW + GRACE.checked_sub(Duration::from_secs(1)).unwrap();
    second.round(&less, true, almost).unwrap();
    assert_eq!(
        now_in(&mut second),
        table(&[(50, 1), (51, 0)]),
        "the grace goes on from then"
    );
    let round = second.round(&less, false, NOW + GRACE).unwrap();
    assert_eq!(round.draining, 0);
    assert_eq!(now_in(&mut second), table(&[(50, 1)]));
}

#[test]
fn in_a_hurry_nothing_drains() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    keeper
        .round(&goal(&table(&[(50, 1), (51, 1)])), true, NOW)
        .unwrap();
    let busy = Connections {
        active: 2,
        ..Connections::default()
    };
    keeper.kernel().connect(service(), endpoint(51), busy);
    let less = goal(&table(&[(50, 1)]));
    keeper.round(&less, false, NOW).unwrap();
    keeper.hurry();
    let nothing = turned(&less, &Table::new());
    keeper.round(&nothing, true, NOW).unwrap();
    assert!(now_in(&mut keeper).is_empty());
    assert_eq!(keeper.owned(), 0);
}

#[test]
fn a_refusal_is_tried_again_by_rounds_that_look() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let goal = goal(&table(&[(50, 1), (51, 1)]));
    keeper
        .kernel()
        .refuse(Object::Dest(service(), endpoint(51)), Some(Errno::NOMEM));
    assert_eq!(keeper.round(&goal, false, NOW).unwrap().refused.len(), 1);
    for _ in 0..3 {
        let round = keeper.round(&goal, false, NOW).unwrap();
        assert!(!round.looked && round.refused.is_empty());
        assert_eq!(keeper.round(&goal, true, NOW).unwrap().refused.len(), 1);
    }
    keeper
        .kernel()
        .refuse(Object::Dest(service(), endpoint(51)), None);
    assert!(keeper.round(&goal, true, NOW).unwrap().refused.is_empty());
    assert_eq!(now_in(&mut keeper), table(&[(50, 1), (51, 1)]));
}

/// One server that the kernel does not take, for whatever reason.
#[test]
fn a_refusal_keeps_no_verdict_and_no_repair_from_being_made() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let mut goal = goal(&table(&[(50, 1), (51, 1), (52, 1)]));
    let refused = Object::Dest(service(), endpoint(51));
    keeper.kernel().refuse(refused, Some(Errno::INVAL));
    keeper.round(&goal, true, NOW).unwrap();
    let reads = keeper.kernel().reads();

    let down = table(&[(50, 0)])[&service()]
        .pool
        .get(&endpoint(50))
        .copied();
    let verdict = Patch {
        services: Table::new(),
        dests: [((service(), endpoint(50)), down.unwrap())].into(),
    };
    let round = keeper.patch(&mut goal, verdict, NOW).unwrap();
    assert_eq!((round.done.len(), round.refused.len()), (1, 0));
    assert_eq!(keeper.kernel().reads(), reads, "nothing is in doubt");
    assert_eq!(now_in(&mut keeper), table(&[(50, 0), (52, 1)]));

    // A pool that turns as a whole has the refused server in it too.
    let whole = of(&table(&[(50, 0), (51, 1), (52, 2)]));
    let round = keeper.patch(&mut goal, whole, NOW).unwrap();
    assert_eq!((round.done.len(), round.refused.len()), (1, 0));

    keeper
        .kernel()
        .meddle(|now| *now = table(&[(50, 7), (52, 2)]));
    let round = keeper.round(&goal, true, NOW).unwrap();
    assert_eq!((round.repaired.len(), round.refused.len()), (1, 1));
    assert_eq!(round.refusals, Changed::default(), "that was said");
    assert_eq!(now_in(&mut keeper), table(&[(50, 0), (52, 2)]));

    // The last one goes when another serves: that is tried, and not left to the next look.
    let last = of(&table(&[(50, 0), (51, 1), (52, 0)]));
    let round = keeper.patch(&mut goal, last, NOW).unwrap();
    assert_eq!((round.done.len(), round.refused.len()), (0, 1));
    keeper.kernel().refuse(refused, None);
    keeper.round(&goal, true, NOW).unwrap();
    assert_eq!(now_in(&mut keeper), table(&[(50, 0), (51, 1), (52, 0)]));
}

/// What takes the place of another is refused: the other stays, also when it comes to be removed.
#[test]
fn where_the_new_is_refused_the_old_stays() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    keeper.round(&goal(&table(&[(50, 1)])), true, NOW).unwrap();
    let refused = Object::Dest(service(), endpoint(51));
    keeper.kernel().refuse(refused, Some(Errno::INVAL));
    let next = goal(&table(&[(51, 1)]));
    for (look, later) in [
        (false, 0),
        (false, 5),
        (true, 10),
        (false, 1_000),
        (true, 1_000),
    ] {
        let now = NOW + Duration::from_secs(later);
        keeper.round(&next, look, now).unwrap();
        assert_eq!(now_in(&mut keeper), table(&[(50, 1)]), "after {later} s");
    }
    keeper.kernel().refuse(refused, None);
    keeper
        .round(&next, true, NOW + Duration::from_secs(2_000))
        .unwrap();
    assert_eq!(now_in(&mut keeper), table(&[(51, 1)]));
}

#[test]
fn a_module_that_comes_back_is_filled_again() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let goal = goal(&table(&[(50, 1)]));
    keeper.round(&goal, true, NOW).unwrap();
    keeper.kernel().unload(true);
    assert!(keeper.round(&goal, true, NOW).is_err());
    keeper.kernel().unload(false);
    keeper.round(&goal, false, NOW).unwrap();
    assert_eq!(now_in(&mut keeper), table(&[(50, 1)]));
}

#[test]
fn timeouts_are_set_once_and_given_back_when_the_file_asks_no_more() {
    let (mut keeper, _) = keeper(Memory::new(Table::new()), Record::default());
    let timeouts =
        |keeper: &mut Keeper<Memory>| lvsctl::ipvs::Ipvs::timeouts(keeper.kernel()).unwrap();
    let before = timeouts(&mut keeper);
    let asked = Timeouts {
        udp: 7,
        ..Timeouts::default()
    };
    let with = Goal {
        desired: table(&[(50, 1)]),
        standing: Arc::new(Standing {
            timeouts: asked,
            ..Standing::default()
        }),
    };
    keeper.round(&with, true, NOW).unwrap();
    assert_eq!(timeouts(&mut keeper), Timeouts { udp: 7, ..before });
    keeper.round(&goal(&table(&[(50, 1)])), false, NOW).unwrap();
    assert_eq!(timeouts(&mut keeper), before);
}

#[test]
fn a_patch_changes_its_services_and_looks_at_no_others() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let mut goal = goal(&table(&[(50, 1), (51, 1)]));
    keeper.round(&goal, true, NOW).unwrap();
    let none = keeper.patch(&mut goal, Patch::default(), NOW).unwrap();
    assert!(none.done.is_empty());
    let turned = table(&[(50, 0), (51, 1)]);
    let round = keeper.patch(&mut goal, of(&turned), NOW).unwrap();
    assert_eq!(round.done.len(), 1);
    assert_eq!(goal.desired, turned);
    assert_eq!(now_in(&mut keeper), turned);
    let again = keeper.patch(&mut goal, of(&turned), NOW).unwrap();
    assert!(again.done.is_empty(), "what it left is known");
    let round = keeper.round(&goal, true, NOW).unwrap();
    assert!(round.done.is_empty() && round.repaired.is_empty());
}

#[test]
fn a_patch_of_one_dest_changes_that_one() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let mut goal = goal(&table(&[(50, 1), (51, 1)]));
    keeper.round(&goal, true, NOW).unwrap();
    let turned = table(&[(50, 0), (51, 1)]);
    let dest = |dest| (service(), endpoint(dest));
    let weight = |last| *turned[&service()].pool.get(&endpoint(last)).unwrap();
    let patch = Patch {
        services: Table::new(),
        dests: [(dest(50), weight(50)), (dest(51), weight(51))].into(),
    };
    let round = keeper.patch(&mut goal, patch.clone(), NOW).unwrap();
    assert_eq!(round.done.len(), 1);
    assert_eq!(goal.desired, turned);
    assert_eq!(now_in(&mut keeper), turned);
    let again = keeper.patch(&mut goal, patch, NOW).unwrap();
    assert!(again.done.is_empty(), "what it left is known");
}

/// The older and then the newer one come to what both together come to.
#[test]
fn patches_merge_in_their_order() {
    let [before, one, other] = [(1, 1), (2, 3), (0, 0)].map(|(a, b)| table(&[(50, a), (51, b)]));
    let dests = |table: &Table, last| Patch {
        services: Table::new(),
        dests: [(
            (service(), endpoint(last)),
            *table[&service()].pool.get(&endpoint(last)).unwrap(),
        )]
        .into(),
    };
    let all = [
        Patch::default(),
        of(&one),
        of(&other),
        dests(&one, 50),
        dests(&other, 51),
        dests(&other, 50),
    ];
    for older in &all {
        for newer in &all {
            let mut apart = before.clone();
            older.clone().apply(&mut apart);
            newer.clone().apply(&mut apart);
            let merged = older.clone().then(newer.clone());
            let both = |(service, _): &(ServiceKey, _)| merged.services.contains_key(service);
            assert!(!merged.dests.keys().any(both));
            let mut together = before.clone();
            merged.apply(&mut together);
            assert_eq!(together, apart, "{older:?}, then {newer:?}");
        }
    }
}

#[test]
fn a_patch_leaves_what_drains_where_it_is() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    keeper
        .round(&goal(&table(&[(50, 1), (51, 1)])), true, NOW)
        .unwrap();
    let busy = Connections {
        active: 3,
        ..Connections::default()
    };
    keeper.kernel().connect(service(), endpoint(51), busy);
    let mut without = goal(&table(&[(50, 1)]));
    keeper.round(&without, false, NOW).unwrap();
    let draining = table(&[(50, 1), (51, 0)]);
    assert_eq!(now_in(&mut keeper), draining);
    let raised = of(&table(&[(50, 4)]));
    keeper.patch(&mut without, raised, NOW).unwrap();
    assert_eq!(now_in(&mut keeper), table(&[(50, 4), (51, 0)]));
}

#[test]
fn a_patch_of_what_is_not_known_is_a_whole_round() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let mut goal = goal(&table(&[(50, 1)]));
    keeper.patch(&mut goal, Patch::default(), NOW).unwrap();
    assert_eq!(now_in(&mut keeper), table(&[(50, 1)]));
    keeper.kernel().unload(true);
    let worse = table(&[(50, 0)]);
    assert!(keeper.patch(&mut goal, of(&worse), NOW).is_err());
    assert_eq!(goal.desired, worse, "what failed is tried again");
    keeper.kernel().unload(false);
    keeper.patch(&mut goal, Patch::default(), NOW).unwrap();
    assert_eq!(now_in(&mut keeper), worse);
}

#[test]
fn a_mailbox_keeps_only_the_newest_letter() {
    let mailbox = Mailbox::default();
    for n in 0..3 {
        mailbox.post(n, |_, newer| newer);
    }
    assert_eq!(mailbox.wait(Duration::ZERO), Some(2));
    assert_eq!(mailbox.wait(Duration::from_millis(1)), None);
}

#[test]
fn a_refusal_is_said_when_it_begins_changes_and_ends() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let goal = goal(&table(&[(50, 1), (51, 1)]));
    let said = |keeper: &mut Keeper<Memory>| {
        let changed = keeper.round(&goal, true, NOW).unwrap().refusals;
        let counts = [changed.refused.len(), changed.skipped.len()];
        (counts, changed.over)
    };
    let refuse = |keeper: &mut Keeper<Memory>, object, errno| {
        keeper.kernel().refuse(object, errno);
    };
    let whole = Object::Service(service());
    refuse(&mut keeper, whole, Some(Errno::NOMEM));
    assert_eq!(said(&mut keeper), ([1, 2], vec![]));
    assert_eq!(said(&mut keeper), ([0, 0], vec![]));
    refuse(&mut keeper, whole, Some(Errno::BUSY));
    assert_eq!(said(&mut keeper), ([1, 0], vec![]));
    refuse(&mut keeper, whole, None);
    let last = Object::Dest(service(), endpoint(51));
    refuse(&mut keeper, last, Some(Errno::NOMEM));
    let over = vec![whole, Object::Dest(service(), endpoint(50))];
    assert_eq!(said(&mut keeper), ([1, 0], over));
    refuse(&mut keeper, last, None);
    assert_eq!(said(&mut keeper), ([0, 0], vec![last]));
    assert_eq!(said(&mut keeper), ([0, 0], vec![]));
}

/// Looks once and returns what was done, repaired and left alone.
fn looked(keeper: &mut Keeper<Memory>, goal: &Goal, now: Moment) -> (usize, usize, usize) {
    let round = keeper.round(goal, true, now).unwrap();
    assert!(round.looked && round.refused.is_empty());
    (round.done.len(), round.repaired.len(), round.left_alone)
}

#[test]
fn a_verdict_that_comes_with_a_repair_is_no_repair() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let up = goal(&table(&[(50, 1), (51, 1), (52, 1)]));
    keeper.round(&up, true, NOW).unwrap();
    let wrong = table(&[(50, 9), (51, 1), (52, 1)]);
    keeper.kernel().meddle(|table| *table = wrong);
    let down = turned(&up, &table(&[(50, 1), (51, 0), (52, 1)]));
    assert_eq!(looked(&mut keeper, &down, NOW), (1, 1, 0));
    assert_eq!(now_in(&mut keeper), down.desired);
}

#[test]
fn a_repair_that_an_error_came_between_is_still_a_repair() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let right = goal(&table(&[(50, 1)]));
    keeper.round(&right, true, NOW).unwrap();
    keeper.kernel().unload(true);
    assert!(keeper.round(&right, true, NOW).is_err());
    assert!(keeper.known().is_none(), "nobody knows how it is");
    keeper.kernel().unload(false);
    let round = keeper.round(&right, false, NOW).unwrap();
    assert!(round.looked);
    assert_eq!((round.done.len(), round.repaired.len()), (0, 2));
}

#[test]
fn with_hands_off_only_what_is_wanted_anew_is_written() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    keeper.hands_off();
    let mut goal = goal(&table(&[(50, 1), (51, 1)]));
    keeper.round(&goal, true, NOW).unwrap();
    let wrong = table(&[(50, 9), (51, 9), (99, 1)]);
    keeper.kernel().meddle(|table| *table = wrong.clone());
    let round = keeper.round(&goal, true, NOW).unwrap();
    assert_eq!((round.noted.left.len(), round.left_alone), (3, 3));
    let again = keeper.round(&goal, true, NOW).unwrap();
    assert_eq!((again.noted.left.len(), again.left_alone), (0, 3));
    assert_eq!(now_in(&mut keeper), wrong);
    // A verdict about one, as a patch of its dest and of its whole service.
    let down = table(&[(50, 0), (51, 1)]);
    let whole = Patch {
        services: down.clone(),
        ..Patch::default()
    };
    keeper.patch(&mut goal, whole, NOW).unwrap();
    let half = table(&[(50, 0), (51, 9), (99, 1)]);
    assert_eq!(now_in(&mut keeper), half);
    let dests = down[&service()].pool.iter();
    let dests = dests.map(|(dest, what)| ((service(), *dest), *what));
    let part = Patch {
        dests: dests.collect(),
        ..Patch::default()
    };
    assert!(keeper.patch(&mut goal, part, NOW).unwrap().done.is_empty());
    assert_eq!(now_in(&mut keeper), half);
    // A file read anew is brought about whole; what it does not name drains or goes.
    let anew = self::goal(&down);
    keeper.round(&anew, false, NOW).unwrap();
    keeper.round(&anew, false, NOW).unwrap();
    assert_eq!(now_in(&mut keeper), down);
    assert_eq!(looked(&mut keeper, &anew, NOW), (0, 0, 0));
}

#[test]
fn at_a_stop_that_removes_all_nothing_is_left_alone() {
    for hands_off in [false, true] {
        let (mut keeper, _) = keeper(Memory::default(), Record::default());
        if hands_off {
            keeper.hands_off();
        }
        let goal = goal(&table(&[(50, 1)]));
        keeper.round(&goal, true, NOW).unwrap();
        for _ in 0..8 {
            keeper
                .kernel()
                .meddle(|table| *table = self::table(&[(50, 9)]));
            keeper.round(&goal, true, NOW).unwrap();
        }
        assert_eq!(now_in(&mut keeper), table(&[(50, 9)]));
        keeper.hurry();
        keeper
            .round(&turned(&goal, &Table::new()), true, NOW)
            .unwrap();
        assert!(now_in(&mut keeper).is_empty());
    }
}

#[test]
fn timeouts_of_the_file_are_held_and_a_rival_is_not_fought_for_ever() {
    let (mut keeper, _) = keeper(Memory::new(Table::new()), Record::default());
    let set = |keeper: &mut Keeper<Memory>, udp| {
        let timeouts = Timeouts {
            udp,
            ..Timeouts::default()
        };
        lvsctl::ipvs::Ipvs::set_timeouts(keeper.kernel(), &timeouts).unwrap();
    };
    let udp =
        |keeper: &mut Keeper<Memory>| lvsctl::ipvs::Ipvs::timeouts(keeper.kernel()).unwrap().udp;
    let goal = Goal {
        desired: table(&[(50, 1)]),
        standing: Arc::new(Standing {
            timeouts: Timeouts {
                udp: 7,
                ..Timeouts::default()
            },
            ..goal(&table(&[(50, 1)])).standing.as_ref().clone()
        }),
    };
    assert!(keeper.round(&goal, true, NOW).unwrap().retimed.is_none());
    for nth in 0..7 {
        set(&mut keeper, 99);
        let round = keeper.round(&goal, true, NOW).unwrap();
        let outcome = round.retimed.map(|retimed| retimed.outcome);
        match nth {
            0..5 => assert_eq!(outcome, Some(Outcome::Repaired)),
            5 => assert!(matches!(outcome, Some(Outcome::Yielded { repairs: 5, .. }))),
            _ => assert_eq!((outcome, round.left_alone), (None, 1)),
        }
        assert_eq!(udp(&mut keeper), if nth < 5 { 7 } else { 99 });
    }
    let later = NOW + Duration::from_mins(1);
    let round = keeper.round(&goal, true, later).unwrap();
    assert_eq!(round.retimed.unwrap().outcome, Outcome::Repaired);
    assert_eq!((udp(&mut keeper), round.left_alone), (7, 0));

    // Who only watches says it once, and once more when it is over.
    keeper.hands_off();
    set(&mut keeper, 99);
    let outcome = |keeper: &mut Keeper<Memory>| {
        let round = keeper.round(&goal, true, later).unwrap();
        round.retimed.map(|retimed| retimed.outcome)
    };
    assert_eq!(outcome(&mut keeper), Some(Outcome::Left));
    assert_eq!(outcome(&mut keeper), None);
    set(&mut keeper, 7);
    assert_eq!(outcome(&mut keeper), Some(Outcome::Righted));
    assert_eq!(outcome(&mut keeper), None);
}

#[test]
fn a_tally_counts_a_service_that_was_gone_once() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let goal = goal(&table(&[(50, 1), (51, 1)]));
    keeper.round(&goal, true, NOW).unwrap();
    let mut tally = Tally::default();
    keeper.kernel().meddle(Table::clear);
    let round = keeper.round(&goal, true, NOW).unwrap();
    assert_eq!(round.repaired.len(), 3);
    assert_eq!(repairs(&round.repaired).len(), 1);
    assert_eq!(repairs(&round.repaired)[0].along, 2);
    tally.add(&round, Some(Cue::Canary));
    keeper
        .kernel()
        .meddle(|table| *table = self::table(&[(50, 2), (51, 2)]));
    let round = keeper.round(&goal, true, NOW).unwrap();
    tally.add(&round, Some(Cue::Resync));
    let right = Tally {
        services: 1,
        dests: 2,
        by_canary: 1,
        by_resync: 1,
        ..Tally::default()
    };
    assert_eq!(tally, right);
}

#[test]
fn what_was_fought_for_is_looked_at_when_its_wait_ends() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let goal = goal(&table(&[(50, 1)]));
    let mut now = NOW;
    keeper.round(&goal, true, now).unwrap();
    assert_eq!(keeper.next_end(now), None);
    for nth in 0..6 {
        now = now + Duration::from_secs(1);
        keeper
            .kernel()
            .meddle(|table| *table = self::table(&[(50, 9)]));
        let round = keeper.round(&goal, true, now).unwrap();
        assert_eq!(round.tells_of_a_fight(), nth == 5);
    }
    // A patch and a glance would find it as it was left.
    let end = now + Duration::from_mins(1);
    assert_eq!(keeper.next_end(now), Some(end));
    let round = keeper.round(&goal, true, end).unwrap();
    assert_eq!(round.repaired.len(), 1);
    assert_eq!(keeper.next_end(end), None);
}

#[test]
fn what_a_glance_suspects_is_cleared_only_where_it_is_as_it_was_left() {
    let (mut keeper, _) = keeper(Memory::default(), Record::default());
    let suspects = [service()].into();
    assert!(!keeper.finds_unchanged(&suspects), "nothing is known yet");
    keeper.round(&goal(&table(&[(50, 1)])), true, NOW).unwrap();
    assert!(keeper.finds_unchanged(&suspects));
    let many = (1..200).map(|port| {
        let mut endpoint = endpoint(1);
        endpoint.port = port;
        ServiceKey::Address(Protocol::Tcp, endpoint)
    });
    let many: Table = many
        .map(|key| (key, table(&[(50, 1)])[&service()].clone()))
        .collect();
    keeper.round(&goal(&many), true, NOW).unwrap();
    let all = many.keys().copied().collect();
    assert!(keeper.finds_unchanged(&all));
    keeper
        .kernel()
        .meddle(|now| drop(now.last_entry().unwrap().remove()));
    assert!(!keeper.finds_unchanged(&all), "one of many");
    keeper.round(&goal(&table(&[(50, 1)])), true, NOW).unwrap();
    keeper.kernel().meddle(|now| *now = table(&[(50, 2)]));
    assert!(!keeper.finds_unchanged(&suspects));
    keeper.kernel().meddle(Table::clear);
    assert!(!keeper.finds_unchanged(&suspects));
    keeper.kernel().unload(true);
    assert!(!keeper.finds_unchanged(&suspects));
}
