//! Slow start, hold-down and the guard of a pool: all off unless asked for.

use std::time::Duration;

use lvsctl::health::{Care, FailedServers};
use lvsctl::model::limits::Weight;

use super::given::{LOOP, POLICY, Stage, director, real, virtual_server};

const SECOND: Duration = Duration::from_secs(1);

fn pool_of(count: u8, care: Care) -> Stage {
    let servers = (0..count).map(|n| real(50 + n, POLICY));
    let director = director(vec![virtual_server(1, servers.collect())]);
    let mut stage = Stage::careful(&director, care);
    for n in 0..count {
        stage.pass(50 + n);
    }
    stage.said();
    stage
}

#[test]
fn a_returning_server_starts_slowly() {
    let care = Care {
        slow_start: Some(SECOND * 4),
        ..Care::default()
    };
    let mut server = real(50, POLICY);
    server.weight = Weight::new(8).unwrap();
    let director = director(vec![virtual_server(1, vec![server])]);
    let mut stage = Stage::careful(&director, care);
    stage.pass(50);
    let weight = |stage: &Stage| stage.pool(FailedServers::Weight0)[0].1;
    assert_eq!(weight(&stage), 8, "a start is no return");
    stage.fell(50);
    stage.pass(50);
    assert_eq!(stage.news().last().map(String::as_str), Some("VS UP 8"));
    let mut seen = vec![weight(&stage)];
    for _ in 0..5 {
        stage.wait(SECOND);
        seen.push(weight(&stage));
    }
    assert_eq!(seen, [2, 4, 6, 8, 8, 8]);
    assert_eq!(stage.board.next_tick(), None);
}

#[test]
fn a_flapping_server_waits_twice_as_long_each_time() {
    let hold = SECOND * 20;
    let care = Care {
        hold_down: Some(hold),
        ..Care::default()
    };
    let mut stage = pool_of(1, care);
    let mut waited = Vec::new();
    for _ in 0..8 {
        stage.fell(50);
        stage.pass(50);
        let since = stage.now;
        while !stage.is_up(50) {
            let next = stage.board.next_tick().expect("it waits for something");
            stage.wait(next.since(stage.now));
        }
        waited.push(stage.now.since(since).as_secs());
    }
    assert_eq!(waited, [20, 40, 80, 160, 320, 640, 640, 640]);
    stage.wait(hold * 16);
    stage.fell(50);
    stage.pass(50);
    assert!(stage.is_up(50), "it had settled");
}

#[test]
fn a_failure_during_the_hold_down_starts_it_again() {
    let care = Care {
        hold_down: Some(SECOND * 15),
        ..Care::default()
    };
    let mut stage = pool_of(1, care);
    stage.fell(50);
    stage.pass(50);
    assert!(!stage.is_up(50));
    assert!(stage.standing(50).1.contains("held down"));
    stage.fell(50);
    stage.wait(SECOND * 20);
    assert!(!stage.is_up(50));
    stage.pass(50);
    stage.wait(SECOND * 14);
    assert!(!stage.is_up(50));
    stage.wait(SECOND);
    assert_eq!(stage.news().last().map(String::as_str), Some("VS UP 3"));
}

#[test]
fn a_pool_that_fails_at_once_is_frozen_as_it_is() {
    let care = Care {
        panic_threshold: Some(50),
        ..Care::default()
    };
    let mut stage = pool_of(4, care);
    for last in [50, 51] {
        stage.fell(last);
    }
    assert_eq!(stage.pool(FailedServers::Remove), [(52, 3), (53, 3)]);
    stage.said();
    stage.fell(52);
    stage.fell(53);
    let said = stage.said();
    assert!(
        said.contains(&"Frozen { failed: 3, of: 4 }".to_owned()),
        "{said:?}"
    );
    assert!(!said.iter().any(|line| line.starts_with("VS")), "{said:?}");
    assert_eq!(stage.pool(FailedServers::Remove), [(52, 3), (53, 3)]);
    stage.pass(52);
    assert_eq!(
        stage.said().last().map(String::as_str),
        Some("check 0 of 52 UP")
    );
    stage.pass(50);
    assert!(stage.said().contains(&"Thawed".to_owned()));
    assert_eq!(stage.pool(FailedServers::Remove), [(50, 3), (52, 3)]);
}

#[test]
fn servers_that_fail_one_after_the_other_are_no_panic() {
    let care = Care {
        panic_threshold: Some(50),
        ..Care::default()
    };
    let mut stage = pool_of(4, care);
    for last in [50, 51, 52, 53] {
        stage.fell(last);
        stage.wait(LOOP * 2);
    }
    assert_eq!(stage.pool(FailedServers::Remove), []);
}
