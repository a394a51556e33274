//! Laws that hold after any history, drawn from a small universe.

use std::collections::BTreeMap;
use std::time::Duration;

use lvsctl::health::{Care, FailedServers, Verdict, Weighing};
use lvsctl::model::check::Policy;
use lvsctl::model::director::Director;
use lvsctl::model::limits::Weight;
use lvsctl::model::quorum::Quorum;
use lvsctl::model::server::{VirtualServer, VirtualServerDetails};

use super::given::{
    LOOP, POLICY, Stage, check, director, endpoint, failed, real, sorry, virtual_server,
};
use super::random::Random;

/// Histories, and events in each.
const SAMPLE: (u64, usize) = (400, 60);
const SOAK: (u64, usize) = (40_000, 120);

fn a_virtual_server(random: &mut Random, last: u8) -> VirtualServer {
    let mut servers: Vec<u8> = vec![50, 51, 52];
    random.shuffle(&mut servers);
    servers.truncate(1 + random.below(3));
    let real_servers = servers.into_iter().map(|last| {
        let policy = Policy {
            retry: random.one_of(&[0, 1, 3]),
            alpha: random.once_in(3),
            delay_loop: random.one_of(&[LOOP, LOOP * 2]),
            ..POLICY
        };
        let mut real = real(last, policy);
        real.inhibit = random.once_in(4);
        real.weight = Weight::new(random.one_of(&[0, 1, 3])).unwrap();
        if random.once_in(3) {
            real.checks.push(check(60, policy));
        }
        if random.once_in(6) {
            real.checks.clear();
        }
        real
    });
    let mut server = virtual_server(last, real_servers.collect());
    server.quorum = Quorum {
        minimum: random.one_of(&[1, 2, 4]),
        hysteresis: random.one_of(&[0, 1]),
    };
    server.sorry = random
        .one_of(&[None, Some(false), Some(true)])
        .map(|inhibit| sorry(99, inhibit));
    server.details = random.once_in(4).then(|| {
        Box::new(VirtualServerDetails {
            ha_suspend: true,
            ..VirtualServerDetails::default()
        })
    });
    server
}

fn a_director(random: &mut Random) -> Director {
    let servers = (1..=2).map(|last| a_virtual_server(random, last));
    let mut servers: Vec<VirtualServer> = servers.collect();
    if random.once_in(4) {
        servers.pop();
    }
    director(servers)
}

fn some_care(random: &mut Random) -> Care {
    Care {
        slow_start: random.once_in(4).then_some(Duration::from_secs(5)),
        hold_down: random.once_in(4).then_some(Duration::from_secs(15)),
        panic_threshold: random.once_in(4).then_some(50),
    }
}

fn an_event(random: &mut Random, stage: &mut Stage) {
    let due = stage.asked.iter().min_by_key(|(_, (_, at))| *at);
    let due = due.map(|(id, (_, at))| (*id, *at));
    match (random.below(12), due) {
        (0, _) => stage.reload(&a_director(random)),
        (1, _) => {
            let here = random.one_of(&[vec![], vec![1], vec![1, 2]]);
            stage.addresses(&here);
        }
        (2, _) => stage.wait(Duration::from_secs(7)),
        (_, Some((id, at))) => {
            let verdict = match random.below(8) {
                0 => Verdict::Weighed(Weighing::Instead(random.one_of(&[0, 2, 9]))),
                1 => Verdict::Weighed(Weighing::Plus(random.one_of(&[-2, 5]))),
                2 => Verdict::Unasked("no socket".to_owned()),
                3..5 => failed(),
                _ => Verdict::Passed,
            };
            stage.wait(at.since(stage.now));
            if let Some(outcome) = stage.board.answer(id, &verdict, stage.now, stage.now) {
                stage.take(outcome);
            }
        }
        (_, None) => stage.wait(LOOP),
    }
}

