use std::io;
use std::net::SocketAddr;

use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use super::fault;
use crate::model::check::Probe;

/// A socket that does not wait, bound and marked as the check says: `bindto` with `bind_port`,
/// `bind_if`, `fwmark`. Whatever fails here is this host's fault; the error says what cannot be
/// done and what helps.
pub(super) fn open(probe: &Probe, kind: Type, protocol: Option<Protocol>) -> io::Result<Socket> {
    let domain = Domain::for_address(target(probe));
    let socket = Socket::new(domain, kind.nonblocking().cloexec(), protocol)
        .map_err(|error| says("cannot open a socket", &error, of_socket(&error, protocol)))?;
    let origin = probe.origin.as_deref();
    if let Some(mark) = origin.and_then(|origin| origin.mark) {
        socket.set_mark(mark.get()).map_err(|error| {
            let what = format!("cannot mark packets with fwmark {mark}");
            says(&what, &error, "give lvsctl CAP_NET_ADMIN")
        })?;
    }
    if let Some(interface) = origin.and_then(|origin| origin.interface.as_ref()) {
        let bound = socket.bind_device(Some(interface.as_str().as_bytes()));
        bound.map_err(|error| {
            let what = format!("cannot ask through bind_if {interface}");
            says(&what, &error, "name an interface that this host has")
        })?;
    }
    if let Some(ip) = probe.bind {
        // An echo has no port.
        let port = origin.and_then(|origin| origin.port);
        let port = port.filter(|_| protocol.is_none());
        let port = port.map_or(0, std::num::NonZeroU16::get);
        if port != 0 {
            socket.set_reuse_address(true)?;
        }
        let from = SocketAddr::new(ip, port);
        socket.bind(&from.into()).map_err(|error| {
            let what = format!("cannot ask from {}", bound(from));
            says(&what, &error, of_bind(&error))
        })?;
    }
    Ok(socket)
}

/// Where the question goes.
pub(super) fn target(probe: &Probe) -> SocketAddr {
    SocketAddr::new(probe.target.ip, probe.target.port)
}

fn bound(from: SocketAddr) -> String {
    match from.port() {
        0 => format!("bindto {}", from.ip()),
        port => format!("bindto {} bind_port {port}", from.ip()),
    }
}

fn of_bind(error: &io::Error) -> &'static str {
    match Errno::from_io_error(error) {
        Some(Errno::ADDRINUSE) => "a bind_port that nobody else uses",
        Some(Errno::ACCESS) => "a bind_port from 1024 on, or CAP_NET_BIND_SERVICE",
        _ => "an address that this host has",
    }
}

fn of_socket(error: &io::Error, protocol: Option<Protocol>) -> &'static str {
    match Errno::from_io_error(error) {
        Some(Errno::PERM | Errno::ACCESS) if protocol.is_some() => {
            "put the group of lvsctl into sysctl net.ipv4.ping_group_range, or give it CAP_NET_RAW"
        }
        errno => errno.and_then(fault::remedy).unwrap_or("see socket(2)"),
    }
}

fn says(what: &str, error: &io::Error, remedy: &str) -> io::Error {
    io::Error::new(error.kind(), fault::sentence(what, error, remedy))
}
