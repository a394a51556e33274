use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{connect, sockopt};
use socket2::Type;

use super::fault;
use super::socket;
use crate::health::Verdict;
use crate::model::check::Probe;

/// Begins a connection; nothing here waits. The error is why there is none.
pub(super) fn begin(probe: &Probe) -> Result<OwnedFd, Verdict> {
    let socket = socket::open(probe, Type::STREAM, None);
    let socket = OwnedFd::from(socket.map_err(|error| Verdict::Unasked(error.to_string()))?);
    match connect(&socket, &socket::target(probe)) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket),
        Err(errno) => Err(fault::judge(errno)),
    }
}

/// What became of a connection that is no longer on its way.
pub(super) fn finish(socket: &OwnedFd) -> Verdict {
    match sockopt::socket_error(socket) {
        Ok(Ok(())) => Verdict::Passed,
        Ok(Err(errno)) | Err(errno) => fault::failed(errno),
    }
}
