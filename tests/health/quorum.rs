//! Quorum with hysteresis, and the sorry server in and out.

use std::sync::Arc;

use lvsctl::health::FailedServers;
use lvsctl::model::director::Director;
use lvsctl::model::quorum::Quorum;

use super::given::{
    POLICY, Stage, alpha, director, endpoint, real, service, sorry, virtual_server,
};

/// Three servers of weight 3; lost below 5, gained at 7.
fn guarded(sorry_server: Option<bool>) -> Director {
    let servers = [50, 51, 52].map(|last| real(last, POLICY));
    let mut server = virtual_server(1, servers.into());
    server.quorum = Quorum {
        minimum: 6,
        hysteresis: 1,
    };
    server.sorry = sorry_server.map(|inhibit| sorry(99, inhibit));
    director(vec![server])
}

#[test]
fn a_quorum_is_news_where_it_turns() {
    let mut stage = Stage::cold(&guarded(None));
    assert_eq!(stage.news(), ["VS UP 9"]);
    stage.fell(50);
    assert_eq!(stage.news(), ["RS 50 DOWN"], "6 is enough to keep it");
    stage.fell(51);
    assert_eq!(stage.news(), ["RS 51 DOWN", "VS DOWN 3"]);
    stage.pass(51);
    assert_eq!(stage.news(), ["RS 51 UP"], "6 is not enough to regain it");
    stage.pass(50);
    assert_eq!(stage.news(), ["RS 50 UP", "VS UP 9"]);
}

#[test]
fn without_a_sorry_server_the_rest_goes_on_serving() {
    let mut stage = Stage::cold(&guarded(None));
    stage.fell(50);
    stage.fell(51);
    assert_eq!(stage.pool(FailedServers::Remove), [(52, 3)]);
    assert_eq!(
        stage.pool(FailedServers::Weight0),
        [(50, 0), (51, 0), (52, 3)]
    );
}

/// Whether the sorry server inhibits; the pool with removal, before and with the quorum lost, and
/// with weight 0.
type SorryCase<'a> = (bool, [&'a [(u8, u32)]; 4]);

#[test]
fn a_sorry_server_takes_the_place_of_all_the_others() {
    let cases: [SorryCase<'_>; 2] = [
        (
            false,
            [
                &[(50, 3), (51, 3), (52, 3)],
                &[(99, 1)],
                &[(50, 3), (51, 3), (52, 3)],
                &[(50, 0), (51, 0), (52, 0), (99, 1)],
            ],
        ),
        (
            true,
            [
                &[(50, 3), (51, 3), (52, 3), (99, 0)],
                &[(99, 1)],
                &[(50, 3), (51, 3), (52, 3), (99, 0)],
                &[(50, 0), (51, 0), (52, 0), (99, 1)],
            ],
        ),
    ];
    for (inhibit, [removing, removed, quiescing, quiesced]) in cases {
        let mut stage = Stage::cold(&guarded(Some(inhibit)));
        for _ in 0..2 {
            assert_eq!(stage.pool(FailedServers::Remove), removing);
            assert_eq!(stage.pool(FailedServers::Weight0), quiescing);
            stage.fell(50);
            stage.fell(51);
            assert_eq!(stage.pool(FailedServers::Remove), removed);
            assert_eq!(stage.pool(FailedServers::Weight0), quiesced);
            stage.pass(51);
            assert_eq!(
                stage.pool(FailedServers::Remove),
                removed,
                "not yet regained"
            );
            stage.pass(50);
        }
    }
}

#[test]
fn a_cold_start_without_quorum_is_news_only_with_a_sorry_server() {
    for (sorry_server, news) in [(Some(false), vec!["VS DOWN 0"]), (None, vec![])] {
        let mut director = guarded(sorry_server);
        let server = Arc::make_mut(&mut director.virtual_servers[0]);
        for real in &mut server.real_servers {
            real.checks[0].policy = Arc::new(alpha());
        }
        let mut stage = Stage::cold(&director);
        assert_eq!(stage.news(), news);
    }
}

#[test]
fn a_weight_is_explained_by_what_decides_it() {
    let mut stage = Stage::cold(&guarded(Some(false)));
    let why = |stage: &Stage, last| {
        let reason = stage.board.reason(&service(1), &endpoint(last));
        reason.map(|(reason, _)| reason)
    };
    assert_eq!(why(&stage, 52).as_deref(), Some("not yet checked"));
    assert_eq!(
        why(&stage, 99).as_deref(),
        Some("sorry server: the quorum is there")
    );
    assert_eq!(why(&stage, 7), None);
    stage.fell(50);
    stage.fell(51);
    assert_eq!(
        why(&stage, 99).as_deref(),
        Some("sorry server: the quorum is lost")
    );
    let alone = "quorum lost: the sorry server serves alone";
    assert_eq!(why(&stage, 52).as_deref(), Some(alone));
    assert!(why(&stage, 50).unwrap().starts_with("connection refused"));
}
