//! What a reload keeps.

use std::sync::Arc;
use std::time::Duration;

use lvsctl::health::Found;
use lvsctl::model::check::Policy;
use lvsctl::model::limits::Weight;
use lvsctl::model::quorum::Quorum;

use super::given::{
    LOOP, POLICY, SOON, Stage, alpha, check, director, endpoint, failed, real, virtual_server,
};

#[test]
fn a_reload_of_an_unchanged_file_orders_and_says_nothing() {
    let director = director(vec![
        virtual_server(1, vec![real(50, POLICY), real(51, alpha())]),
        virtual_server(2, vec![real(50, POLICY)]),
    ]);
    let mut stage = Stage::cold(&director);
    stage.pass(50);
    stage.fail(51);
    stage.said();
    for _ in 0..3 {
        stage.reload(&director);
        assert_eq!(stage.orders, 0);
        assert_eq!(stage.said(), [""; 0]);
        assert!(stage.is_up(50) && !stage.is_up(51));
        stage.wait(SOON);
    }
}

/// It would be in memory twice until the next one comes.
#[test]
fn nothing_is_left_of_a_director_that_an_equal_one_replaced() {
    let of = || director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let first = of();
    let probe = Arc::downgrade(&first.virtual_servers[0].real_servers[0].checks[0].probe);
    let mut stage = Stage::cold(&first);
    drop(first);
    stage.reload(&of());
    assert_eq!(stage.orders, 0);
    stage.pass(50);
    assert!(probe.upgrade().is_none());
}

#[test]
fn failures_are_counted_on_over_a_reload() {
    let director = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let mut stage = Stage::cold(&director);
    stage.pass(50);
    stage.fail(50);
    stage.reload(&director);
    stage.fail(50);
    assert!(!stage.is_up(50));
}

#[test]
fn less_patience_counts_at_once() {
    let patient = Policy { retry: 5, ..POLICY };
    let of = |policy| director(vec![virtual_server(1, vec![real(50, policy)])]);
    let mut stage = Stage::cold(&of(patient));
    stage.pass(50);
    for _ in 0..4 {
        stage.fail(50);
    }
    stage.reload(&of(POLICY));
    assert!(stage.is_up(50), "no reload takes a server away");
    stage.fail(50);
    assert!(!stage.is_up(50));
}

#[test]
fn a_reload_moves_no_server_whose_check_changed() {
    let before = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let mut changed = real(50, POLICY);
    changed.checks = vec![check(99, POLICY)];
    let after = director(vec![virtual_server(1, vec![changed])]);
    for down in [false, true] {
        let mut stage = Stage::found(&before, Found::Serving);
        let (old, at) = stage.probe_of(50);
        if down {
            stage.fail(50);
        }
        stage.said();
        stage.reload(&after);
        assert_eq!(stage.is_up(50), !down);
        assert_eq!(stage.said(), [""; 0]);
        let (new, _) = stage.probe_of(99);
        assert_ne!(new, old, "the old question is cancelled, the new one asked");
        assert_eq!(stage.asked.len(), 1);
        let heard = stage.board.answer(old, &failed(), at, at);
        assert!(heard.is_none(), "nobody listens to the old");
    }
}

#[test]
fn a_new_rhythm_keeps_the_verdict_and_is_no_later_than_it_says() {
    let slow = Policy {
        delay_loop: LOOP * 6,
        ..POLICY
    };
    let of = |policy| director(vec![virtual_server(1, vec![real(50, policy)])]);
    let mut stage = Stage::cold(&of(slow));
    stage.fail(50);
    stage.reload(&of(POLICY));
    assert!(!stage.is_up(50));
    assert_eq!(stage.probe_of(50).1, stage.now + LOOP);
}

#[test]
fn a_new_check_brings_no_server_down_before_it_failed() {
    let before = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let mut more = real(50, POLICY);
    more.checks.push(check(51, alpha()));
    let after = director(vec![virtual_server(1, vec![more])]);
    let mut stage = Stage::cold(&before);
    stage.pass(50);
    stage.reload(&after);
    assert!(stage.is_up(50));
    stage.fail(51);
    assert!(!stage.is_up(50), "but its first failure decides");

    let mut stage = Stage::cold(&before);
    stage.fail(50);
    stage.reload(&after);
    stage.pass(51);
    assert!(!stage.is_up(50));
    stage.pass(50);
    assert!(stage.is_up(50));
}

