use std::time::Duration;

use super::board::Found;
use super::damping::{Care, Damping};
use super::machine::State;
use super::standing::{Reason, Standing};
use super::watch::{Heard, Turned, Watch};
use crate::model::limits::Weight;
use crate::model::moment::Moment;
use crate::model::server::RealServer;

/// Why a server is up that nothing is asked of.
const UNCHECKED: &str = "has no check";

/// A real server: what its checks have found, what that comes to, and what it weighs. What the file
/// says of it comes in with every call.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    /// In the order of the file.
    pub(super) checks: Box<[Watch]>,
    pub(super) standing: Standing,
    pub(super) damping: Damping,
    /// In a frozen pool: whether it goes on serving, whatever its checks say.
    pub(super) frozen: Option<bool>,
}

/// What an answer did to a server.
#[derive(Clone, Debug, Default)]
pub(super) struct Stirred {
    /// The checks that turned, by place, and whether they are up now.
    pub(super) checks: Vec<(usize, bool)>,
    /// It came up or went down; when the state that ended had begun.
    pub(super) was_since: Option<Moment>,
    /// It was never up and now is known to be down.
    pub(super) never_up: bool,
    pub(super) weight: bool,
    /// The patience of one of the checks has ended.
    pub(super) gave_up: bool,
}

impl Watched {
    pub(super) fn new(checks: Vec<Watch>, standing: Standing) -> Self {
        Self {
            checks: checks.into(),
            standing,
            damping: Damping::default(),
            frozen: None,
        }
    }

    /// What it should weigh in the table while it serves: the file's weight and what its checks
    /// add, less while it starts slowly.
    pub(super) fn weight(&self, real: &RealServer, care: &Care, now: Moment) -> Weight {
        let whole = self.whole_weight(real);
        self.damping.ramped(care, whole, now)
    }

    /// The same without a slow start: what counts for the quorum.
    pub(super) fn whole_weight(&self, real: &RealServer) -> Weight {
        let configured = i64::from(real.weight.get());
        let adds = self.checks.iter().map(|watch| watch.adds(real.weight));
        let sum = adds.fold(configured, i64::saturating_add);
        Weight::clamped(sum)
    }

    /// Whether it takes connections, as far as it alone is concerned.
    pub(super) fn serves(&self) -> bool {
        self.frozen.unwrap_or(self.standing.up)
    }

    /// An answer to the probe that some of its checks ask.
    pub(super) fn hear(
        &mut self,
        real: &RealServer,
        care: &Care,
        places: &[usize],
        heard: &Heard<'_>,
    ) -> Stirred {
        let mut stirred = Stirred::default();
        let mut attempt = None;
        for place in places {
            let both = self.checks.get_mut(*place).zip(real.checks.get(*place));
            let Some((watch, check)) = both else {
                continue;
            };
            let Some(turned) = watch.hear(check, heard) else {
                continue;
            };
            let Turned {
                admitted,
                evicted,
                never_up,
                weight,
                ..
            } = turned;
            if admitted || evicted {
                stirred.checks.push((*place, admitted));
            }
            stirred.never_up |= never_up;
            stirred.weight |= weight;
            stirred.gave_up |= watch.gave_up(&check.policy);
            attempt = turned.attempt.or(attempt);
        }
        let reason = heard.reason;
        let reason = match attempt {
            Some((1, 1)) if stirred.never_up => format!("{reason} (first check)").into(),
            Some((nth, of)) => format!("{reason} (attempt {nth} of {of})").into(),
            None => reason.clone(),
        };
        stirred.was_since = self.settle(care, &reason, heard.now);
        if stirred.never_up {
            self.standing.reason = reason;
        }
        stirred
    }

    /// A hold-down may have ended.
    pub(super) fn tick(&mut self, care: &Care, now: Moment) -> Option<Moment> {
        let reason = "its checks passed all through the hold-down".into();
        self.settle(care, &reason, now)
    }

    /// Brings the standing to what the checks say; when the state that ended had begun, where one
    /// did.
    fn settle(&mut self, care: &Care, reason: &Reason, now: Moment) -> Option<Moment> {
        let passing = self.checks.iter().all(|watch| watch.state.is_up());
        let standing = &mut self.standing;
        if passing == standing.up {
            if !passing {
                self.damping.fails();
            } else if standing.reason != *reason && self.checks.iter().all(is_known) {
                standing.reason.clone_from(reason);
            }
            return None;
        }
        if passing && !self.damping.may_return(care, now) {
            standing.reason = "its checks pass; held down because it came and went".into();
            return None;
        }
        let was_since = std::mem::replace(&mut standing.since, now);
        standing.up = passing;
        standing.reason.clone_from(reason);
        if passing {
            self.damping.returns(care, now);
        } else {
            self.damping.leaves(care, now.since(was_since));
        }
        Some(was_since)
    }

    /// The file is new to it: who lost the checks that failed is up. When the state that ended had
    /// begun, where one did.
    pub(super) fn settle_reloaded(&mut self, care: &Care, now: Moment) -> Option<Moment> {
        let unchecked = self.checks.is_empty();
        if self.standing.up {
            if unchecked {
                self.standing.reason = UNCHECKED.into();
            } else if self.standing.reason == UNCHECKED {
                self.standing.reason = "not yet checked".into();
            }
            return None;
        }
        let reason = if unchecked {
            UNCHECKED
        } else {
            "none of its checks fails any more"
        };
        self.settle(care, &reason.into(), now)
    }
}

/// The longest rhythm of its checks.
pub(super) fn period(real: &RealServer) -> Duration {
    let loops = real.checks.iter().map(|check| check.policy.delay_loop);
    loops.max().unwrap_or_default()
}

fn is_known(watch: &Watch) -> bool {
    !matches!(watch.state, State::New { .. })
}

/// How a server starts that nothing is remembered of.
pub(super) fn first_standing(real: &RealServer, found: Found, now: Moment) -> Standing {
    let alpha = real.checks.iter().any(|check| check.policy.alpha);
    let quiesced = real.weight.get() > 0 && !real.checks.is_empty();
    let (up, reason) = match found {
        Found::Quiesced if quiesced => (false, "was out of service before, not yet checked"),
        Found::Absent if alpha => (false, "alpha: not yet checked"),
        Found::Serving => (true, "found serving, not yet checked"),
        Found::Quiesced | Found::Absent => (true, "not yet checked"),
    };
    Standing {
        up,
        since: now,
        reason: reason.into(),
    }
}
