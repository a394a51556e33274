//! From answers to verdicts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lvsctl::health::{Found, Verdict};
use lvsctl::model::check::{Http, HttpVersion, Policy, ProbeKind, Smtp, StatusSet, Url};

use super::given::{
    LOOP, POLICY, SOON, START, Stage, alpha, check, director, failed, real, virtual_server,
};

#[test]
fn a_server_starts_as_the_kernel_has_it() {
    let cases = [
        ("missing is trusted", Found::Absent, POLICY, true),
        ("missing with alpha waits", Found::Absent, alpha(), false),
        ("serving goes on", Found::Serving, POLICY, true),
        ("with alpha too", Found::Serving, alpha(), true),
        (
            "weight 0 is down until checked",
            Found::Quiesced,
            POLICY,
            false,
        ),
        ("with alpha likewise", Found::Quiesced, alpha(), false),
    ];
    for (why, found, policy, up) in cases {
        let director = director(vec![virtual_server(1, vec![real(50, policy)])]);
        assert_eq!(Stage::found(&director, found).is_up(50), up, "{why}");
    }
}

#[test]
fn a_server_without_checks_is_up_however_it_was_found() {
    let mut unchecked = real(50, POLICY);
    unchecked.checks.clear();
    let director = director(vec![virtual_server(1, vec![unchecked])]);
    for found in [Found::Absent, Found::Serving, Found::Quiesced] {
        let stage = Stage::found(&director, found);
        assert_eq!(stage.standing(50), (true, "has no check".to_owned()));
        assert!(stage.asked.is_empty());
    }
    let checked = self::director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let mut stage = Stage::found(&checked, Found::Serving);
    stage.reload(&director);
    assert_eq!(stage.standing(50), (true, "has no check".to_owned()));
    stage.reload(&checked);
    assert_eq!(stage.standing(50), (true, "not yet checked".to_owned()));
}

#[test]
fn a_dead_server_leaves_after_one_loop_and_one_retry() {
    let director = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let mut stage = Stage::cold(&director);
    assert_eq!(stage.probe_of(50).1, START + Duration::from_secs(1));
    assert_eq!(stage.said(), ["VS UP 3"]);

    assert_eq!(stage.pass(50), LOOP);
    assert_eq!(stage.fail(50), SOON);
    assert_eq!(stage.said(), [""; 0]);
    assert_eq!(stage.fail(50), LOOP, "a down server keeps its usual rhythm");
    let want = [
        "50 down: connection refused (attempt 2 of 2)",
        "RS 50 DOWN",
        "VS DOWN 0",
        "check 0 of 50 DOWN",
    ];
    assert_eq!(stage.said(), want);
    assert_eq!(stage.fail(50), LOOP);
    assert_eq!(stage.said(), [""; 0]);
    stage.pass(50);
    let want = [
        "50 up: check passed",
        "RS 50 UP",
        "VS UP 3",
        "check 0 of 50 UP",
    ];
    assert_eq!(stage.said(), want);
}

#[test]
fn the_first_failure_of_a_trusted_server_decides() {
    let patient = Policy { retry: 5, ..POLICY };
    let director = director(vec![virtual_server(1, vec![real(50, patient)])]);
    let mut stage = Stage::cold(&director);
    stage.fail(50);
    let reason = "connection refused (attempt 1 of 1)".to_owned();
    assert_eq!(stage.standing(50), (false, reason));
}

#[test]
fn an_alpha_server_that_fails_at_first_goes_down_once_though_it_was_never_up() {
    let director = director(vec![virtual_server(1, vec![real(50, alpha())])]);
    let mut stage = Stage::cold(&director);
    assert_eq!(stage.said(), [""; 0], "no quorum, no sorry server: no news");
    stage.fail(50);
    stage.fail(50);
    assert_eq!(stage.said(), ["RS 50 DOWN"]);
    let reason = "connection refused (first check)".to_owned();
    assert_eq!(stage.standing(50), (false, reason));
    stage.pass(50);
    assert_eq!(stage.news(), ["RS 50 UP", "VS UP 3"]);
}

#[test]
fn a_mail_server_has_its_retries_from_the_start() {
    let mut server = real(50, POLICY);
    Arc::make_mut(&mut server.checks[0].probe).kind = ProbeKind::Smtp(Arc::new(Smtp {
        helo: "example".into(),
    }));
    let director = director(vec![virtual_server(1, vec![server])]);
    let mut stage = Stage::cold(&director);
    assert_eq!(stage.fail(50), SOON);
    assert!(stage.is_up(50));
    stage.fail(50);
    assert!(!stage.is_up(50));
}

#[test]
fn a_script_is_due_from_its_start() {
    let mut server = real(50, POLICY);
    let script = lvsctl::model::script::Script::new(vec!["/bin/true".into()], None, None);
    Arc::make_mut(&mut server.checks[0].probe).kind =
        ProbeKind::Misc(Arc::new(lvsctl::model::check::Misc {
            script: script.unwrap(),
            dynamic: false,
        }));
    let director = director(vec![virtual_server(1, vec![server])]);
    let mut stage = Stage::cold(&director);
    let (id, due) = stage.probe_of(50);
    for (took, wait) in [(4, 6), (15, 0)] {
        let end = due + Duration::from_secs(took);
        let outcome = stage.board.answer(id, &Verdict::Passed, due, end).unwrap();
        stage.take(outcome);
        let next = stage.probe_of(50).1;
        assert_eq!(next, end + Duration::from_secs(wait), "it took {took} s");
    }
}

