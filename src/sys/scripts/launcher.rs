use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::cmsg_space;
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use super::{LAUNCHER, frame};

/// The one thing that a launcher is told, together with a socket.
const START: u8 = b's';

/// The daemon's end of the launcher: a process that starts script processes and has the
/// privileges that the daemon gives up. Dropping it ends that process.
#[derive(Debug)]
pub struct Launcher {
    socket: UnixStream,
    /// Nobody waits for it: its end is the end of its socket.
    _process: Child,
}

impl Launcher {
    /// Starts the process in the caller's network namespace, from a program that is lvsctl.
    pub fn start(program: &Path) -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        socket.set_nonblocking(true)?;
        let process = Command::new(program)
            .arg(LAUNCHER)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self {
            socket,
            _process: process,
        })
    }

    /// Has a script process started; what comes back is the daemon's end of its socket.
    pub(super) fn launch(&self) -> io::Result<UnixStream> {
        let (ours, theirs) = UnixStream::pair()?;
        let theirs = [theirs.as_fd()];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(&theirs));
        let word = [IoSlice::new(&[START])];
        let sent = sendmsg(&self.socket, &word, &mut control, SendFlags::NOSIGNAL);
        sent.map_err(|errno| match errno {
            Errno::PIPE | Errno::CONNRESET => {
                io::Error::other("the process that starts it has ended (remedy: restart lvsctl)")
            }
            other => other.into(),
        })?;
        Ok(ours)
    }

    /// How the script process ended that was started last; not before it has.
    pub(super) async fn end(&self) -> io::Result<String> {
        let mut socket = tokio::net::UnixStream::from_std(self.socket.try_clone()?)?;
        let end = frame::read(&mut socket).await?;
        let unknown = || "the process that started it has ended too".to_owned();
        Ok(end.unwrap_or_else(unknown))
    }
}

/// The socket that a launcher is told to start a script process with; `None` where the daemon has
/// gone.
pub(super) fn heard(socket: impl AsFd) -> io::Result<Option<OwnedFd>> {
    let mut word = [0; 1];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    let heard = recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut word)],
        &mut control,
        flags,
    )?;
    if heard.bytes == 0 {
        return Ok(None);
    }
    let passed = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
        _ => None,
    });
    let none = || io::Error::new(io::ErrorKind::InvalidData, "no socket came with the word");
    passed.map(Some).ok_or_else(none)
}
