//! The launcher: a re-execution of ourselves that does nothing but start a script process when it
//! is told to, and say how it ended. It takes nothing in but a socket to hand on.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;

use rustix::net::getsockname;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::process::Command;

use super::launcher::heard;
use super::process::{ServeError, deaf};
use super::{OURSELVES, WORD, frame};

/// Serves the daemon at the other end of standard input until that closes.
pub fn launch() -> Result<(), ServeError> {
    let stdin = io::stdin();
    if getsockname(stdin.as_fd()).is_err() {
        return Err(ServeError::Alone);
    }
    let socket = std::os::unix::net::UnixStream::from(stdin.as_fd().try_clone_to_owned()?);
    socket.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work(socket))?)
}

/// One at a time, as the daemon has it: it asks for another when the one before has ended.
async fn work(socket: std::os::unix::net::UnixStream) -> io::Result<()> {
    let _deaf = deaf()?;
    let mut socket = UnixStream::from_std(socket)?;
    loop {
        let passed = socket.async_io(Interest::READABLE, || heard(&socket));
        let Some(theirs) = passed.await? else {
            return Ok(());
        };
        let end = match run(theirs).await {
            Ok(end) => end,
            Err(error) => format!("it cannot be started: {error}"),
        };
        if frame::write(&mut socket, &end).await.is_err() {
            // The daemon has gone.
            return Ok(());
        }
    }
}

/// A script process from start to end.
async fn run(socket: OwnedFd) -> io::Result<String> {
    let mut process = Command::new(OURSELVES)
        .arg(WORD)
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .spawn()?;
    Ok(process.wait().await?.to_string())
}
