use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{EventfdFlags, eventfd};

/// Wakes a thread that waits on file descriptors: readable from [`Wake::ring`] until
/// [`Wake::hear`].
///
/// Source: eventfd(2).
#[derive(Debug)]
pub struct Wake(OwnedFd);

impl Wake {
    pub fn new() -> io::Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        Ok(Self(eventfd(0, flags)?))
    }

    pub fn ring(&self) {
        // Full only after 2^64 - 2 rings: a lost wake-up cannot be.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    pub fn hear(&self) {
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