#[test]
fn a_new_server_with_alpha_waits_and_another_enters_at_once() {
    let before = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let servers = vec![real(50, POLICY), real(51, POLICY), real(52, alpha())];
    let after = director(vec![virtual_server(1, servers)]);
    let mut stage = Stage::cold(&before);
    stage.reload(&after);
    assert!(stage.is_up(51) && !stage.is_up(52));
}

#[test]
fn what_leaves_the_file_goes_down_with_a_word() {
    let both = vec![real(50, POLICY), real(51, POLICY)];
    let before = director(vec![
        virtual_server(1, both.clone()),
        virtual_server(2, vec![real(60, POLICY)]),
    ]);
    let mut stage = Stage::cold(&before);
    stage.said();
    stage.reload(&director(vec![virtual_server(1, vec![real(51, POLICY)])]));
    let want = [
        "RS 50 DOWN (removed)",
        "RS 60 DOWN (removed)",
        "VS DOWN 0 (removed)",
    ];
    assert_eq!(stage.news(), want);
    assert_eq!(stage.asked.len(), 1);
}

#[test]
fn a_server_that_left_while_down_returns_as_down() {
    let both = vec![real(50, POLICY), real(51, POLICY)];
    let with = director(vec![virtual_server(1, both)]);
    let without = director(vec![virtual_server(1, vec![real(51, POLICY)])]);
    let mut stage = Stage::found(&with, Found::Serving);
    stage.fail(50);
    stage.said();
    stage.reload(&without);
    assert_eq!(stage.news(), [""; 0], "it had gone down already");
    stage.reload(&with);
    assert!(!stage.is_up(50));
    assert!(stage.is_up(51));
}

#[test]
fn a_quorum_that_the_file_changes_is_weighed_anew() {
    let of = |minimum| {
        let mut server = virtual_server(1, vec![real(50, POLICY), real(51, POLICY)]);
        server.quorum = Quorum {
            minimum,
            hysteresis: 0,
        };
        director(vec![server])
    };
    let mut stage = Stage::cold(&of(1));
    stage.fell(50);
    stage.said();
    stage.reload(&of(4));
    assert_eq!(stage.news(), ["VS DOWN 3"]);
    stage.reload(&of(1));
    assert_eq!(stage.news(), ["VS UP 3"]);
}

#[test]
fn a_weight_of_the_file_is_taken_over_and_a_lost_check_lets_the_server_up() {
    let before = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let mut heavier = real(50, POLICY);
    heavier.weight = Weight::new(8).unwrap();
    heavier.checks.clear();
    let mut stage = Stage::cold(&before);
    stage.fell(50);
    stage.said();
    stage.reload(&director(vec![virtual_server(1, vec![heavier])]));
    assert_eq!(stage.said(), ["50 up: has no check", "RS 50 UP", "VS UP 8"]);
    assert_eq!(stage.asked.len(), 0);
    assert_eq!(stage.pool(lvsctl::health::FailedServers::Remove), [(50, 8)]);
}

#[test]
fn who_loses_the_check_that_failed_is_up() {
    let mut twice = real(50, POLICY);
    twice.checks.push(check(51, POLICY));
    let mut stage = Stage::cold(&director(vec![virtual_server(1, vec![twice])]));
    stage.pass(50);
    stage.fell(51);
    stage.said();
    stage.reload(&director(vec![virtual_server(1, vec![real(50, POLICY)])]));
    assert_eq!(stage.news(), ["RS 50 UP", "VS UP 3"]);
}

#[test]
fn a_warmup_delays_only_the_first_check() {
    let policy = Policy {
        warmup: Duration::from_secs(30),
        ..POLICY
    };
    let director = director(vec![virtual_server(1, vec![real(50, policy)])]);
    let mut stage = Stage::cold(&director);
    let due = stage.probe_of(50).1;
    stage.reload(&director);
    assert_eq!(stage.probe_of(50).1, due);
    assert_eq!(
        stage.asked.values().next().unwrap().0.probe.target,
        endpoint(50)
    );
}
