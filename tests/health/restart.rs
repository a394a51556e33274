//! What a restart keeps, and what a stop says.

use lvsctl::health::{Care, FailedServers, Found, Verdict, Weighing};

use lvsctl::model::server::VirtualServerDetails;

use super::given::{POLICY, Stage, alpha, director, real, sorry, virtual_server};

#[test]
fn a_restart_changes_and_says_nothing() {
    let servers = vec![real(50, POLICY), real(51, alpha()), real(52, POLICY)];
    let mut server = virtual_server(1, servers);
    server.sorry = Some(sorry(99, false));
    let director = director(vec![server]);
    let mut before = Stage::cold(&director);
    before.answer(50, &Verdict::Weighed(Weighing::Instead(7)));
    before.pass(51);
    before.fell(52);
    let memory = before.memory();
    for left in [FailedServers::Remove, FailedServers::Weight0] {
        let mut after = Stage::after(&before, left);
        assert_eq!(after.said(), [""; 0]);
        for failed in [FailedServers::Remove, FailedServers::Weight0] {
            assert_eq!(after.pool(failed), before.pool(failed), "{left:?}");
        }
        for last in [50, 51, 52] {
            assert_eq!(after.standing(last), before.standing(last));
        }
        assert_eq!(after.memory(), memory, "since when, too");
        after.fail(52);
        after.pass(51);
        assert_eq!(after.said(), [""; 0], "and no check that finds the same");
        after.fail(50);
        assert!(after.is_up(50), "retries count");
    }
}

#[test]
fn with_rs_init_notifies_who_is_up_from_the_start_is_news_once() {
    let mut director = director(vec![virtual_server(
        1,
        vec![real(50, POLICY), real(51, alpha())],
    )]);
    director.globals.init_notifies = true;
    let mut stage = Stage::cold(&director);
    assert_eq!(stage.news(), ["RS 50 UP", "VS UP 3"]);
    let memory = stage.memory();
    stage.reload(&director);
    assert_eq!(stage.news(), [""; 0]);
    let mut again = Stage::with(&director, Found::Absent, &memory, Care::default());
    assert_eq!(again.news(), [""; 0]);
}

#[test]
fn who_was_never_checked_is_still_trusted_or_waited_for_only_until_then() {
    let director = director(vec![virtual_server(
        1,
        vec![real(50, POLICY), real(51, alpha())],
    )]);
    let memory = Stage::cold(&director).memory();
    let mut after = Stage::with(&director, Found::Absent, &memory, Care::default());
    after.fail(50);
    after.fail(51);
    let said = ["RS 50 DOWN", "VS DOWN 0", "RS 51 DOWN"];
    assert_eq!(after.news(), said, "the first failure decides");
}

#[test]
fn the_kernel_is_newer_than_what_was_written_down() {
    let director = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let mut before = Stage::cold(&director);
    before.pass(50);
    let up = before.memory();
    before.fell(50);
    let down = before.memory();
    let start = |found, memory| Stage::with(&director, found, memory, Care::default());
    let mut quiesced = start(Found::Quiesced, &up);
    assert!(!quiesced.is_up(50), "it failed after the last word");
    quiesced.pass(50);
    assert!(quiesced.is_up(50));
    assert!(start(Found::Serving, &down).is_up(50), "it had come back");
    assert!(!start(Found::Absent, &down).is_up(50));
    assert!(start(Found::Absent, &up).is_up(50));
}

#[test]
fn a_quorum_lost_before_is_not_lost_again() {
    let mut server = virtual_server(1, vec![real(50, POLICY)]);
    server.sorry = Some(sorry(99, false));
    let director = director(vec![server]);
    let mut before = Stage::cold(&director);
    before.fell(50);
    let memory = before.memory();
    let mut after = Stage::with(&director, Found::Absent, &memory, Care::default());
    assert_eq!(after.said(), [""; 0]);
    assert_eq!(after.pool(FailedServers::Remove), [(99, 1)]);
    after.pass(50);
    assert_eq!(after.news(), ["RS 50 UP", "VS UP 3"]);
}

#[test]
fn a_stop_is_news_only_with_omega_and_only_for_who_was_up() {
    for omega in [false, true] {
        let mut server = virtual_server(1, vec![real(50, POLICY), real(51, POLICY)]);
        server.details = Some(Box::new(VirtualServerDetails {
            omega,
            ..VirtualServerDetails::default()
        }));
        let mut stage = Stage::cold(&director(vec![server]));
        stage.fell(50);
        stage.said();
        let want: &[&str] = if omega {
            &["RS 51 DOWN (stopping)", "VS DOWN 0 (stopping)"]
        } else {
            &[]
        };
        assert_eq!(stage.stopping(), want);
    }
}
