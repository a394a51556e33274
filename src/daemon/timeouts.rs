use std::time::Duration;

use crate::ipvs::{self, Ipvs};
use crate::model::director::Timeouts;
use crate::model::moment::Moment;
use crate::plan::{Drift, Object, Ruling};

/// Holds the namespace's connection timeouts to the file, as far as it names them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timekeeper {
    /// The kernel's before the first of ours.
    before: Option<Timeouts>,
    /// Left as somebody else set them.
    left: Option<Timeouts>,
}

/// Connection timeouts that somebody else had changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retimed {
    pub found: Timeouts,
    pub wanted: Timeouts,
    pub outcome: Outcome,
}

/// What became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Repaired,
    /// Nothing is repaired.
    Left,
    /// Somebody changes them again and again.
    Yielded {
        repairs: u32,
        wait: Duration,
    },
    /// They are again as they should be.
    Righted,
}

impl Timekeeper {
    pub(super) fn are_left(&self) -> bool {
        self.left.is_some()
    }

    /// Sets what the file asks for, and what was before where it no longer asks.
    ///
    /// `drift` is there where the kernel is looked at and the file is as it was: then what differs
    /// was changed by somebody else.
    pub(super) fn hold(
        &mut self,
        kernel: &mut impl Ipvs,
        asked: Timeouts,
        want: Timeouts,
        drift: Option<&mut Drift>,
        now: Moment,
    ) -> Result<Option<Retimed>, ipvs::Error> {
        let nothing = Timeouts::default();
        let idle = drift.is_none() && asked == want;
        if idle || (asked == nothing && want == nothing) {
            return Ok(None);
        }
        let found = kernel.timeouts()?;
        let before = *self.before.get_or_insert(found);
        let pick = |want: u32, asked: u32, before: u32, found: u32| match (want, asked) {
            (0, 0) => found,
            (0, _) => before,
            (want, _) => want,
        };
        let wanted = Timeouts {
            tcp: pick(want.tcp, asked.tcp, before.tcp, found.tcp),
            tcp_fin: pick(want.tcp_fin, asked.tcp_fin, before.tcp_fin, found.tcp_fin),
            udp: pick(want.udp, asked.udp, before.udp, found.udp),
        };
        let told = |outcome| {
            Ok(Some(Retimed {
                found,
                wanted,
                outcome,
            }))
        };
        if found == wanted {
            let righted = self.left.take().is_some();
            return if righted {
                told(Outcome::Righted)
            } else {
                Ok(None)
            };
        }
        let Some(drift) = drift else {
            self.left = None;
            kernel.set_timeouts(&wanted)?;
            return Ok(None);
        };
        if drift.is_hands_off() {
            let before = self.left.replace(found);
            return if before == Some(found) {
                Ok(None)
            } else {
                told(Outcome::Left)
            };
        }
        match drift.rule(Object::Timeouts, now) {
            Ruling::Wait => Ok(None),
            Ruling::Yield { repairs, wait } => {
                self.left = Some(found);
                told(Outcome::Yielded { repairs, wait })
            }
            Ruling::Repair => {
                self.left = None;
                kernel.set_timeouts(&wanted)?;
                told(Outcome::Repaired)
            }
        }
    }
}
