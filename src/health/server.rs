use std::time::Duration;

use super::board::Found;
use super::damping::Damping;
use super::machine::State;
use super::standing::Standing;
use super::watch::{Heard, Turned, Watch};
use crate::model::limits::Weight;
use crate::model::moment::Moment;
use crate::model::server::RealServer;

/// A real server: its checks, what they come to, and what it weighs.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) checks: Vec<Watch>,
    pub(super) standing: Standing,
    /// Of the file.
    weight: Weight,
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
    pub(super) fn new(real: &RealServer, checks: Vec<Watch>, standing: Standing) -> Self {
        Self {
            checks,
            standing,
            weight: real.weight,
            damping: Damping::default(),
            frozen: None,
        }
    }

    /// What it should weigh in the table while it serves: the file's weight and what its checks
    /// add, less while it starts slowly.
    pub(super) fn weight(&self, now: Moment) -> Weight {
        let whole = self.whole_weight();
        self.damping.ramped(whole, now)
    }

    /// The same without a slow start: what counts for the quorum.
    pub(super) fn whole_weight(&self) -> Weight {
        let configured = i64::from(self.weight.get());
        let adds = self.checks.iter().map(|watch| watch.adds(self.weight));
        let sum = adds.fold(configured, i64::saturating_add);
        Weight::clamped(sum)
    }

    /// Whether it takes connections, as far as it alone is concerned.
    pub(super) fn serves(&self) -> bool {
        self.frozen.unwrap_or(self.standing.up)
    }

    /// An answer to the probe that some of its checks ask.
    pub(super) fn hear(&mut self, places: &[usize], heard: &Heard<'_>) -> Stirred {
        let mut stirred = Stirred::default();
        let mut attempt = None;
        for place in places {
            let Some(watch) = self.checks.get_mut(*place) else {
                continue;
            };
            let Some(turned) = watch.hear(heard) else {
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
            stirred.gave_up |= watch.gave_up();
            attempt = turned.attempt.or(attempt);
        }
        let reason = heard.reason;
        let reason = match attempt {
            Some((1, 1)) if stirred.never_up => format!("{reason} (first check)"),
            Some((nth, of)) => format!("{reason} (attempt {nth} of {of})"),
            None => reason.to_owned(),
        };
        stirred.was_since = self.settle(&reason, heard.now);
        if stirred.never_up {
            self.standing.reason = reason;
        }
        stirred
    }

    /// A hold-down may have ended.
    pub(super) fn tick(&mut self, now: Moment) -> Option<Moment> {
        self.settle("its checks passed all through the hold-down", now)
    }

    /// Brings the standing to what the checks say; when the state that ended had begun, where one
    /// did.
    fn settle(&mut self, reason: &str, now: Moment) -> Option<Moment> {
        let passing = self.checks.iter().all(|watch| watch.state.is_up());
        let standing = &mut self.standing;
        if passing == standing.up {
            if !passing {
                self.damping.fails();
            } else if standing.reason != reason && self.checks.iter().all(is_known) {
                reason.clone_into(&mut standing.reason);
            }
            return None;
        }
        if passing && !self.damping.may_return(now) {
            "its checks pass; held down because it came and went".clone_into(&mut standing.reason);
            return None;
        }
        let was_since = std::mem::replace(&mut standing.since, now);
        standing.up = passing;
        reason.clone_into(&mut standing.reason);
        if passing {
            self.damping.returns(now);
        } else {
            self.damping.leaves(now.since(was_since));
        }
        Some(was_since)
    }

    /// The file has changed: who lost the checks that failed is up. When the state that ended had
    /// begun, where one did.
    pub(super) fn settle_reloaded(&mut self, now: Moment) -> Option<Moment> {
        let reason = if self.checks.is_empty() {
            "has no check"
        } else {
            "none of its checks fails any more"
        };
        let fallen = !self.standing.up;
        fallen.then(|| self.settle(reason, now)).flatten()
    }

    /// The longest rhythm of its checks.
    pub(super) fn period(&self) -> Duration {
        let loops = self.checks.iter().map(|watch| watch.policy.delay_loop);
        loops.max().unwrap_or_default()
    }
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
        reason: reason.to_owned(),
    }
}
