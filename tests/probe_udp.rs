//! UDP checks against real sockets on the loopback.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use asking::{answer, failed, probe, refused, verdict, within};
use lvsctl::health::Verdict;
use lvsctl::model::check::{Like, Probe, ProbeKind, Reply, Udp};

const SOON: Duration = Duration::from_millis(300);

/// A server that says the same to whoever asks, or nothing; and what it was asked.
fn server(reply: Option<&[u8]>) -> (SocketAddr, Receiver<Vec<u8>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap();
    let reply = reply.map(<[u8]>::to_vec);
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
            if let Some(reply) = &reply {
                socket.send_to(reply, peer).unwrap();
            }
            if tell.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    (at, told)
}

fn udp(reply: Reply, at: SocketAddr) -> Probe {
    let payload = None;
    within(
        SOON,
        probe(ProbeKind::Udp(Arc::new(Udp { payload, reply })), at),
    )
}

fn like(bytes: &[(u8, u8)], least: u16, most: u16) -> Reply {
    let bytes = bytes.into();
    Reply::Like(Like { bytes, least, most })
}

#[test]
fn a_reply_is_held_against_what_is_required() {
    let pong = [(b'p', 0xff), (b'o', 0xdf), (0, 0)];
    let wrong = "the reply of 4 bytes is not the one required";
    let long = "the reply has 60000 bytes, not 0 to 255";
    let large = vec![b'p'; 60_000];
    // (why, what the server says, what is required, what is wrong)
    let cases: [(&str, &[u8], Reply, Option<&str>); 12] = [
        ("anything", b"x", Reply::NotNeeded, None),
        ("no byte at all", b"", Reply::NotNeeded, None),
        ("anything that is required", b"x", Reply::Any, None),
        ("no byte at all is a reply", b"", Reply::Any, None),
        ("what is required", b"pong", like(&pong, 0, 255), None),
        ("bits that do not count", b"pO!", like(&pong, 0, 255), None),
        ("a part of it", b"po", like(&pong, 0, 255), None),
        (
            "another first byte",
            b"xong",
            like(&pong, 0, 255),
            Some(wrong),
        ),
        (
            "too short",
            b"po",
            like(&pong, 3, 255),
            Some("the reply has 2 bytes, not 3 to 255"),
        ),
        (
            "too long",
            b"pong",
            like(&pong, 0, 3),
            Some("the reply has 4 bytes, not 0 to 3"),
        ),
        (
            "as long as can be",
            &large,
            like(&pong[..1], 0, u16::MAX),
            None,
        ),
        (
            "longer than it may",
            &large,
            like(&pong[..1], 0, 255),
            Some(long),
        ),
    ];
    for (why, reply, required, wrong) in cases {
        let (at, _) = server(Some(reply));
        let want = wrong.map_or(Verdict::Passed, failed);
        assert_eq!(verdict(udp(required, at)), want, "{why}");
    }
}

#[test]
fn silence_passes_unless_a_reply_is_required() {
    let (at, _told) = server(None);
    let nothing = failed("no answer in 0.3 s");
    for (reply, want) in [
        (Reply::NotNeeded, Verdict::Passed),
        (Reply::Any, nothing.clone()),
        (like(&[], 0, 255), nothing),
    ] {
        let answer = answer(udp(reply.clone(), at));
        assert_eq!(answer.verdict, want, "{reply:?}");
        assert!(answer.finished.since(answer.started) >= SOON, "{reply:?}");
    }
}

#[test]
fn a_port_that_nobody_has_is_refused_at_once() {
    for local in ["127.0.0.1:0", "[::1]:0"] {
        let at = UdpSocket::bind(local).unwrap().local_addr().unwrap();
        let answer = answer(udp(Reply::NotNeeded, at));
        assert_eq!(answer.verdict, refused());
        assert!(answer.finished.since(answer.started) < SOON);
    }
}

#[test]
fn a_reply_from_somebody_else_is_not_heard() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let (_, peer) = socket.recv_from(&mut [0; 64]).unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        other.send_to(b"pong", peer).unwrap();
        std::thread::sleep(2 * SOON);
    });
    assert_eq!(verdict(udp(Reply::Any, at)), failed("no answer in 0.3 s"));
}

#[test]
fn the_server_is_sent_the_payload_or_32_bytes() {
    let (at, told) = server(None);
    let payload = b"\x00ping\xff".as_slice();
    for (payload, want) in [
        (Some(payload), payload),
        (None, b"lvsctl asks whether you are here"),
    ] {
        let udp = Udp {
            payload: payload.map(Into::into),
            reply: Reply::NotNeeded,
        };
        verdict(within(SOON, probe(ProbeKind::Udp(Arc::new(udp)), at)));
        assert_eq!(told.recv().unwrap(), want);
    }
}

#[test]
fn a_payload_that_fits_no_datagram_is_a_fault_of_this_host() {
    let (at, _told) = server(None);
    let udp = Udp {
        payload: Some(vec![0; 65_508].into()),
        reply: Reply::NotNeeded,
    };
    let large = probe(ProbeKind::Udp(Arc::new(udp)), at);
    let why = "cannot ask: Message too long (os error 90) (remedy: a shorter payload)";
    assert_eq!(verdict(large), Verdict::Unasked(why.to_owned()));
}
