//! What others changed: what is repaired of it, what is left alone, and when.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::moment::Moment;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Dest, Pool, Service, Settings, Table};
use lvsctl::plan::{Drift, Fights, Object, Ruling, Step, diff, replay};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const NOW: Moment = Moment::from_nanos(1 << 40);

fn endpoint(last: u8) -> Endpoint {
    Endpoint::new(IpAddr::from([192, 0, 2, last]), 80)
}

fn key(last: u8) -> ServiceKey {
    ServiceKey::Address(Protocol::Tcp, endpoint(last))
}

fn service(scheduler: &Scheduler, dests: &[(u8, u32)]) -> Service {
    let dest = |weight| Dest {
        weight: Weight::new(weight).unwrap(),
        method: ForwardingMethod::DirectRoute,
        thresholds: Thresholds::default(),
    };
    Service {
        settings: Settings {
            scheduler: scheduler.clone(),
            flags: SchedulerFlags::default(),
            one_packet: false,
            persistence: None,
            engine: None,
        },
        pool: dests
            .iter()
            .map(|(last, weight)| (endpoint(*last), dest(*weight)))
            .collect::<Pool>(),
    }
}

/// Every table of at most one service whose dest is absent or has one of two weights.
fn universe() -> Vec<Table> {
    let mut tables = vec![Table::new()];
    for scheduler in [Scheduler::Rr, Scheduler::Wlc] {
        for dests in [
            &[][..],
            &[(50, 1)],
            &[(50, 2)],
            &[(51, 1)],
            &[(50, 2), (51, 1)],
        ] {
            tables.push(Table::from([(key(1), service(&scheduler, dests))]));
        }
    }
    tables
}

fn done(table: &Table, steps: &[Step]) -> Table {
    let mut table = table.clone();
    for step in steps {
        replay(&mut table, step);
    }
    table
}

/// All that can be found out about an object.
fn state(table: &Table) -> BTreeMap<Object, String> {
    let mut objects = BTreeMap::new();
    for (key, service) in table {
        objects.insert(Object::Service(*key), format!("{:?}", service.settings));
        for (dest, what) in service.pool.iter() {
            objects.insert(Object::Dest(*key, *dest), format!("{what:?}"));
        }
    }
    objects
}

#[test]
fn what_somebody_changed_is_repaired_and_nothing_else_is_called_a_repair() {
    for believed in universe() {
        for found in universe() {
            for wanted in universe() {
                let steps = diff(&found, &wanted);
                let seen = Drift::default().look(steps.clone(), &believed, NOW);
                assert_eq!(seen.steps, steps, "all is done");
                let known = believed.contains_key(&key(1));
                let (believed, found) = (state(&believed), state(&found));
                for step in &steps {
                    let object = step.object();
                    let changed = known && believed.get(&object) != found.get(&object);
                    assert_eq!(seen.repairs.contains(&object), changed, "{step}");
                }
            }
        }
    }
}

#[test]
fn hands_off_is_to_write_only_what_is_wanted_anew() {
    for believed in universe() {
        for found in universe() {
            for wanted in universe() {
                let mut drift = Drift::hands_off();
                let seen = drift.look(diff(&found, &wanted), &believed, NOW);
                assert!(seen.repairs.is_empty());
                let after = state(&done(&found, &seen.steps));
                let (was, have, want) = (state(&believed), state(&found), state(&wanted));
                for object in was.keys().chain(have.keys()).chain(want.keys()) {
                    let (was, have, want) = (was.get(object), have.get(object), want.get(object));
                    let serviced = |table: &Table| table.contains_key(&key(1));
                    // Dests go and come with their service.
                    let along = matches!(object, Object::Dest(..)) && !serviced(&wanted)
                        || !serviced(&found);
                    if !serviced(&believed) || (was != want && !along) {
                        assert_eq!(after.get(object), want, "{object} is brought about");
                    } else if !along {
                        assert_eq!(after.get(object), have, "{object} is left alone");
                    }
                }
                // The same, seen again: nothing is told twice, nothing is done.
                let after = done(&found, &seen.steps);
                let again = drift.look(diff(&after, &wanted), &after, NOW);
                assert_eq!((again.steps, again.noted.left), (vec![], vec![]));
                assert_eq!(drift.pass(diff(&after, &wanted)), []);
                // And once it is right it is told once.
                let left = drift.left_alone();
                let righted = drift.look(vec![], &after, NOW).noted.righted;
                assert_eq!(righted.len(), left);
                assert_eq!(drift.left_alone(), 0);
            }
        }
    }
}

