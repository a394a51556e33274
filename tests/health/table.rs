//! From verdicts to the table.

use lvsctl::health::{FailedServers, Verdicts, all_up, desired};
use lvsctl::model::limits::Weight;
use lvsctl::model::quorum::Quorum;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::server::{RealServer, VirtualServer};
use lvsctl::model::service::{DestKey, Protocol, ServiceKey};

use super::given::{POLICY, director, endpoint, real, service, sorry, virtual_server};

/// The same of every server; the quorum is there.
struct Verdict(Option<Weight>);

impl Verdicts for Verdict {
    fn weight(&self, _: usize, _: usize) -> Option<Weight> {
        self.0
    }

    fn quorum(&self, _: usize) -> bool {
        true
    }
}

/// What a table has of `dest` under the one service of a virtual server.
fn weight_in(server: VirtualServer, failed: FailedServers, up: bool, dest: DestKey) -> Option<u32> {
    let key = server.keys[0];
    let verdict = Verdict(up.then_some(server.real_servers[0].weight));
    let table = desired(&director(vec![server]), failed, &verdict);
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
        server.sorry = Some(sorry(99, inhibit));
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
