use std::net::TcpStream as Unwatched;

use rustix::io::Errno;
use socket2::Type;
use tokio::net::TcpStream;

use super::fault;
use crate::health::Verdict;
use crate::model::check::Probe;
use crate::probe::socket;

/// A connection to the target of a check, from where the check says.
pub(super) async fn connect(probe: &Probe) -> Result<TcpStream, Verdict> {
    let socket = socket::open(probe, Type::STREAM, None);
    let socket = socket.map_err(|error| Verdict::Unasked(fault::words(&error)))?;
    match socket.connect(&socket::target(probe).into()) {
        Err(error) if Errno::from_io_error(&error) != Some(Errno::INPROGRESS) => {
            return Err(fault::judge(&error));
        }
        _ => {}
    }
    let watched = TcpStream::from_std(Unwatched::from(socket));
    let stream = watched.map_err(|error| Verdict::Unasked(fault::words(&error)))?;
    let ready = stream.writable().await;
    let ended = ready.and_then(|()| stream.take_error());
    match ended {
        Ok(None) => Ok(stream),
        Ok(Some(error)) | Err(error) => Err(fault::judge(&error)),
    }
}