#[test]
fn a_new_wish_about_what_is_left_alone_is_brought_about() {
    let right = Table::from([(key(1), service(&Scheduler::Rr, &[(50, 1), (51, 1)]))]);
    let wrong = Table::from([(key(1), service(&Scheduler::Rr, &[(50, 9), (51, 9)]))]);
    let mut drift = Drift::hands_off();
    let seen = drift.look(diff(&wrong, &right), &right, NOW);
    assert_eq!((seen.steps.len(), seen.noted.left.len()), (0, 2));
    let wish = Table::from([(key(1), service(&Scheduler::Rr, &[(50, 0), (51, 1)]))]);
    let steps = drift.pass(diff(&wrong, &wish));
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].dest(), Some(endpoint(50)));
    assert_eq!(drift.left_alone(), 1);
    // A file read anew is brought about whole.
    drift.renew();
    assert_eq!(drift.pass(diff(&wrong, &wish)).len(), 2);
}

#[test]
fn an_absent_service_is_one_thing_that_is_left_alone_with_its_dests() {
    let right = Table::from([(key(1), service(&Scheduler::Rr, &[(50, 1), (51, 1)]))]);
    let mut drift = Drift::hands_off();
    let seen = drift.look(diff(&Table::new(), &right), &right, NOW);
    assert_eq!((seen.steps.len(), seen.noted.left.len()), (0, 1));
    // A verdict about one of its servers has nowhere to go.
    let wish = Table::from([(key(1), service(&Scheduler::Rr, &[(50, 0), (51, 1)]))]);
    assert_eq!(drift.pass(diff(&Table::new(), &wish)), []);
    // Somebody adds it again, without its servers: that is still not what we left.
    let empty = Table::from([(key(1), service(&Scheduler::Rr, &[]))]);
    let seen = drift.look(diff(&empty, &right), &Table::new(), NOW);
    assert_eq!(seen.steps, []);
    assert_eq!(seen.noted.righted, [Object::Service(key(1))]);
    assert_eq!(seen.noted.left.len(), 2);
}

/// One thing that happens to an object, after so many seconds.
enum Event {
    /// It is found changed and ruled on so.
    Found(Ruling),
    /// The fights that are over.
    Over(usize),
}

fn play(story: &[(u64, Event)]) {
    let object = Object::Service(key(1));
    let mut fights = Fights::default();
    let mut now = NOW;
    for (nth, (after, event)) in story.iter().enumerate() {
        now = now + SECOND * u32::try_from(*after).unwrap();
        match event {
            Event::Found(want) => assert_eq!(fights.rule(object, now), *want, "event {nth}"),
            Event::Over(want) => assert_eq!(fights.over(now).len(), *want, "event {nth}"),
        }
    }
}

const REPAIR: Event = Event::Found(Ruling::Repair);
const WAIT: Event = Event::Found(Ruling::Wait);

const fn yields(repairs: u32, minutes: u64) -> Event {
    Event::Found(Ruling::Yield {
        repairs,
        wait: Duration::from_mins(minutes),
    })
}

#[test]
fn a_mistake_now_and_then_is_repaired_for_ever() {
    let mut story = Vec::new();
    for _ in 0..40 {
        // Five within ten minutes, and never a sixth.
        story.push((121, REPAIR));
        story.push((0, Event::Over(0)));
    }
    play(&story);
}

