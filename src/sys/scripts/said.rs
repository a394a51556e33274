use std::convert::Infallible;
use std::future::pending;
use std::io::{self, ErrorKind, PipeWriter};
use std::os::fd::OwnedFd;

use tokio::net::unix::pipe::Receiver;

/// So many bytes of what a script says are kept.
const KEPT: usize = 200;

/// What a script writes to standard error: the beginning is kept, the rest read and forgotten, so
/// that it never waits for a reader.
#[derive(Debug)]
pub(super) struct Said {
    pipe: Receiver,
    kept: Vec<u8>,
}

impl Said {
    /// The listener, and what a script writes to.
    pub(super) fn pipe() -> io::Result<(Self, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        let pipe = Receiver::from_owned_fd(OwnedFd::from(reader))?;
        let kept = Vec::new();
        Ok((Self { pipe, kept }, writer))
    }

    /// Listens until it is dropped.
    pub(super) async fn listen(&mut self) -> Infallible {
        self.hear_out().await;
        pending().await
    }

    /// Listens until nobody holds the other end any more.
    pub(super) async fn hear_out(&mut self) {
        let mut buffer = [0; 4096];
        while self.pipe.readable().await.is_ok() {
            match self.pipe.try_read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => self.keep(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    /// What was kept of a script that has ended; what it said last may not have been heard yet.
    pub(super) fn kept(&mut self) -> Vec<u8> {
        let mut buffer = [0; KEPT];
        while self.kept.len() < KEPT {
            match rustix::io::read(&self.pipe, &mut buffer) {
                Ok(count @ 1..) => self.keep(&buffer[..count]),
                Ok(0) | Err(_) => break,
            }
        }
        std::mem::take(&mut self.kept)
    }

    fn keep(&mut self, said: &[u8]) {
        let room = KEPT.saturating_sub(self.kept.len());
        self.kept.extend(&said[..said.len().min(room)]);
    }
}
