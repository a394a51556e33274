#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may"
)]

//! The board of checks and the table that follows from it, driven without clock or socket.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use lvsctl::health::{
    Board, FailedServers, Found, Order, ProbeId, Server, Verdict, all_up, desired,
};
use lvsctl::model::check::{Check, Policy, Probe, ProbeKind};
use lvsctl::model::director::Director;
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::moment::Moment;
use lvsctl::model::quorum::Quorum;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::server::{RealServer, SorryServer, VirtualServer};
use lvsctl::model::service::{DestKey, Endpoint, Protocol, ServiceKey, VirtualServerKey};

const LOOP: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_secs(1);
const POLICY: Policy = Policy {
    retry: 1,
    delay_loop: LOOP,
    delay_before_retry: SOON,
    warmup: Duration::ZERO,
    alpha: false,
};
const START: Moment = Moment::from_nanos(1_000_000_000_000);

fn endpoint(last: u8) -> Endpoint {
    Endpoint::new(IpAddr::from([192, 0, 2, last]), 80)
}

fn service(last: u8) -> ServiceKey {
    ServiceKey::Address(Protocol::Tcp, endpoint(last))
}

fn check(last: u8, policy: Policy) -> Check {
    Check {
        probe: Probe {
            kind: ProbeKind::Tcp,
            target: endpoint(last),
            bind: None,
            origin: None,
            timeout: Duration::from_secs(5),
        },
        policy,
        log_all_failures: false,
    }
}

fn real(last: u8, policy: Policy) -> RealServer {
    RealServer {
        key: endpoint(last),
        weight: Weight::new(3).unwrap(),
        method: ForwardingMethod::DirectRoute,
        thresholds: Thresholds::default(),
        inhibit: false,
        checks: vec![check(last, policy)],
        details: None,
    }
}

fn virtual_server(last: u8, real_servers: Vec<RealServer>) -> VirtualServer {
    VirtualServer {
        key: VirtualServerKey::Address(Protocol::Tcp, endpoint(last)),
        keys: vec![service(last)],
        scheduler: Scheduler::Rr,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: None,
        engine: None,
        real_servers,
        quorum: Quorum::default(),
        sorry: None,
        details: None,
    }
}

fn director(virtual_servers: Vec<VirtualServer>) -> Director {
    Director {
        virtual_servers,
        ..Director::default()
    }
}

fn server(service_last: u8, dest_last: u8) -> Server {
    Server {
        service: service(service_last),
        dest: endpoint(dest_last),
    }
}

fn no_stagger(_: Duration) -> Duration {
    Duration::ZERO
}

fn failed() -> Verdict {
    Verdict::Failed("connection refused".to_owned())
}

/// What a board wants asked, as a prober would keep it.
#[derive(Default)]
struct Agenda(BTreeMap<ProbeId, (Probe, Moment)>);

impl Agenda {
    fn take(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Ask(id, question, at) => drop(self.0.insert(id, (question.probe, at))),
                Order::Cancel(id) => drop(self.0.remove(&id)),
            }
        }
    }

    fn only(&self) -> (ProbeId, Moment) {
        assert_eq!(self.0.len(), 1, "one probe expected");
        let (id, (_, at)) = self.0.first_key_value().unwrap();
        (*id, *at)
    }
}

fn board(director: &Director, found: Found) -> (Board, Agenda) {
    let mut board = Board::default();
    let mut agenda = Agenda::default();
    agenda.take(board.reconfigure(director, |_| found, no_stagger, START));
    (board, agenda)
}

#[test]
fn a_server_starts_as_the_kernel_has_it() {
    let alpha = Policy {
        alpha: true,
        ..POLICY
    };
    let cases = [
        ("missing is trusted", Found::Absent, POLICY, true),
        ("missing with alpha waits", Found::Absent, alpha, false),
        ("serving goes on", Found::Serving, POLICY, true),
        (
            "serving goes on with alpha too",
            Found::Serving,
            alpha,
            true,
        ),
        (
            "weight 0 is down until checked",
            Found::Quiesced,
            POLICY,
            false,
        ),
        (
            "weight 0 with alpha likewise",
            Found::Quiesced,
            alpha,
            false,
        ),
    ];
    for (why, found, policy, up) in cases {
        let director = director(vec![virtual_server(1, vec![real(50, policy)])]);
        let (board, _) = board(&director, found);
        assert_eq!(board.standing(&server(1, 50)).unwrap().up, up, "{why}");
    }
}