#[test]
fn whoever_changes_it_again_and_again_is_left_alone_for_longer_and_longer() {
    play(&[
        (0, REPAIR),
        (3, REPAIR),
        (3, REPAIR),
        (3, REPAIR),
        (3, REPAIR),
        (3, yields(5, 1)),
        (3, WAIT),
        (56, WAIT),
        (1, REPAIR),
        (3, yields(6, 2)),
        (119, WAIT),
        (1, REPAIR),
        (3, yields(7, 4)),
        (240, REPAIR),
        (3, yields(8, 8)),
        (480, REPAIR),
        (3, yields(9, 10)),
        (600, REPAIR),
        (3, yields(10, 10)),
        (0, Event::Over(0)),
    ]);
}

#[test]
fn a_fight_is_over_when_a_repair_has_held() {
    let mut story: Vec<(u64, Event)> = (0..5).map(|_| (3, REPAIR)).collect();
    story.extend([
        (3, yields(5, 1)),
        (60, REPAIR),
        (599, Event::Over(0)),
        (1, Event::Over(1)),
        (0, Event::Over(0)),
    ]);
    // And whoever comes back is a mistake again.
    story.extend((0..5).map(|_| (3, REPAIR)));
    story.push((3, yields(5, 1)));
    play(&story);
}

#[test]
fn one_object_that_is_fought_for_says_nothing_of_others() {
    let mut fights = Fights::default();
    let (one, other) = (Object::Service(key(1)), Object::Service(key(2)));
    for _ in 0..6 {
        fights.rule(one, NOW);
    }
    assert_eq!(fights.rule(one, NOW + SECOND), Ruling::Wait);
    assert_eq!(fights.rule(other, NOW + SECOND), Ruling::Repair);
}

#[test]
fn what_is_fought_for_is_left_as_it_is_found_and_the_rest_repaired() {
    let right = Table::from([
        (key(1), service(&Scheduler::Rr, &[(50, 1)])),
        (key(2), service(&Scheduler::Rr, &[(50, 1)])),
    ]);
    let mut wrong = right.clone();
    wrong.insert(key(1), service(&Scheduler::Rr, &[(50, 9)]));
    let mut drift = Drift::default();
    let mut now = NOW;
    for _ in 0..5 {
        let seen = drift.look(diff(&wrong, &right), &right, now);
        assert_eq!((seen.steps.len(), seen.noted.fights.len()), (1, 0));
        now = now + SECOND;
    }
    let seen = drift.look(diff(&wrong, &right), &right, now);
    assert_eq!((seen.steps.len(), seen.noted.fights.len()), (0, 1));
    assert_eq!(seen.noted.fights[0].repairs, 5);
    assert_eq!(seen.noted.fights[0].wait, MINUTE);
    // While that lasts another object is repaired.
    let believed = wrong.clone();
    wrong.remove(&key(2));
    let seen = drift.look(diff(&wrong, &right), &believed, now);
    assert_eq!(seen.steps.len(), 2, "the service and its server");
    assert_eq!(seen.repairs.len(), 2);
    // A verdict about the fought one is written all the same.
    let wish = Table::from([(key(1), service(&Scheduler::Rr, &[(50, 0)]))]);
    let have = Table::from([(key(1), service(&Scheduler::Rr, &[(50, 9)]))]);
    assert_eq!(drift.pass(diff(&have, &wish)).len(), 1);
}

#[test]
fn a_service_that_is_removed_again_and_again_is_one_fight() {
    let right = Table::from([(key(1), service(&Scheduler::Rr, &[(50, 1), (51, 1)]))]);
    let mut drift = Drift::default();
    for _ in 0..5 {
        let seen = drift.look(diff(&Table::new(), &right), &right, NOW);
        assert_eq!(seen.steps.len(), 3);
    }
    let seen = drift.look(diff(&Table::new(), &right), &right, NOW);
    assert_eq!((seen.steps.len(), seen.noted.fights.len()), (0, 1));
    let seen = drift.look(diff(&Table::new(), &right), &Table::new(), NOW + MINUTE);
    assert_eq!((seen.steps.len(), seen.noted.fights.len()), (3, 0));
}
