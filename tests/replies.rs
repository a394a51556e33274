//! Answers that were cut, bent, or are not to what was asked: an error or the right table, never a
//! wrong one, a panic or a wait without end.
//!
//! Within a value any number may be right: there no panic and no endless wait is all that can be
//! said.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

#[path = "replies/answerer.rs"]
mod answerer;

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use lvsctl::ipvs::Error;
use lvsctl::model::forward::{ForwardingMethod, Tunnel, TunnelChecksum};
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::persist::{Granularity, Persistence};
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{Endpoint, Family, Protocol, ServiceKey};
use lvsctl::model::table::{Dest, Pool, Service, Settings, Table};

use answerer::{DONE, ERROR, HEADER, message, read, read_like};

/// For an answer that does come.
const LONG: Duration = Duration::from_secs(30);
/// For one that does not.
const SHORT: Duration = Duration::from_millis(20);

fn table() -> Table {
    let at = |ip: &str, port| Endpoint::new(ip.parse().unwrap(), port);
    let gue = Tunnel::Gue(NonZeroU16::new(6080).unwrap(), TunnelChecksum::Remote);
    let pool = |dests: &[(&str, u32)]| -> Pool {
        let dest = |weight| Dest {
            weight: Weight::new(weight).unwrap(),
            method: ForwardingMethod::Tunnel(gue),
            thresholds: Thresholds { upper: 9, lower: 3 },
        };
        let dests = dests.iter();
        dests
            .map(|(ip, weight)| (at(ip, 8080), dest(*weight)))
            .collect()
    };
    let settings = |scheduler, granularity| Settings {
        scheduler,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: Some(Persistence {
            timeout: 7200,
            granularity,
        }),
        engine: None,
    };
    let netmask = Granularity::Netmask([255, 255, 255, 0].into());
    [
        (
            ServiceKey::Address(Protocol::Tcp, at("192.0.2.1", 80)),
            settings(Scheduler::Wlc, netmask),
            pool(&[("192.0.2.50", 1), ("192.0.2.51", 0), ("2001:db8::5", 3)]),
        ),
        (
            ServiceKey::Mark(Family::Inet6, NonZeroU32::MIN),
            settings(Scheduler::Sh, Granularity::Prefix(64)),
            pool(&[("2001:db8::6", 7)]),
        ),
    ]
    .map(|(key, settings, pool)| (key, Service { settings, pool }))
    .into()
}

/// The first message of a datagram, and the rest in another.
fn torn(datagram: &[u8]) -> Vec<Vec<u8>> {
    let length = u32::from_ne_bytes(datagram[..4].try_into().unwrap());
    let (first, rest) = datagram.split_at((length as usize).next_multiple_of(4));
    let parts = [first.to_vec(), rest.to_vec()];
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

#[test]
fn what_may_be_torn_is_read_again_unless_it_is_as_expected() {
    let table = table();
    let mut other = table.clone();
    let (_, service) = other.iter_mut().next().unwrap();
    service
        .pool
        .remove(&Endpoint::new("192.0.2.51".parse().unwrap(), 8080));
    let sent = |likely: &Table| {
        let count = Mutex::new(0);
        let found = read_like(&table, likely, LONG, |_, datagram| {
            *count.lock().unwrap() += 1;
            Some(torn(&datagram))
        });
        assert_eq!(found.unwrap(), table);
        count.into_inner().unwrap()
    };
    let once = sent(&table);
    // The dests of one service, and the end of them.
    assert_eq!(sent(&Table::new()), once + 2);
    assert_eq!(sent(&other), once + 2);
}

/// The datagrams of one whole reading, as they are sent.
fn datagrams() -> Vec<Vec<u8>> {
    let seen = Mutex::new(Vec::new());
    let whole = read(&table(), LONG, |_, datagram| {
        seen.lock().unwrap().push(datagram.clone());
        Some(vec![datagram])
    });
    assert_eq!(whole.unwrap(), table());
    let seen = seen.into_inner().unwrap();
    assert!(
        seen.len() >= 9,
        "{}: family, version, services, dests",
        seen.len()
    );
    seen
}

/// What is read where the `nth` datagram comes as these; fails where that has no end.
fn instead(nth: usize, said: Vec<Vec<u8>>, patience: Duration) -> Result<Table, Error> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let damage = |now: usize, datagram| {
            Some(if now == nth {
                said.clone()
            } else {
                vec![datagram]
            })
        };
        tell.send(read(&table(), patience, damage))
    });
    told.recv_timeout(Duration::from_mins(2))
        .expect("it ends, and without a panic")
}

