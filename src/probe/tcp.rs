use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with, sockopt};

use crate::health::Verdict;
use crate::model::check::{Probe, ProbeKind};

/// A connection on its way, or the verdict where the kernel knew it at once.
pub(super) enum Begun {
    Waiting(OwnedFd),
    Known(Verdict),
}

/// Begins a connection; nothing here waits.
pub(super) fn begin(probe: &Probe) -> Begun {
    // A daemon refuses such a file, so that nobody should ever ask for it.
    if !asked_here(probe) {
        return Begun::Known(Verdict::Unasked(format!("{probe} is not implemented")));
    }
    match open(probe) {
        Err(errno) => Begun::Known(unasked(errno)),
        Ok(socket) => {
            let target = SocketAddr::new(probe.target.ip, probe.target.port);
            match connect(&socket, &target) {
                Ok(()) => Begun::Known(Verdict::Passed),
                Err(Errno::INPROGRESS) => Begun::Waiting(socket),
                Err(errno) => Begun::Known(judge(errno)),
            }
        }
    }
}

fn asked_here(probe: &Probe) -> bool {
    match probe.kind {
        ProbeKind::Tcp => probe.origin.is_none(),
        ProbeKind::Http(_)
        | ProbeKind::Smtp(_)
        | ProbeKind::Dns(_)
        | ProbeKind::Udp(_)
        | ProbeKind::Ping
        | ProbeKind::Misc(_)
        | ProbeKind::File(_)
        | ProbeKind::Bfd(_) => false,
    }
}

fn open(probe: &Probe) -> Result<OwnedFd, Errno> {
    let family = match probe.target.ip {
        IpAddr::V4(_) => AddressFamily::INET,
        IpAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    if let Some(ip) = probe.bind {
        bind(&socket, &SocketAddr::new(ip, 0))?;
    }
    Ok(socket)
}

/// What became of a connection that is no longer on its way.
pub(super) fn finish(socket: &OwnedFd) -> Verdict {
    match sockopt::socket_error(socket) {
        Ok(Ok(())) => Verdict::Passed,
        Ok(Err(errno)) | Err(errno) => judge(errno),
    }
}

/// An errno of connect(2): the server's, or this host's own?
fn judge(errno: Errno) -> Verdict {
    match errno {
        Errno::ADDRNOTAVAIL
        | Errno::ADDRINUSE
        | Errno::AFNOSUPPORT
        | Errno::PERM
        | Errno::ACCESS
        | Errno::MFILE
        | Errno::NFILE
        | Errno::NOBUFS
        | Errno::NOMEM => unasked(errno),
        errno => Verdict::Failed(std::io::Error::from(errno).to_string()),
    }
}

fn unasked(errno: Errno) -> Verdict {
    Verdict::Unasked(std::io::Error::from(errno).to_string())
}
