//! Checks that say how much a server weighs.

use lvsctl::health::{FailedServers, Verdict, Weighing};
use lvsctl::model::limits::Weight;

use super::given::{POLICY, Stage, check, director, real, virtual_server};

fn weighed(weighing: Weighing) -> Verdict {
    Verdict::Weighed(weighing)
}

fn stage() -> Stage {
    let mut server = real(50, POLICY);
    server.checks.push(check(51, POLICY));
    Stage::cold(&director(vec![virtual_server(1, vec![server])]))
}

fn weight(stage: &Stage) -> Option<u32> {
    let pool = stage.pool(FailedServers::Remove);
    pool.first().map(|(_, weight)| *weight)
}

#[test]
fn what_checks_say_is_summed_and_kept_within_bounds() {
    let mut stage = stage();
    stage.answer(50, &weighed(Weighing::Instead(10)));
    assert_eq!(weight(&stage), Some(10), "in place of the 3 of the file");
    stage.answer(51, &weighed(Weighing::Plus(5)));
    assert_eq!(weight(&stage), Some(15));
    stage.answer(51, &weighed(Weighing::Plus(-50)));
    assert_eq!(weight(&stage), Some(0), "never below 0");
    stage.answer(51, &weighed(Weighing::Plus(i64::MAX)));
    assert_eq!(weight(&stage), Some(Weight::MAX.get()));
    stage.answer(50, &weighed(Weighing::Configured));
    stage.answer(51, &weighed(Weighing::Plus(0)));
    assert_eq!(weight(&stage), Some(3));
}

#[test]
fn a_weight_is_forgotten_when_its_check_gives_up() {
    let mut stage = stage();
    stage.answer(50, &weighed(Weighing::Instead(10)));
    stage.fail(50);
    assert_eq!(
        weight(&stage),
        Some(10),
        "a failure that is forgiven changes nothing"
    );
    stage.fail(50);
    assert_eq!(weight(&stage), None);
    stage.answer(50, &weighed(Weighing::Configured));
    assert_eq!(weight(&stage), Some(3));
}

#[test]
fn a_weight_learnt_while_down_counts_when_the_server_returns() {
    let mut stage = stage();
    stage.answer(51, &weighed(Weighing::Plus(1)));
    stage.fell(50);
    stage.answer(51, &weighed(Weighing::Plus(4)));
    assert_eq!(weight(&stage), None);
    stage.pass(50);
    assert_eq!(weight(&stage), Some(7));
}

#[test]
fn no_weight_is_no_quorum() {
    let mut stage = stage();
    stage.said();
    stage.answer(50, &weighed(Weighing::Instead(0)));
    assert_eq!(stage.news(), ["VS DOWN 0"]);
    stage.answer(50, &weighed(Weighing::Instead(1)));
    assert_eq!(stage.news(), ["VS UP 1"]);
}
