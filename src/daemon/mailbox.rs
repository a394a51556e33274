use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A channel of depth one in which a newer letter replaces the one not yet taken.
///
/// The sender never waits, and a slow receiver never works off what is out of date.
#[derive(Debug)]
pub struct Mailbox<T> {
    slot: Mutex<Option<T>>,
    filled: Condvar,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self {
            slot: Mutex::new(None),
            filled: Condvar::new(),
        }
    }
}

impl<T> Mailbox<T> {
    /// Puts a letter in; `merge` says what becomes of one that was not yet taken.
    pub fn post(&self, letter: T, merge: impl FnOnce(T, T) -> T) {
        let mut slot = self.lock();
        let letter = match slot.take() {
            Some(older) => merge(older, letter),
            None => letter,
        };
        *slot = Some(letter);
        // Who wakes finds the slot free, and need not sleep once more for it.
        drop(slot);
        self.filled.notify_one();
    }

    /// The letter, or `None` when none came in time.
    pub fn wait(&self, limit: Duration) -> Option<T> {
        let end = Instant::now() + limit;
        let mut slot = self.lock();
        while slot.is_none() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let (again, _) = self
                .filled
                .wait_timeout(slot, left)
                .unwrap_or_else(PoisonError::into_inner);
            slot = again;
        }
        slot.take()
    }

    /// Whether a letter waits.
    pub fn is_filled(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        // A letter is whole or absent: a sender that died leaves nothing half done.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