/// Every server that is up serves, and no other; the sorry server serves where it must.
fn the_table_is_as_the_verdicts_say(stage: &Stage, care: Care) {
    let director = stage.board.director();
    let now = (&stage.board, stage.now);
    let removing = lvsctl::health::desired(director, FailedServers::Remove, &now);
    let quiescing = lvsctl::health::desired(director, FailedServers::Weight0, &now);
    for server in &director.virtual_servers {
        let key = server.keys[0];
        let pool = &removing[&key].pool;
        let gentle = &quiescing[&key].pool;
        let sorry_serves = pool.get(&endpoint(99)).is_some_and(|d| d.weight.get() > 0);
        for real in &server.real_servers {
            let dest = real.dest(&key);
            let up = stage.board.standing(&key, &dest).unwrap().up;
            let weight = pool.get(&dest).map(|dest| dest.weight.get());
            assert!(gentle.contains(&dest), "with weight 0 everybody stays");
            if sorry_serves {
                assert_eq!(weight, real.inhibit.then_some(0), "sorry alone serves");
            } else if care.panic_threshold.is_none() {
                assert_eq!(weight.is_some(), up || real.inhibit);
            }
        }
        let serve =
            |pool: &lvsctl::model::table::Pool| pool.iter().any(|(_, dest)| dest.weight.get() > 0);
        assert_eq!(serve(pool), serve(gentle), "both ways agree on who serves");
        if server.sorry.is_some() {
            assert!(serve(pool), "with a sorry server somebody serves");
        }
    }
}

/// What each event is said to reach is all that it changes.
fn parts_make_the_whole(stage: &Stage) {
    let director = stage.board.director();
    for (failed, patched) in &stage.patched {
        let whole = lvsctl::health::desired(director, *failed, &(&stage.board, stage.now));
        assert_eq!(*patched, whole);
    }
}

/// Each check that anybody waits for is asked, once, and no other.
fn everything_is_asked_once(stage: &Stage) {
    let mut questions = BTreeMap::new();
    for (question, _) in stage.asked.values() {
        *questions.entry(question.probe.clone()).or_insert(0_usize) += 1;
    }
    let rhythms = 2;
    assert!(questions.values().all(|times| *times <= rhythms));
    for server in &stage.board.director().virtual_servers {
        let suspends = server.details.as_ref().is_some_and(|d| d.ha_suspend);
        let checks = server.real_servers.iter().flat_map(|real| &real.checks);
        for check in checks.filter(|_| !suspends) {
            assert!(
                questions.contains_key(&check.probe),
                "{} is not asked",
                check.probe
            );
        }
    }
}

/// A restart with what is remembered makes the same table.
fn a_restart_changes_nothing(stage: &Stage, random: &mut Random) {
    let director = stage.board.director();
    let memory = stage.memory();
    let left = random.one_of(&[FailedServers::Remove, FailedServers::Weight0]);
    let again = Stage::after(stage, left);
    for failed in [FailedServers::Remove, FailedServers::Weight0] {
        let of =
            |stage: &Stage| lvsctl::health::desired(director, failed, &(&stage.board, stage.now));
        assert_eq!(of(&again), of(stage));
    }
    assert_eq!(again.memory(), memory);
}

#[test]
fn any_history_leaves_a_table_that_its_verdicts_explain() {
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let (histories, events) = if soak { SOAK } else { SAMPLE };
    let first = std::env::var("LVSCTL_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("seeds {first} to {}", first + histories - 1);
    for seed in first..first + histories {
        let random = &mut Random::new(seed);
        let care = some_care(random);
        let mut stage = Stage::careful(&a_director(random), care);
        for event in 0..events {
            an_event(random, &mut stage);
            let laws = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                the_table_is_as_the_verdicts_say(&stage, care);
                everything_is_asked_once(&stage);
                // A slow start goes on with time, which is reached at the next tick only.
                if care.slow_start.is_none() {
                    parts_make_the_whole(&stage);
                }
                if care == Care::default() {
                    a_restart_changes_nothing(&stage, random);
                }
            }));
            assert!(laws.is_ok(), "seed {seed}, event {event}");
        }
    }
}
