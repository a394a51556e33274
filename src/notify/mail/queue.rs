use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{error, warn};

use super::letter::Letter;
use super::patience::Patience;
use super::route::Route;
use crate::model::moment::Moment;
use crate::sys::clock;

/// More letters than this do not wait: the oldest goes.
const MOST: usize = 1000;

/// Letters on their way from who writes them to the thread that carries them.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    patience: Patience,
}

#[derive(Default)]
struct State {
    letters: VecDeque<Letter>,
    route: Option<Arc<Route>>,
    /// Tries that failed in a row, and when the next is due.
    failures: usize,
    due: Moment,
    /// Letters that found no room since there was some.
    dropped: u64,
    closing: bool,
    /// The thread has ended.
    ended: bool,
}

impl Queue {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            patience,
        }
    }

    /// Takes a letter in; never waits for the network.
    pub(super) fn post(&self, letter: Letter) {
        let mut state = self.lock();
        while state.letters.len() >= MOST {
            state.letters.pop_front();
            if state.dropped == 0 {
                warn!(
                    waiting = MOST,
                    "too many mails wait: the oldest are dropped"
                );
            }
            state.dropped += 1;
        }
        state.letters.push_back(letter);
        self.changed.notify_all();
    }

    /// From now on letters go this way, those that wait too, and at once; without one they go
    /// nowhere.
    pub(super) fn reroute(&self, route: Option<Route>) {
        let mut state = self.lock();
        if state.route.as_deref() == route.as_ref() {
            return;
        }
        state.route = route.map(Arc::new);
        (state.failures, state.due) = (0, Moment::default());
        if state.route.is_none() && !state.letters.is_empty() {
            warn!(
                mails = state.letters.len(),
                "the file names no server for mail any more: mails that wait are dropped"
            );
            state.letters.clear();
        }
        self.changed.notify_all();
    }

    /// Waits until there is a letter and it is time. `None`: nothing is left to do.
    pub(super) fn wait(&self) -> Option<Arc<Route>> {
        let mut state = self.lock();
        loop {
            if state.closing && (state.letters.is_empty() || state.route.is_none()) {
                return None;
            }
            let pause = state.due.since(clock::now());
            let ready = !state.letters.is_empty() && (pause.is_zero() || state.closing);
            if let Some(route) = state.route.as_ref().filter(|_| ready) {
                return Some(Arc::clone(route));
            }
            state = self.sleep(state, pause);
        }
    }

    /// The next letter, without waiting.
    pub(super) fn next(&self) -> Option<Letter> {
        self.lock().letters.pop_front()
    }

    /// A try is over, and these letters are left of it. Those that are too old are given up.
    pub(super) fn put_back(&self, left: Vec<Letter>) {
        let now = clock::now();
        let mut state = self.lock();
        if left.is_empty() {
            state.failures = 0;
        } else {
            state.failures += 1;
            state.due = now + self.patience.pause(state.failures);
        }
        for letter in left.into_iter().rev() {
            let old = now.since(letter.written) > self.patience.lifetime;
            if old || state.closing || state.route.is_none() {
                error!(subject = letter.subject, "a mail is given up");
            } else {
                state.letters.push_front(letter);
            }
        }
        if state.dropped > 0 && state.letters.len() < MOST {
            let dropped = std::mem::take(&mut state.dropped);
            warn!(dropped, "mails were dropped because too many waited");
        }
    }

    /// Has what waits tried once more, and waits a little for it.
    pub(super) fn close(&self) {
        let end = clock::now() + self.patience.stop;
        let mut state = self.lock();
        state.closing = true;
        self.changed.notify_all();
        loop {
            let left = end.since(clock::now());
            if state.ended {
                return;
            }
            if left.is_zero() {
                warn!(
                    waiting = state.letters.len(),
                    "mail is still under way, and is given up"
                );
                return;
            }
            state = self.sleep(state, left);
        }
    }

    /// The thread says that it ends.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Until something changes, or for so long; for ever where that is no time.
    fn sleep<'s>(&self, state: MutexGuard<'s, State>, limit: Duration) -> MutexGuard<'s, State> {
        if limit.is_zero() {
            let woken = self.changed.wait(state);
            return woken.unwrap_or_else(PoisonError::into_inner);
        }
        let woken = self.changed.wait_timeout(state, limit);
        woken.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole: a thread that died leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
