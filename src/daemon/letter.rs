use super::goal::Goal;
use crate::ipvs::Presence;
use crate::model::patch::Patch;

/// What the kernel thread is told. What was not yet begun is merged with what is newer.
#[derive(Debug, Default)]
pub(super) struct Letter {
    /// What is to be brought about from now on.
    pub(super) goal: Option<Goal>,
    /// A part of the goal is to look otherwise now.
    pub(super) patch: Option<Patch>,
    /// The kernel's IPVS came or went.
    pub(super) family: Option<Presence>,
    /// The end; true where all that is ours goes with it.
    pub(super) stop: Option<bool>,
}

impl Letter {
    pub(super) fn goal(goal: Goal) -> Self {
        Self {
            goal: Some(goal),
            ..Self::default()
        }
    }

    pub(super) fn patch(patch: Patch) -> Self {
        Self {
            patch: Some(patch),
            ..Self::default()
        }
    }

    pub(super) fn family(presence: Presence) -> Self {
        Self {
            family: Some(presence),
            ..Self::default()
        }
    }

    pub(super) fn stop(flush: bool) -> Self {
        Self {
            stop: Some(flush),
            ..Self::default()
        }
    }

    /// What is left to do where neither was begun.
    pub(super) fn then(self, newer: Self) -> Self {
        let (goal, patch) = match (newer.goal, newer.patch) {
            (Some(goal), patch) => (Some(goal), patch),
            (None, None) => (self.goal, self.patch),
            (None, Some(newer)) => {
                let patch = match self.patch {
                    Some(older) => older.then(newer),
                    None => newer,
                };
                (self.goal, Some(patch))
            }
        };
        Self {
            goal,
            patch,
            family: newer.family.or(self.family),
            stop: newer.stop.or(self.stop),
        }
    }
}
