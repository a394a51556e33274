use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

use crate::health::ProbeId;
use crate::model::check::Probe;
use crate::model::moment::Moment;

/// What the asking thread is told to do.
#[derive(Debug)]
pub(super) enum Command {
    Ask(ProbeId, Arc<Probe>, Moment),
    Cancel(ProbeId),
    Stop,
}

/// Commands on their way to the asking thread. It is woken only for what cannot wait until it
/// wakes of its own: with thousands of checks that is soon, and a wake-up for each would cost more
/// than the check.
#[derive(Debug)]
pub(super) struct Inbox {
    post: Mutex<Post>,
    wake: OwnedFd,
}

#[derive(Debug, Default)]
struct Post {
    commands: Vec<Command>,
    /// The thread sleeps, until then at the latest.
    asleep: Option<Moment>,
}

impl Inbox {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            post: Mutex::default(),
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    pub(super) fn post(&self, command: Command) {
        let mut post = self.lock();
        let urgent = post.asleep.is_some_and(|until| match &command {
            Command::Ask(_, _, at) => *at < until,
            // Whatever wakes the thread, it obeys before it hears.
            Command::Cancel(_) => false,
            Command::Stop => true,
        });
        post.commands.push(command);
        if urgent {
            post.asleep = None;
            // Full only after 2^64 - 2 wake-ups that nobody heard.
            let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
        }
    }

    /// False where there is something to obey first.
    pub(super) fn sleep(&self, until: Moment) -> bool {
        let mut post = self.lock();
        let idle = post.commands.is_empty();
        if idle {
            post.asleep = Some(until);
        }
        idle
    }

    /// Takes what has come; `commands` is empty before.
    pub(super) fn wake(&self, commands: &mut Vec<Command>) {
        let mut post = self.lock();
        post.asleep = None;
        std::mem::swap(&mut post.commands, commands);
    }

    /// Takes the wake-up out of the descriptor.
    pub(super) fn hear(&self) {
        let _ = rustix::io::read(&self.wake, &mut [0; 8]);
    }

    fn lock(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsFd for Inbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}