/// Where its messages begin.
fn starts(datagram: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    loop {
        let at = *starts.last().unwrap();
        let length = u32::from_ne_bytes(datagram[at..at + 4].try_into().unwrap());
        let next = at + (length as usize).next_multiple_of(4);
        if next >= datagram.len() {
            return starts;
        }
        starts.push(next);
    }
}

#[test]
fn an_answer_cut_within_a_message_is_an_error() {
    for (nth, datagram) in datagrams().into_iter().enumerate() {
        let starts = starts(&datagram);
        for end in (1..datagram.len()).filter(|end| !starts.contains(end)) {
            let read = instead(nth, vec![datagram[..end].to_vec()], SHORT);
            assert!(read.is_err(), "{end} bytes of datagram {nth}: {read:?}");
        }
    }
}

#[test]
fn a_length_that_cannot_be_is_an_error() {
    for (nth, datagram) in datagrams().into_iter().enumerate() {
        for start in starts(&datagram) {
            for length in [0, 1, 15, 16, 17, 0x7fff_ffff, u32::MAX] {
                let mut bent = datagram.clone();
                bent[start..start + 4].copy_from_slice(&u32::to_ne_bytes(length));
                let read = instead(nth, vec![bent], SHORT);
                assert!(read.is_err(), "length {length} in datagram {nth}: {read:?}");
            }
        }
    }
}

/// In a soak with more than one number each.
#[test]
fn no_byte_is_so_bad_that_it_panics_or_has_no_end() {
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let masks: &[u8] = if soak {
        &[0xff, 1, 2, 4, 0x40, 0x80]
    } else {
        &[0xff]
    };
    let (mut right, mut errors, mut other) = (0, 0, 0);
    for (nth, datagram) in datagrams().into_iter().enumerate() {
        for at in 0..datagram.len() {
            for mask in masks {
                let mut bent = datagram.clone();
                bent[at] ^= mask;
                match instead(nth, vec![bent], SHORT) {
                    Ok(read) if read == table() => right += 1,
                    Ok(_) => other += 1,
                    Err(_) => errors += 1,
                }
            }
        }
    }
    eprintln!("{right} right, {errors} errors, {other} other values");
    assert!(right > 0 && errors > 0 && other > 0);
}

#[test]
fn answers_to_older_questions_and_messages_that_mean_nothing_are_passed_over() {
    const NOOP: u16 = 1;
    for (nth, datagram) in datagrams().into_iter().enumerate() {
        let mut older = datagram.clone();
        for start in starts(&datagram) {
            let sequence = &mut older[start + 8..start + 12];
            let number = u32::from_ne_bytes((&*sequence).try_into().unwrap());
            sequence.copy_from_slice(&number.wrapping_sub(1).to_ne_bytes());
        }
        let sequence = u32::from_ne_bytes(datagram[8..12].try_into().unwrap());
        let noop = message(NOOP, 0, sequence, &[]);
        let together = [noop.clone(), datagram.clone(), noop.clone()].concat();
        for said in [
            vec![older.clone(), datagram.clone()],
            vec![noop, datagram.clone()],
            vec![together],
        ] {
            assert_eq!(instead(nth, said, LONG).unwrap(), table(), "datagram {nth}");
        }
        // The end of an older answer ends nothing.
        let kind = u16::from_ne_bytes([datagram[4], datagram[5]]);
        if [DONE, ERROR].contains(&kind) {
            let alone = instead(nth, vec![older], SHORT);
            assert!(alone.is_err(), "datagram {nth}: {alone:?}");
        }
    }
}

#[test]
fn an_overrun_an_end_without_a_word_and_silence_are_errors() {
    const OVERRUN: u16 = 4;
    for (nth, datagram) in datagrams().into_iter().enumerate() {
        let sequence = u32::from_ne_bytes(datagram[8..12].try_into().unwrap());
        let overrun = message(OVERRUN, 0, sequence, &[]);
        let said = vec![overrun, datagram];
        assert!(instead(nth, said, SHORT).is_err(), "overrun before {nth}");
        let mute = message(DONE, 0, sequence, &[]);
        assert_eq!(mute.len(), HEADER);
        assert!(
            instead(nth, vec![mute], SHORT).is_err(),
            "mute end at {nth}"
        );
    }
    for last in 0..datagrams().len() {
        let gone = read(&table(), LONG, |nth, datagram| {
            (nth < last).then(|| vec![datagram])
        });
        assert!(gone.is_err(), "gone after {last}");
    }
}
