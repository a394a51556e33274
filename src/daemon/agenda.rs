use std::fmt;
use std::time::Duration;

use crate::model::moment::Moment;

/// How often a drain is looked after.
const DRAIN: Duration = Duration::from_secs(1);
/// From one failed round to the next: doubled up to the resync.
const RETRY: Duration = Duration::from_secs(1);
/// A glance may take one part in so many of the thread's time.
const SHARE: u32 = 100;

/// Why the kernel's table is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// It is time for it.
    Resync,
    /// A glance showed that something is otherwise.
    Canary,
    /// The kernel's IPVS came back.
    Family,
    /// What was fought for has been left alone for long enough: no glance would show it, because it
    /// is as it was left.
    Fight,
    /// The last round failed, or the kernel refused some of it.
    Retry,
}

impl fmt::Display for Cue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resync => "resync",
            Self::Canary => "canary",
            Self::Family => "module",
            Self::Fight => "end of a wait",
            Self::Retry => "retry",
        })
    }
}

/// When the kernel thread does by itself what it does: whole looks at the table, rounds that go by
/// what is known of it, and glances that only tell that something is otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Agenda {
    resync: Duration,
    /// Zero where nobody glances.
    canary: Duration,
    look: Moment,
    cue: Cue,
    round: Option<Moment>,
    glance: Option<Moment>,
    /// What the last glance took.
    spent: Option<Duration>,
    retry: Duration,
}

impl Agenda {
    /// The first look is due at once.
    pub fn new(resync: Duration, canary: Duration, now: Moment) -> Self {
        Self {
            resync,
            canary,
            look: now,
            cue: Cue::Resync,
            round: None,
            glance: None,
            spent: None,
            retry: RETRY,
        }
    }

    /// When the next is due.
    pub fn next(&self) -> Moment {
        let others = [self.round, self.glance].into_iter().flatten();
        others.fold(self.look, Moment::min)
    }

    /// Why the table is to be read now, if it is.
    pub fn look(&self, now: Moment) -> Option<Cue> {
        (now >= self.look).then_some(self.cue)
    }

    pub fn round(&self, now: Moment) -> bool {
        self.round.is_some_and(|at| now >= at)
    }

    pub fn glance(&self, now: Moment) -> bool {
        self.glance.is_some_and(|at| now >= at)
    }

    /// Has the table read at `at`, if not before.
    pub fn look_at(&mut self, cue: Cue, at: Moment) {
        if at < self.look {
            self.look = at;
            self.cue = cue;
        }
    }

    /// A glance took `cost` and found all as it was. The smaller of the last two counts: what the
    /// host does meanwhile only adds to it.
    pub fn glanced(&mut self, cost: Duration, now: Moment) {
        let before = self.spent.replace(cost);
        let least = before.map_or(cost, |before| before.min(cost));
        self.glance_after(least * SHARE, now);
    }

    /// There is nothing that a glance could be held against before the next look.
    pub fn glance_no_more(&mut self) {
        self.glance = None;
    }

    fn glance_after(&mut self, pace: Duration, now: Moment) {
        let pace = self.canary.max(pace).min(self.resync);
        self.glance = (!self.canary.is_zero()).then(|| now + pace);
    }

    /// A round was made, be it a patch. Only one that looked tried everything again, and tells whether
    /// to wait longer for the next time.
    pub fn done(&mut self, looked: bool, refused: bool, draining: bool, now: Moment) {
        if looked {
            self.look = now + self.resync;
            self.cue = Cue::Resync;
            self.glance_after(Duration::ZERO, now);
        }
        self.round = draining.then(|| now + DRAIN);
        if refused {
            self.look_at(Cue::Retry, now + self.retry);
        }
        match (looked, refused) {
            (true, true) => self.back_off(),
            (true, false) => self.renew(),
            (false, _) => {}
        }
    }

    /// What failed is no measure of what is tried from now on.
    pub fn renew(&mut self) {
        self.retry = RETRY;
    }

    /// The round that was made left something to the next.
    pub fn go_on(&mut self, now: Moment) {
        self.round = Some(now);
    }

    /// A round failed: the kernel was out of reach. One that was to look has the next wait longer; a
    /// patch tries by the way.
    pub fn failed(&mut self, looked: bool, now: Moment) {
        self.round = None;
        self.glance = None;
        if looked {
            self.look = now + self.retry;
            self.cue = Cue::Retry;
            self.back_off();
        } else {
            self.look_at(Cue::Retry, now + self.retry);
        }
    }

    fn back_off(&mut self) {
        self.retry = (self.retry * 2).min(self.resync);
    }
}
