use std::os::fd::AsFd;

use lvsctl::ipvs::{Reply, Request};
use lvsctl::model::table::Table;
use lvsctl::plan::{Step, diff};
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use rustix::net::sockopt;

use crate::report::Seconds;
use crate::stage::director::Director;
use crate::{director, timed};

/// The same table by messages made beforehand, and read by such.
pub fn round(table: &Table, seconds: &mut Seconds) {
    let host = director();
    seconds.add("bare replay", replay(&host, table));
    let read = host.table();
    assert!(read == *table, "the replay left another table");
    seconds.add("bare read-back", read_back(&host, table));
}

/// A plain socket in the host's namespace.
pub fn socket(host: &Director) -> Socket {
    host.inside(|| {
        let mut socket = Socket::new(NETLINK_GENERIC).unwrap();
        socket.bind_auto().unwrap();
        socket.connect(&SocketAddr::new(0, 0)).unwrap();
        sockopt::set_socket_recv_buffer_size_force(socket.as_fd(), 16 << 20).unwrap();
        sockopt::set_socket_send_buffer_size_force(socket.as_fd(), 16 << 20).unwrap();
        socket
    })
}

/// The number of the family, from the kernel's own list.
pub fn family(host: &Director) -> u16 {
    let listed = host.ask(&["genl", "ctrl", "get", "name", "IPVS"]);
    let id = listed
        .split("ID: ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let id = id.and_then(|id| u16::from_str_radix(id.trim_start_matches("0x"), 16).ok());
    id.unwrap_or_else(|| panic!("no family in {listed}"))
}

/// 128 messages a send, only the last of each with an acknowledgement.
pub fn replay(host: &Director, table: &Table) -> f64 {
    let family = family(host);
    let steps = diff(&Table::new(), table);
    let encode = |batch: &[Step]| {
        let mut bytes = Vec::new();
        for (nth, step) in batch.iter().enumerate() {
            let last = nth + 1 == batch.len();
            let reply = if last { Reply::Ack } else { Reply::Errors };
            Request::step(step).encode(family, 1, reply, &mut bytes);
        }
        bytes
    };
    let batches: Vec<Vec<u8>> = steps.chunks(128).map(encode).collect();
    let socket = socket(host);
    let mut answer = vec![0; 64 << 10];
    host.inside(|| {
        let ((), took) = timed(|| {
            for batch in &batches {
                socket.send(batch, 0).unwrap();
                let length = socket.recv(&mut &mut answer[..], 0).unwrap();
                assert_eq!(&answer[16..20], [0; 4], "refused, {length} bytes");
            }
        });
        took
    })
}

/// One dump of services, and one of dests for each.
pub fn read_back(host: &Director, table: &Table) -> f64 {
    let family = family(host);
    let encode = |request: Request<'_>| {
        let mut bytes = Vec::new();
        request.encode(family, 1, Reply::Dump, &mut bytes);
        bytes
    };
    let mut requests = vec![encode(Request::services())];
    requests.extend(table.keys().map(|key| encode(Request::dests(key))));
    let socket = socket(host);
    let mut answer = vec![0; 64 << 10];
    host.inside(|| {
        let ((), took) = timed(|| {
            for request in &requests {
                socket.send(request, 0).unwrap();
                loop {
                    socket.recv(&mut &mut answer[..], 0).unwrap();
                    // NLMSG_DONE comes in a datagram of its own.
                    if u16::from_ne_bytes([answer[4], answer[5]]) == 3 {
                        break;
                    }
                }
            }
        });
        took
    })
}
