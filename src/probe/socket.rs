use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

use crate::model::check::Probe;

/// A socket that does not wait, bound and marked as the check says: `bindto` with `bind_port`,
/// `bind_if`, `fwmark`. Whatever fails here is this host's fault.
pub(super) fn open(probe: &Probe, kind: Type, protocol: Option<Protocol>) -> io::Result<Socket> {
    let domain = Domain::for_address(target(probe));
    let socket = Socket::new(domain, kind.nonblocking().cloexec(), protocol)?;
    let origin = probe.origin.as_deref();
    if let Some(mark) = origin.and_then(|origin| origin.mark) {
        socket.set_mark(mark.get())?;
    }
    if let Some(interface) = origin.and_then(|origin| origin.interface.as_ref()) {
        socket.bind_device(Some(interface.as_str().as_bytes()))?;
    }
    if let Some(ip) = probe.bind {
        let port = origin.and_then(|origin| origin.port);
        let port = port.map_or(0, std::num::NonZeroU16::get);
        if port != 0 {
            socket.set_reuse_address(true)?;
        }
        socket.bind(&SocketAddr::new(ip, port).into())?;
    }
    Ok(socket)
}

/// Where the question goes.
pub(super) fn target(probe: &Probe) -> SocketAddr {
    SocketAddr::new(probe.target.ip, probe.target.port)
}
