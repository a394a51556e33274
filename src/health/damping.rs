use std::time::Duration;

use crate::model::limits::Weight;
use crate::model::moment::Moment;

/// lvsctl's own ways of being careful with a server that comes back. All off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Care {
    /// `--slow-start`: a returning server's weight grows to its whole over this time.
    pub slow_start: Option<Duration>,
    /// `--hold-down`: how long a flapping server's checks must pass before it returns; doubled
    /// each time, up to 32 times this.
    pub hold_down: Option<Duration>,
    /// `--panic-threshold`: where more than this share of a pool, in percent, fails within one
    /// period, the pool is frozen as it is.
    pub panic_threshold: Option<u8>,
}

/// The longest hold-down is 2 to this times the first.
const MOST_DOUBLINGS: u32 = 5;
/// A server that was up for this many hold-downs has settled.
const SETTLED: u32 = 16;
/// A ramp has at most this many steps, none shorter than a second.
const STEPS: u32 = 20;

/// What a server's own past means for its return.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Damping {
    /// How often in a row it went away soon after it had come.
    flaps: u32,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Settled,
    /// It is down and its checks pass: when it may return.
    HeldUntil(Moment),
    /// It is up and its weight grows: when it returned.
    RampSince(Moment),
}

impl Damping {
    /// It went down after it had been up for this long.
    pub(super) fn leaves(&mut self, care: &Care, after: Duration) {
        self.phase = Phase::Settled;
        let Some(hold) = care.hold_down else {
            self.flaps = 0;
            return;
        };
        let soon = after < hold.saturating_mul(SETTLED);
        self.flaps = if soon { self.flaps + 1 } else { 0 };
    }

    /// It is down and its checks do not pass.
    pub(super) fn fails(&mut self) {
        self.phase = Phase::Settled;
    }

    /// It is down and its checks pass: whether it may return now, or when.
    pub(super) fn may_return(&mut self, care: &Care, now: Moment) -> bool {
        let wait = self.wait(care);
        if wait.is_zero() {
            return true;
        }
        let until = match self.phase {
            Phase::HeldUntil(until) => until,
            Phase::Settled | Phase::RampSince(_) => now + wait,
        };
        self.phase = Phase::HeldUntil(until);
        now >= until
    }

    fn wait(&self, care: &Care) -> Duration {
        match (care.hold_down, self.flaps.checked_sub(1)) {
            (Some(hold), Some(doublings)) => {
                hold.saturating_mul(1 << doublings.min(MOST_DOUBLINGS))
            }
            _ => Duration::ZERO,
        }
    }

    pub(super) fn returns(&mut self, care: &Care, now: Moment) {
        self.phase = match care.slow_start {
            Some(_) => Phase::RampSince(now),
            None => Phase::Settled,
        };
    }

    /// What a server of this weight weighs now: at least 1 where the whole is not 0.
    pub(super) fn ramped(&self, care: &Care, whole: Weight, now: Moment) -> Weight {
        let (Phase::RampSince(since), Some(over)) = (self.phase, care.slow_start) else {
            return whole;
        };
        let step = step(over);
        let gone = now.since(since).as_nanos() / step.as_nanos().max(1);
        let gone = step.as_nanos().saturating_mul(gone + 1);
        let share = u128::from(whole.get()) * gone / over.as_nanos().max(1);
        let share = u32::try_from(share).unwrap_or(u32::MAX);
        let least = whole.get().min(1);
        Weight::new(share.clamp(least, whole.get().max(least))).unwrap_or(whole)
    }

    /// When time alone changes something.
    pub(super) fn next(&self, care: &Care, now: Moment) -> Option<Moment> {
        let since = match self.phase {
            Phase::Settled => return None,
            Phase::HeldUntil(until) => return Some(until),
            Phase::RampSince(since) => since,
        };
        let over = care.slow_start?;
        let step = step(over);
        let gone = now.since(since).as_nanos() / step.as_nanos().max(1);
        let steps = u32::try_from(gone).ok()?.checked_add(1)?;
        let next = step.saturating_mul(steps);
        (next < over + step).then_some(since + next)
    }
}

fn step(over: Duration) -> Duration {
    (over / STEPS).max(Duration::from_secs(1))
}
