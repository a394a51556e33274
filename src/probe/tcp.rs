use std::io;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{connect, sockopt};
use socket2::Type;

use super::socket;
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
    match socket::open(probe, Type::STREAM, None).map(OwnedFd::from) {
        Err(error) => Begun::Known(Verdict::Unasked(error.to_string())),
        Ok(socket) => match connect(&socket, &socket::target(probe)) {
            Ok(()) => Begun::Known(Verdict::Passed),
            Err(Errno::INPROGRESS) => Begun::Waiting(socket),
            Err(errno) => Begun::Known(judge(errno)),
        },
    }
}

fn asked_here(probe: &Probe) -> bool {
    match probe.kind {
        ProbeKind::Tcp => true,
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
        errno => Verdict::Failed(io::Error::from(errno).to_string()),
    }
}

fn unasked(errno: Errno) -> Verdict {
    Verdict::Unasked(io::Error::from(errno).to_string())
}
