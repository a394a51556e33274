use std::time::Duration;

use crate::model::moment::Moment;

/// So much is what a busy host takes from everybody.
const NOTICED: Duration = Duration::from_millis(100);

/// Tells time that was taken from a thread, while it neither worked nor slept of its own will: the
/// process was stopped, its host slept or stood still, or others had the processor. Meanwhile
/// answers may have been lost, so that silence says nothing. Pure: times come in from outside.
#[derive(Debug)]
pub(super) struct Absence {
    looked: Moment,
    worked: Duration,
}

impl Absence {
    /// `worked` is the processor time that the thread has used so far, here and below.
    pub(super) const fn new(now: Moment, worked: Duration) -> Self {
        Self {
            looked: now,
            worked,
        }
    }

    /// All the time since the last look, where part of it was taken; else zero. `slept` is the
    /// longest that the thread meant to sleep in between.
    pub(super) fn look(&mut self, now: Moment, worked: Duration, slept: Duration) -> Duration {
        let passed = now.since(self.looked);
        let own = slept + worked.saturating_sub(self.worked);
        *self = Self::new(now, worked);
        if passed.saturating_sub(own) > NOTICED {
            passed
        } else {
            Duration::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_that_was_taken_is_given_back() {
        // (why, ms that passed, ms worked, ms meant to sleep, ms given back)
        let cases = [
            ("slept as long as it meant to", 250, 1, 250, 0),
            ("woken early by an answer", 10, 1, 250, 0),
            ("woken late, as one is on a busy host", 340, 1, 250, 0),
            ("worked long: that is no absence", 3_000, 2_990, 0, 0),
            ("stopped while it slept", 60_250, 1, 250, 60_250),
            ("stopped while it worked", 60_000, 5, 0, 60_000),
            ("stopped and woken early", 3_000, 1, 250, 3_000),
        ];
        let start = Moment::from_nanos(1 << 40);
        let ms = Duration::from_millis;
        for (why, passed, worked, slept, want) in cases {
            let before = ms(77);
            let mut absence = Absence::new(start, before);
            let now = start + ms(passed);
            let given = absence.look(now, before + ms(worked), ms(slept));
            assert_eq!(given, ms(want), "{why}");
            let later = absence.look(now + ms(4), before + ms(worked + 1), ms(4));
            assert_eq!(later, Duration::ZERO, "{why}: given twice");
        }
    }
}
