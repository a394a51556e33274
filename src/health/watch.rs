use super::board::ProbeId;
use super::machine::{Action, Event, State, step};
use super::manner::{Manner, is_watched};
use super::standing::Reason;
use super::verdict::Weighing;
use crate::model::check::{Check, Policy};
use crate::model::limits::Weight;
use crate::model::moment::Moment;

/// What one check of one real server has found so far. What the file says of it comes in with every
/// call: there may be a hundred thousand.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    pub(super) state: State,
    /// What it last said of the weight, while it passes.
    pub(super) weighing: Option<Weighing>,
    /// When it wants to be asked; `None` where its answers come by themselves.
    pub(super) due: Option<Moment>,
}

/// What an answer means to one check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard<'a> {
    pub(super) id: ProbeId,
    pub(super) event: Event,
    pub(super) weighing: Option<Weighing>,
    pub(super) reason: &'a Reason,
    pub(super) started: Moment,
    pub(super) now: Moment,
}

/// What an answer changed.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that happened or did not"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turned {
    pub(super) admitted: bool,
    pub(super) evicted: bool,
    /// The first check of a server that was never up failed.
    pub(super) never_up: bool,
    pub(super) weight: bool,
    /// Which failure of how many: 1 of 1 for a first one that decides.
    pub(super) attempt: Option<(u32, u32)>,
}

impl Watch {
    pub(super) fn new(check: &Check, state: State, due: Moment) -> Self {
        Self {
            state,
            weighing: None,
            due: (!is_watched(&check.probe.kind)).then_some(due),
        }
    }

    /// The same check with another patience.
    pub(super) fn comes_under(&mut self, policy: &Policy, now: Moment) {
        let soonest = now + policy.delay_loop;
        self.state = self.state.under(policy);
        self.due = self.due.map(|due| due.min(soonest));
    }

    /// `None` where somebody else's probe came between the retries of this check: it counts only
    /// the failures that it asked for.
    pub(super) fn hear(&mut self, check: &Check, heard: &Heard<'_>) -> Option<Turned> {
        let (policy, manner) = (&check.policy, Manner::of(&check.probe.kind));
        let retrying = matches!(self.state, State::Up { failures } if failures > 0);
        let early = self.due.is_some_and(|due| heard.started < due);
        if heard.event == Event::Failed && retrying && early {
            return None;
        }
        let before = self.state;
        let (after, actions) = step(before, heard.event, manner, policy);
        self.state = after;
        let mut turned = Turned {
            attempt: attempt(before, heard.event, policy),
            ..Turned::default()
        };
        for action in actions {
            match action {
                Action::Admit => turned.admitted = true,
                Action::Evict if before.is_up() => turned.evicted = true,
                Action::Evict => turned.never_up = true,
                Action::CheckIn(delay) => {
                    let from = if manner.from_start {
                        heard.started
                    } else {
                        heard.now
                    };
                    self.due = self.due.map(|_| (from + delay).max(heard.now));
                }
            }
        }
        let weighing = match heard.event {
            Event::Passed => heard.weighing,
            Event::Failed if !after.is_up() => None,
            _ => self.weighing,
        };
        turned.weight = self.weighing != weighing;
        self.weighing = weighing;
        Some(turned)
    }

    /// How much it adds to a weight of the file, or takes from it.
    pub(super) fn adds(&self, configured: Weight) -> i64 {
        self.weighing
            .map_or(0, |weighing| weighing.adds(configured))
    }

    /// Its patience has ended.
    pub(super) fn gave_up(&self, policy: &Policy) -> bool {
        matches!(self.state, State::Down { failures } if failures > policy.retry)
    }
}

fn attempt(before: State, event: Event, policy: &Policy) -> Option<(u32, u32)> {
    match (event, before) {
        (Event::Failed, State::Up { failures }) => {
            Some((failures.saturating_add(1), policy.retry.saturating_add(1)))
        }
        (Event::Failed, State::New { .. }) => Some((1, 1)),
        _ => None,
    }
}