#[test]
fn a_server_without_checks_is_up_however_it_was_found() {
    let mut unchecked = real(50, POLICY);
    unchecked.checks.clear();
    let director = director(vec![virtual_server(1, vec![unchecked])]);
    for found in [Found::Absent, Found::Serving, Found::Quiesced] {
        let (board, agenda) = board(&director, found);
        assert!(board.standing(&server(1, 50)).unwrap().up, "{found:?}");
        assert!(agenda.0.is_empty());
    }
}

#[test]
fn a_dead_server_leaves_after_one_loop_and_one_retry() {
    let director = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let (mut board, agenda) = board(&director, Found::Absent);
    let (id, first) = agenda.only();
    assert_eq!(first, START + Duration::from_secs(1));

    let mut at = first;
    let mut ask = |board: &mut Board, verdict: Verdict| {
        let (shifts, order) = board.answer(id, &verdict, at, at).unwrap();
        let Order::Ask(_, _, next) = order else {
            panic!("a check goes on")
        };
        let waited = next.since(at);
        at = next;
        (shifts, waited)
    };
    assert_eq!(ask(&mut board, Verdict::Passed), (vec![], LOOP));
    assert_eq!(ask(&mut board, failed()), (vec![], SOON));
    let (shifts, waited) = ask(&mut board, failed());
    assert_eq!(waited, LOOP, "a down server is asked in its usual rhythm");
    assert_eq!(shifts.len(), 1);
    assert!(!shifts[0].up);
    assert_eq!(shifts[0].reason, "connection refused (attempt 2 of 2)");
    assert_eq!(shifts[0].was_since, START);
    let (shifts, _) = ask(&mut board, Verdict::Passed);
    assert!(shifts[0].up);
    assert_eq!(
        shifts[0].was_since,
        START + Duration::from_secs(1) + LOOP + SOON
    );
}

#[test]
fn the_first_failure_of_a_trusted_server_decides() {
    let patient = Policy { retry: 5, ..POLICY };
    let director = director(vec![virtual_server(1, vec![real(50, patient)])]);
    let (mut board, agenda) = board(&director, Found::Absent);
    let (id, at) = agenda.only();
    let (shifts, _) = board.answer(id, &failed(), at, at).unwrap();
    assert_eq!(shifts[0].reason, "connection refused (first check)");
}

