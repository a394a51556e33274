use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, PoisonError};

use crate::sys::wake::Wake;

/// Commands for a thread that waits on file descriptors; its own is readable while there are any.
#[derive(Debug)]
pub(in crate::probe) struct Inbox<C> {
    commands: Mutex<Vec<C>>,
    wake: Wake,
}

impl<C> Inbox<C> {
    pub(super) fn new() -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            commands: Mutex::default(),
            wake: Wake::new()?,
        }))
    }

    pub(super) fn post(&self, command: C) {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.push(command);
        self.wake.ring();
    }

    /// All that came, the oldest first.
    pub(in crate::probe) fn take(&self) -> Vec<C> {
        self.wake.hear();
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut commands)
    }
}

impl<C> AsFd for Inbox<C> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}
