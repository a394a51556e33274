//! The script process: a re-execution of ourselves that does nothing but start scripts, tell how
//! they came out and end them.

use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::{fmt, io};

use rustix::net::getsockname;
use rustix::process::{Resource, Rlimit, getrlimit};
use tokio::io::AsyncRead;
use tokio::net::unix::OwnedWriteHalf;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::message::{Order, Report, ScriptId};
use super::{frame, running};
use crate::sys::limits;

/// Why the process could not do its work.
#[derive(Debug)]
pub enum ServeError {
    /// Standard input is no socket of a daemon.
    Alone,
    Io(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone => {
                f.write_str("only a daemon starts this (remedy: lvsctl daemon, which does)")
            }
            Self::Io(error) => write!(f, "the script process cannot go on: {error}"),
        }
    }
}

impl std::error::Error for ServeError {}

impl From<io::Error> for ServeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Serves the daemon at the other end of standard input until that closes, and ends what runs
/// then.
pub fn serve() -> Result<(), ServeError> {
    let stdin = io::stdin();
    if getsockname(stdin.as_fd()).is_err() {
        return Err(ServeError::Alone);
    }
    let socket = UnixStream::from(stdin.as_fd().try_clone_to_owned()?);
    socket.set_nonblocking(true)?;
    let descriptors = getrlimit(Resource::Nofile);
    // Three for each script; where it cannot be raised some are not started, and that is said.
    let _ = limits::raise_descriptors();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let _deaf = deaf()?;
        let (mut orders, socket) = tokio::net::UnixStream::from_std(socket)?.into_split();
        let (report, reports) = mpsc::unbounded_channel();
        let telling = tokio::spawn(tell(socket, reports));
        let served = work(&mut orders, &report, descriptors).await;
        drop(report);
        let _ = telling.await;
        Ok(served?)
    })
}

/// Signals to a whole group or service mean the daemon, which says when scripts are to end. They
/// are caught and not ignored: what is ignored would be ignored by every script too.
pub(super) fn deaf() -> io::Result<[Signal; 6]> {
    Ok([
        signal(SignalKind::hangup())?,
        signal(SignalKind::interrupt())?,
        signal(SignalKind::quit())?,
        signal(SignalKind::terminate())?,
        signal(SignalKind::user_defined1())?,
        signal(SignalKind::user_defined2())?,
    ])
}

async fn tell(mut socket: OwnedWriteHalf, mut reports: mpsc::UnboundedReceiver<Report>) {
    while let Some(report) = reports.recv().await {
        if frame::write(&mut socket, &report).await.is_err() {
            // The daemon has gone, which ends the orders too.
            return;
        }
    }
}

async fn work(
    orders: &mut (impl AsyncRead + Unpin),
    report: &mpsc::UnboundedSender<Report>,
    descriptors: Rlimit,
) -> io::Result<()> {
    let mut stops: BTreeMap<ScriptId, oneshot::Sender<()>> = BTreeMap::new();
    let mut running = JoinSet::new();
    let served = loop {
        match frame::read(orders).await {
            Ok(Some(Order::Start { id, script, limit })) => {
                let (stop, stopped) = oneshot::channel();
                stops.retain(|_, stop| !stop.is_closed());
                stops.insert(id, stop);
                while running.try_join_next().is_some() {}
                let report = report.clone();
                running.spawn(running::run(
                    id,
                    script,
                    limit,
                    descriptors,
                    stopped,
                    report,
                ));
            }
            Ok(Some(Order::End(id))) => drop(stops.remove(&id)),
            Ok(None) => break Ok(()),
            // It has gone before it had read everything.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    drop(stops);
    let _ = timeout(running::LAST, running.join_all()).await;
    served
}