#[test]
fn a_fault_of_this_host_changes_no_verdict() {
    let director = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    for found in [Found::Serving, Found::Quiesced] {
        let mut stage = Stage::found(&director, found);
        let up = stage.is_up(50);
        stage.said();
        for _ in 0..10 {
            let wait = stage.answer(50, &Verdict::Unasked("cannot bind".to_owned()));
            assert_eq!(wait, LOOP);
        }
        assert_eq!(stage.said(), [""; 0]);
        assert_eq!(stage.is_up(50), up);
    }
}

#[test]
fn one_question_is_asked_once_and_each_subscriber_has_its_own_patience() {
    let stubborn = Policy {
        retry: 3,
        delay_before_retry: Duration::from_secs(4),
        ..POLICY
    };
    let director = director(vec![
        virtual_server(1, vec![real(50, POLICY)]),
        virtual_server(2, vec![real(50, stubborn)]),
    ]);
    let mut stage = Stage::found(&director, Found::Serving);
    assert_eq!(stage.asked.len(), 1);
    stage.pass(50);
    let first_failure = stage.probe_of(50).1;
    let mut evicted = BTreeMap::new();
    for _ in 0..20 {
        let (id, due) = stage.probe_of(50);
        let outcome = stage.board.answer(id, &failed(), due, due).unwrap();
        for shift in &outcome.shifts {
            evicted.insert(shift.server.virtual_server.to_string(), due);
        }
        stage.take(outcome);
    }
    let waited: Vec<Duration> = evicted.values().map(|at| at.since(first_failure)).collect();
    assert_eq!(waited, [SOON, Duration::from_secs(3 * 4)]);
}

#[test]
fn another_rhythm_is_another_probe() {
    let slow = Policy {
        delay_loop: LOOP * 2,
        ..POLICY
    };
    let director = director(vec![
        virtual_server(1, vec![real(50, POLICY)]),
        virtual_server(2, vec![real(50, slow)]),
    ]);
    assert_eq!(Stage::cold(&director).asked.len(), 2);
}

#[test]
fn all_checks_of_a_server_must_pass() {
    let mut twice = real(50, POLICY);
    twice.checks.push(check(51, POLICY));
    let director = director(vec![virtual_server(1, vec![twice])]);
    let mut stage = Stage::found(&director, Found::Quiesced);
    stage.pass(50);
    assert!(!stage.is_up(50), "one of two is not enough");
    stage.pass(51);
    assert!(stage.is_up(50));
    stage.fell(51);
    assert!(!stage.is_up(50));
    stage.fell(50);
    stage.said();
    stage.pass(51);
    assert_eq!(
        stage.said(),
        ["check 1 of 50 UP"],
        "a check alone is mail only"
    );
}

fn pages(count: usize, fast_recovery: bool, policy: Policy) -> Stage {
    let url = Url {
        path: "/".into(),
        virtualhost: None,
        server_name: None,
        tls_compliant: false,
        status: StatusSet::default(),
        digest: None,
        regex: None,
    };
    let mut server = real(50, policy);
    Arc::make_mut(&mut server.checks[0].probe).kind = ProbeKind::Http(Arc::new(Http {
        tls: false,
        version: HttpVersion::default(),
        fast_recovery,
        urls: vec![url; count].into(),
    }));
    Stage::cold(&director(vec![virtual_server(1, vec![server])]))
}

fn page(stage: &Stage) -> usize {
    stage.asked.values().next().unwrap().0.page
}

#[test]
fn pages_are_asked_one_a_loop_and_all_must_pass() {
    let mut stage = pages(3, false, alpha());
    for (asked, up) in [(0, false), (1, false), (2, true), (0, true), (1, true)] {
        assert_eq!(page(&stage), asked);
        assert_eq!(stage.pass(50), LOOP);
        assert_eq!(stage.is_up(50), up, "after page {asked}");
    }
    assert_eq!(stage.fail(50), SOON);
    assert_eq!(page(&stage), 2, "the same page again");
    stage.fail(50);
    assert!(!stage.is_up(50));
    for (asked, up) in [(2, false), (0, false), (1, false), (2, true)] {
        assert_eq!(page(&stage), asked);
        stage.pass(50);
        assert_eq!(stage.is_up(50), up, "after page {asked}");
    }
}

#[test]
fn fast_recovery_leaves_the_pauses_out() {
    let mut stage = pages(2, true, alpha());
    assert_eq!(stage.pass(50), Duration::ZERO);
    assert_eq!(stage.pass(50), LOOP);
    stage.fell(50);
    assert_eq!(stage.pass(50), Duration::ZERO, "the failed page is back");
    assert_eq!(stage.pass(50), Duration::ZERO);
    assert_eq!(stage.pass(50), LOOP);
    assert!(stage.is_up(50));
}

#[test]
fn a_down_web_server_is_left_alone_for_the_longer_of_its_delays() {
    let policy = Policy {
        delay_before_retry: LOOP * 3,
        ..POLICY
    };
    let mut stage = pages(1, false, policy);
    assert_eq!(stage.fail(50), LOOP * 3);
}