#[test]
fn a_fault_of_this_host_changes_no_verdict() {
    let director = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    for found in [Found::Serving, Found::Quiesced] {
        let (mut board, agenda) = board(&director, found);
        let (id, at) = agenda.only();
        let up = board.standing(&server(1, 50)).unwrap().up;
        let unasked = Verdict::Unasked("cannot bind".to_owned());
        for _ in 0..10 {
            let (shifts, _) = board.answer(id, &unasked, at, at).unwrap();
            assert!(shifts.is_empty());
        }
        assert_eq!(board.standing(&server(1, 50)).unwrap().up, up);
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
    let (mut board, agenda) = board(&director, Found::Serving);
    let (id, first) = agenda.only();
    let mut now = first;
    board.answer(id, &Verdict::Passed, now, now).unwrap();
    now = now + LOOP;
    let mut evicted = BTreeMap::new();
    for _ in 0..20 {
        let (shifts, order) = board.answer(id, &failed(), now, now).unwrap();
        for shift in shifts {
            evicted.insert(shift.server, now);
        }
        let Order::Ask(_, _, next) = order else {
            panic!("a check goes on")
        };
        now = next;
    }
    let from_first_failure = |server| evicted[&server].since(first + LOOP);
    assert_eq!(from_first_failure(server(1, 50)), SOON);
    assert_eq!(
        from_first_failure(server(2, 50)),
        Duration::from_secs(3 * 4)
    );
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
    let (_, agenda) = board(&director, Found::Serving);
    assert_eq!(agenda.0.len(), 2);
}

#[test]
fn a_reload_of_an_unchanged_file_orders_nothing() {
    let director = director(vec![virtual_server(
        1,
        vec![real(50, POLICY), real(51, POLICY)],
    )]);
    let (mut board, _) = board(&director, Found::Absent);
    let orders = board.reconfigure(&director, |_| Found::Quiesced, no_stagger, START + LOOP);
    assert_eq!(orders, vec![]);
}

#[test]
fn a_reload_moves_no_server_whose_check_changed() {
    let before = director(vec![virtual_server(1, vec![real(50, POLICY)])]);
    let mut changed = real(50, POLICY);
    changed.checks = vec![check(99, POLICY)];
    let after = director(vec![virtual_server(1, vec![changed])]);
    for down in [false, true] {
        let (mut board, mut agenda) = board(&before, Found::Serving);
        let (id, at) = agenda.only();
        if down {
            board.answer(id, &failed(), at, at).unwrap();
        }
        agenda.take(board.reconfigure(&after, |_| Found::Serving, no_stagger, at));
        assert_eq!(board.standing(&server(1, 50)).unwrap().up, !down);
        let (new, _) = agenda.only();
        assert_ne!(new, id, "the old question is cancelled, the new one asked");
        assert!(
            board.answer(id, &failed(), at, at).is_none(),
            "nobody listens to the old"
        );
    }
}

#[test]
fn a_server_that_left_while_down_returns_as_down() {
    let with = director(vec![virtual_server(
        1,
        vec![real(50, POLICY), real(51, POLICY)],
    )]);
    let without = director(vec![virtual_server(1, vec![real(51, POLICY)])]);
    let (mut board, agenda) = board(&with, Found::Serving);
    let (id, (_, at)) = agenda
        .0
        .iter()
        .find(|(_, (probe, _))| probe.target == endpoint(50))
        .unwrap();
    board.answer(*id, &failed(), *at, *at).unwrap();
    board.reconfigure(&without, |_| Found::Absent, no_stagger, *at);
    board.reconfigure(&with, |_| Found::Absent, no_stagger, *at);
    assert!(!board.standing(&server(1, 50)).unwrap().up);
    assert!(board.standing(&server(1, 51)).unwrap().up);
}

#[test]
fn all_checks_of_a_server_must_pass() {
    let mut twice = real(50, POLICY);
    twice.checks.push(check(51, POLICY));
    let director = director(vec![virtual_server(1, vec![twice])]);
    let (mut board, agenda) = board(&director, Found::Quiesced);
    let ids: Vec<ProbeId> = agenda.0.keys().copied().collect();
    let pass = |board: &mut Board, id| board.answer(id, &Verdict::Passed, START, START).unwrap().0;
    assert_eq!(pass(&mut board, ids[0]), vec![], "one of two is not enough");
    assert_eq!(pass(&mut board, ids[1]).len(), 1);
}

/// What a table has of `dest` under the one service of a virtual server.
fn weight_in(server: VirtualServer, failed: FailedServers, up: bool, dest: DestKey) -> Option<u32> {
    let key = server.keys[0];
    let table = desired(&director(vec![server]), failed, |_, _| up);
    table[&key].pool.get(&dest).map(|dest| dest.weight.get())
}

#[test]
fn a_down_server_is_quiesced_unless_the_kernel_would_go_on_choosing_it() {
    let with = |scheduler: &str, flag1: bool| VirtualServer {
        scheduler: Scheduler::named(scheduler).unwrap(),
        flags: SchedulerFlags {
            flag1,
            ..SchedulerFlags::default()
        },
        ..virtual_server(1, vec![real(50, POLICY)])
    };
    let udp = |one_packet| VirtualServer {
        keys: vec![ServiceKey::Address(Protocol::Udp, endpoint(1))],
        one_packet,
        ..virtual_server(1, vec![real(50, POLICY)])
    };
    let (zero, gone) = (Some(0), None);
    // (server, auto, weight0, remove)
    let cases = [
        ("rr", with("rr", false), zero, zero, gone),
        ("sh", with("sh", false), gone, zero, gone),
        ("sh-fallback", with("sh", true), zero, zero, gone),
        ("mh", with("mh", false), gone, zero, gone),
        ("mh-fallback", with("mh", true), zero, zero, gone),
        ("dh knows no fallback", with("dh", true), gone, zero, gone),
        ("UDP", udp(false), gone, zero, gone),
        ("UDP with ops", udp(true), zero, zero, gone),
    ];
    for (why, server, auto, weight0, remove) in cases {
        let modes = [
            (FailedServers::Auto, auto),
            (FailedServers::Weight0, weight0),
            (FailedServers::Remove, remove),
        ];
        for (mode, want) in modes {
            let down = weight_in(server.clone(), mode, false, endpoint(50));
            assert_eq!(down, want, "{why}, {mode:?}");
            let up = weight_in(server.clone(), mode, true, endpoint(50));
            assert_eq!(up, Some(3), "{why}, {mode:?}");
            let mut inhibited = server.clone();
            inhibited.real_servers[0].inhibit = true;
            let down = weight_in(inhibited, mode, false, endpoint(50));
            assert_eq!(down, zero, "inhibit_on_failure, {why}, {mode:?}");
        }
    }
}

#[test]
fn the_pool_keeps_the_order_of_the_file() {
    let servers = vec![real(52, POLICY), real(50, POLICY), real(51, POLICY)];
    let table = all_up(&director(vec![virtual_server(1, servers)]));
    let order: Vec<_> = table[&service(1)].pool.in_order().copied().collect();
    assert_eq!(order, [52, 50, 51].map(endpoint));
}

/// Weights, minimum, hysteresis, the sorry server inhibits, the first real server does, the pool.
type SorryCase<'a> = (&'a [u32], u32, u32, bool, bool, &'a [(u8, u32)]);

#[test]
fn a_one_shot_puts_the_sorry_server_in_where_the_quorum_can_never_be_gained() {
    let sorry = |inhibit| SorryServer {
        key: endpoint(99),
        method: ForwardingMethod::DirectRoute,
        inhibit,
    };
    let cases: [SorryCase<'_>; 7] = [
        (&[1, 1], 1, 0, false, false, &[(1, 1), (2, 1)]),
        (&[1, 1], 1, 0, true, false, &[(1, 1), (2, 1), (99, 0)]),
        (&[1, 1], 2, 0, false, false, &[(1, 1), (2, 1)]),
        (&[1, 1], 2, 1, false, false, &[(99, 1)]),
        (&[1, 1], 2, 1, true, false, &[(99, 1)]),
        (&[1, 1], 2, 1, false, true, &[(1, 0), (99, 1)]),
        (&[0], 0, 0, false, false, &[(99, 1)]),
    ];
    for (weights, minimum, hysteresis, inhibit, first_inhibits, want) in cases {
        let servers = weights.iter().zip(1..).map(|(weight, last)| RealServer {
            weight: Weight::new(*weight).unwrap(),
            inhibit: first_inhibits && last == 1,
            ..real(last, POLICY)
        });
        let mut server = virtual_server(20, servers.collect());
        server.quorum = Quorum {
            minimum,
            hysteresis,
        };
        server.sorry = Some(sorry(inhibit));
        let table = all_up(&director(vec![server]));
        let pool = &table[&service(20)].pool;
        let got: Vec<_> = pool
            .iter()
            .map(|(key, dest)| (*key, dest.weight.get()))
            .collect();
        let want: Vec<_> = want
            .iter()
            .map(|(last, weight)| (endpoint(*last), *weight))
            .collect();
        assert_eq!(
            got, want,
            "{weights:?} {minimum} {hysteresis} {inhibit} {first_inhibits}"
        );
    }
}
