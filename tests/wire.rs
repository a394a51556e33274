//! Whole messages, byte by byte, as `linux/netlink.h` and `linux/ip_vs.h` lay them out.
#![cfg(target_endian = "little")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use lvsctl::ipvs::{Reply, Request};
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::persist::{Granularity, Persistence};
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Dest, Settings};
use lvsctl::plan::{Change, Step};

/// Bytes in hexadecimal; what follows a `#` is a comment.
fn bytes(text: &str) -> Vec<u8> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap());
    let words = lines.flat_map(str::split_whitespace);
    words
        .map(|word| u8::from_str_radix(word, 16).unwrap())
        .collect()
}

fn encode(request: Request, reply: Reply) -> Vec<u8> {
    let mut buffer = Vec::new();
    request.encode(0x22, 7, reply, &mut buffer);
    buffer
}

fn service() -> ServiceKey {
    ServiceKey::Address(Protocol::Tcp, Endpoint::new([192, 168, 1, 20].into(), 80))
}

#[test]
fn a_service_as_the_kernel_wants_it() {
    let settings = Settings {
        scheduler: Scheduler::Rr,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: Some(Persistence {
            timeout: 7200,
            granularity: Granularity::Netmask([255, 255, 255, 0].into()),
        }),
        engine: None,
    };
    let step = Step {
        service: service(),
        change: Change::AddService(settings),
    };
    let want = bytes(
        "68 00 00 00  22 00  05 00  07 00 00 00  00 00 00 00  # length, family, REQUEST|ACK, sequence, port
         01 01 00 00                                          # NEW_SERVICE, version 1
         54 00 01 80                                          # SERVICE, nested
         06 00 01 00  02 00 00 00                             # AF: AF_INET
         06 00 02 00  06 00 00 00                             # PROTOCOL: TCP
         14 00 03 00  c0 a8 01 14  00 00 00 00  00 00 00 00  00 00 00 00  # ADDR: four bytes of sixteen
         06 00 04 00  00 50 00 00                             # PORT: big endian
         07 00 06 00  72 72 00 00                             # SCHED_NAME: rr and its NUL
         0c 00 07 00  01 00 00 00  ff ff ff ff                # FLAGS: PERSISTENT, mask
         08 00 08 00  20 1c 00 00                             # TIMEOUT: seconds
         08 00 09 00  ff ff ff 00                             # NETMASK: network order",
    );
    assert_eq!(encode(Request::step(&step), Reply::Ack), want);
}

#[test]
fn a_dest_as_the_kernel_wants_it() {
    let dest = Dest {
        weight: Weight::ONE,
        method: ForwardingMethod::DirectRoute,
        thresholds: Thresholds { upper: 9, lower: 3 },
    };
    let step = Step {
        service: service(),
        change: Change::AddDest(Endpoint::new([192, 168, 1, 50].into(), 80), dest),
    };
    let want = bytes(
        "a4 00 00 00  22 00  01 00  07 00 00 00  00 00 00 00  # no ACK: only an error is answered
         05 01 00 00                                          # NEW_DEST
         30 00 01 80                                          # SERVICE: its key alone
         06 00 01 00  02 00 00 00
         06 00 02 00  06 00 00 00
         14 00 03 00  c0 a8 01 14  00 00 00 00  00 00 00 00  00 00 00 00
         06 00 04 00  00 50 00 00
         60 00 02 80                                          # DEST, nested
         06 00 0b 00  02 00 00 00                             # ADDR_FAMILY
         14 00 01 00  c0 a8 01 32  00 00 00 00  00 00 00 00  00 00 00 00  # ADDR
         06 00 02 00  00 50 00 00                             # PORT
         08 00 03 00  03 00 00 00                             # FWD_METHOD: direct routing
         08 00 04 00  01 00 00 00                             # WEIGHT
         05 00 0d 00  00 00 00 00                             # TUN_TYPE: one byte
         06 00 0e 00  00 00 00 00                             # TUN_PORT
         06 00 0f 00  00 00 00 00                             # TUN_FLAGS
         08 00 05 00  09 00 00 00                             # U_THRESH
         08 00 06 00  03 00 00 00                             # L_THRESH",
    );
    assert_eq!(encode(Request::step(&step), Reply::Errors), want);
}

#[test]
fn a_dump_asks_for_all() {
    let want = bytes("14 00 00 00  22 00  01 03  07 00 00 00  00 00 00 00  04 01 00 00");
    assert_eq!(encode(Request::services(), Reply::Dump), want);
}
