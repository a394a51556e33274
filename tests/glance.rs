//! The text of /proc/net/ip_vs, as Debian's kernel 6.12 printed it, held against a table.
#![allow(clippy::unwrap_used, reason = "a test may")]

use lvsctl::ipvs::Glance;
use lvsctl::model::forward::{ForwardingMethod, Tunnel};
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::persist::{Granularity, Persistence};
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{Endpoint, Family, Protocol, ServiceKey};
use lvsctl::model::table::{Dest, Pool, Service, Settings, Table};

/// One service of each kind; the laboratory holds all of it against netlink.
const TEXT: &str = include_str!("glance/ip_vs.txt");

const DR: ForwardingMethod = ForwardingMethod::DirectRoute;
const NAT: ForwardingMethod = ForwardingMethod::Masquerade;
const TUN: ForwardingMethod = ForwardingMethod::Tunnel(Tunnel::Ipip);

fn at(ip: &str, port: u16) -> Endpoint {
    Endpoint::new(ip.parse().unwrap(), port)
}

fn entry(
    key: ServiceKey,
    scheduler: Scheduler,
    persistent: bool,
    dests: &[(Endpoint, ForwardingMethod, u32)],
) -> (ServiceKey, Service) {
    let dest = |method, weight| Dest {
        weight: Weight::new(weight).unwrap(),
        method,
        thresholds: Thresholds::default(),
    };
    let pool: Pool = dests
        .iter()
        .map(|(at, method, weight)| (*at, dest(*method, *weight)))
        .collect();
    let persistence = persistent.then(|| Persistence {
        timeout: 1,
        granularity: Granularity::host(key.family()),
    });
    let settings = Settings {
        scheduler,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence,
        engine: None,
    };
    (key, Service { settings, pool })
}

fn table() -> Table {
    let mark = |family, mark: u32| ServiceKey::Mark(family, mark.try_into().unwrap());
    let tcp = |ip, port| ServiceKey::Address(Protocol::Tcp, at(ip, port));
    let sctp = ServiceKey::Address(Protocol::Sctp, at("192.0.2.1", 9));
    let v6 = [
        (at("10.0.0.7", 80), TUN, 5),
        (at("2001:db8::3", 8080), NAT, 4),
        (at("2001:db8::2", 80), DR, 3),
    ];
    let two = [
        (at("10.0.0.1", 80), DR, 1),
        (at("10.0.0.2", 80), DR, i32::MAX.cast_unsigned()),
    ];
    let seven = [(at("2001:db8::9", 0), TUN, 1)];
    let hashed = [(at("10.0.0.1", 8443), NAT, 0)];
    Table::from([
        entry(tcp("192.0.2.1", 80), Scheduler::Rr, false, &two),
        entry(tcp("192.0.2.1", 443), Scheduler::Sh, true, &hashed),
        entry(tcp("2001:db8::1", 80), Scheduler::Fo, false, &v6),
        entry(sctp, Scheduler::Wrr, false, &[(at("10.0.0.9", 9), TUN, 1)]),
        entry(mark(Family::Inet, 8), Scheduler::Nq, true, &[]),
        entry(mark(Family::Inet6, 7), Scheduler::Lblc, false, &seven),
    ])
}

/// Whether the text shows all of it, heard in pieces of one size.
fn heard(text: &str, table: &Table, size: usize) -> Result<bool, String> {
    let mut glance = Glance::new(table);
    for piece in text.as_bytes().chunks(size) {
        glance.hear(piece).map_err(|error| error.to_string())?;
    }
    let unseen = glance.end().map_err(|error| error.to_string())?;
    assert!(unseen.iter().all(|key| table.contains_key(key)));
    Ok(unseen.is_empty())
}

#[test]
fn a_table_is_known_again_however_the_text_is_cut() {
    for size in [1, 2, 3, 7, 64, 4096] {
        assert_eq!(heard(TEXT, &table(), size), Ok(true), "{size}");
        assert_eq!(heard(TEXT, &Table::new(), size), Ok(true), "all is foreign");
    }
}

#[test]
fn order_and_counters_are_nothing_and_all_else_is_seen() {
    let right = [
        ("1      0          0 ", "1      77         9 "),
        ("persistent 12500 FFFFFF00", "persistent 99 FFFFFFFF"),
        ("C0000204:0019 dh", "C0000204:0019 rr"),
    ];
    for (from, to) in right {
        assert!(TEXT.contains(from));
        assert_eq!(
            heard(&TEXT.replace(from, to), &table(), 4096),
            Ok(true),
            "{to}"
        );
    }
    let wrong = [
        ("C0000201:0050 rr", "C0000201:0050 wlc"),
        ("C0000201:0050 rr", "C0000201:0051 rr"),
        (
            "C0000201:01BB sh  persistent 12500 FFFFFF00",
            "C0000201:01BB sh",
        ),
        (
            "0A000002:0050      Route   2147483647",
            "0A000002:0050      Route   1",
        ),
        ("0A000009:0009      Tunnel", "0A000009:0009      Route"),
        ("0A000009:0009", "0A000009:000A"),
        ("00000008 nq", "00000009 nq"),
        ("0000:0002]:0050", "0000:0004]:0050"),
        (
            "  -> 0A000007:0050      Tunnel  5      0          0         \n",
            "",
        ),
    ];
    for (from, to) in wrong {
        assert!(TEXT.contains(from), "{from}");
        assert_eq!(
            heard(&TEXT.replace(from, to), &table(), 4096),
            Ok(false),
            "{to}"
        );
    }
    let more = format!("{TEXT}  -> 0A000001:0000      Route   1      0          0         \n");
    let mut table = table();
    let last = ServiceKey::Mark(Family::Inet6, u32::MAX.try_into().unwrap());
    table.extend([entry(last, Scheduler::Sed, true, &[])]);
    assert_eq!(heard(TEXT, &table, 4096), Ok(true));
    assert_eq!(heard(&more, &table, 4096), Ok(false), "an extra dest");
}

#[test]
fn a_text_that_is_written_otherwise_is_an_error_and_no_answer() {
    let cases = [
        ("", "nothing at all"),
        ("Something else\n", "another heading"),
        ("IP Virtual Server\n\n", "a heading cut off"),
        ("IP Virtual Server\n\n\nTCP nowhere rr\n", "no place"),
        ("IP Virtual Server\n\n\nTCP C0000201:0050\n", "no scheduler"),
        (
            "IP Virtual Server\n\n\nDCCP C0000201:0050 rr\n",
            "no protocol",
        ),
        ("IP Virtual Server\n\n\nFWM 00000000 rr\n", "no mark"),
        (
            "IP Virtual Server\n\n\n  -> C0000201:0050 Route -1\n",
            "no weight",
        ),
        (
            "IP Virtual Server\n\n\nTCP C0000201:0050 rr",
            "the end cut off",
        ),
        ("IP Virtual Server\n\n\n\n", "an empty line"),
    ];
    for (text, why) in cases {
        assert!(heard(text, &table(), 4096).is_err(), "{why}");
    }
    // Whatever bytes come, it is an answer or an error.
    for cut in 0..TEXT.len() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes[cut] = bytes[cut].wrapping_mul(31).wrapping_add(97);
        let table = table();
        let mut glance = Glance::new(&table);
        if glance.hear(&bytes).is_ok() {
            let _ = glance.end();
        }
    }
}
