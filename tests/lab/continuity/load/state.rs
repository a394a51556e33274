use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::loss::{How, Loss, Whose};

/// What the clients did and lost so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Requests answered on connections that are kept open.
    pub held_answers: usize,
    /// New connections that were tried.
    pub tried: usize,
    /// New connections that were served.
    pub served: usize,
    pub losses: Vec<Loss>,
    pub slowest_held: Duration,
    pub slowest_new: Duration,
}

/// Who answered a held connection last, and in which round.
struct Answered {
    round: usize,
    server: String,
}

/// What all clients share with who started them.
#[derive(Default)]
pub struct State {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    ended: bool,
    round: usize,
    /// The server that held connections are to leave.
    shunned: Option<String>,
    /// By the number of the held connection.
    answered: BTreeMap<usize, Answered>,
    tally: Tally,
}

impl State {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn end(&self) {
        self.inner().ended = true;
    }

    pub fn ended(&self) -> bool {
        self.inner().ended
    }

    /// Begins a round, and returns its number.
    pub fn next_round(&self) -> usize {
        let inner = &mut *self.inner();
        inner.round += 1;
        inner.round
    }

    pub fn round(&self) -> usize {
        self.inner().round
    }

    /// How many held connections have been answered to what they asked since a round began.
    pub fn answered_since(&self, round: usize) -> usize {
        let inner = self.inner();
        let answered = inner.answered.values();
        answered.filter(|answered| answered.round >= round).count()
    }

    pub fn shun(&self, server: Option<String>) {
        self.inner().shunned = server;
    }

    /// How many connections each server holds.
    pub fn held(&self) -> BTreeMap<String, usize> {
        let mut held = BTreeMap::new();
        for answered in self.inner().answered.values() {
            *held.entry(answered.server.clone()).or_insert(0) += 1;
        }
        held
    }

    /// A held connection was answered to what it asked in `round`; whether it may stay.
    pub fn answered(&self, id: usize, round: usize, server: String, took: Duration) -> bool {
        let inner = &mut *self.inner();
        inner.tally.held_answers += 1;
        inner.tally.slowest_held = inner.tally.slowest_held.max(took);
        let stays = inner.shunned.as_ref() != Some(&server);
        if stays {
            inner.answered.insert(id, Answered { round, server });
        } else {
            inner.answered.remove(&id);
        }
        stays
    }

    /// A held connection was lost.
    pub fn broke(&self, id: usize, whose: Whose, how: How) {
        let inner = &mut *self.inner();
        inner.answered.remove(&id);
        inner.lost(whose, how);
    }

    pub fn tried(&self) {
        self.inner().tally.tried += 1;
    }

    pub fn served(&self, took: Duration) {
        let tally = &mut self.inner().tally;
        tally.served += 1;
        tally.slowest_new = tally.slowest_new.max(took);
    }

    /// A new connection was lost.
    pub fn failed(&self, how: How) {
        self.inner().lost(Whose::New, how);
    }

    pub fn tally(&self) -> Tally {
        self.inner().tally.clone()
    }
}

impl Inner {
    fn lost(&mut self, whose: Whose, how: How) {
        let at = Instant::now();
        self.tally.losses.push(Loss { at, whose, how });
    }
}
