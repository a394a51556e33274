use std::collections::BTreeMap;
use std::time::Duration;

use super::object::Object;
use crate::model::moment::Moment;

/// An object repaired so often within [`WINDOW`] that is found changed once more is fought for.
const MANY: usize = 5;
const WINDOW: Duration = Duration::from_mins(10);
/// How long it is then left as it is found: doubled each further time, up to the longest.
const FIRST_WAIT: Duration = Duration::from_mins(1);
const LONGEST_WAIT: Duration = Duration::from_mins(10);
/// A fight is over when a repair has held for so long.
const HELD: Duration = Duration::from_mins(10);

/// Tells the mistake of an hour from another program that wants an object otherwise, again and
/// again: that one is not fought for ever.
#[derive(Clone, Debug, Default)]
pub struct Fights(BTreeMap<Object, Bout>);

#[derive(Clone, Debug, Default)]
struct Bout {
    /// When it was repaired, within the window.
    repairs: Vec<Moment>,
    /// How often since the first.
    times: u32,
    /// Zero as long as there is no fight.
    wait: Duration,
    until: Moment,
    /// It was left alone and is repaired once the wait is over.
    owed: bool,
}

/// What becomes of an object that was found changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    Repair,
    /// From now on it is left alone for this long, after so many repairs.
    Yield {
        repairs: u32,
        wait: Duration,
    },
    /// It is being left alone.
    Wait,
}

impl Fights {
    /// Rules on an object found otherwise than it should be; a ruling to repair counts as done.
    pub fn rule(&mut self, object: Object, now: Moment) -> Ruling {
        let bout = self.0.entry(object).or_default();
        if now < bout.until {
            return Ruling::Wait;
        }
        bout.repairs.retain(|at| now.since(*at) < WINDOW);
        let fought = if bout.wait.is_zero() {
            bout.repairs.len() >= MANY
        } else {
            !bout.owed
        };
        bout.owed = fought;
        if fought {
            bout.wait = (bout.wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT);
            bout.until = now + bout.wait;
            return Ruling::Yield {
                repairs: bout.times,
                wait: bout.wait,
            };
        }
        bout.repairs.push(now);
        bout.times = bout.times.saturating_add(1);
        Ruling::Repair
    }

    /// When the next wait ends of those that are on at `now`: what was left alone is found again then.
    pub fn next_end(&self, now: Moment) -> Option<Moment> {
        let waits = self.0.values().filter(|bout| bout.owed && bout.until > now);
        waits.map(|bout| bout.until).min()
    }

    /// Forgets what has held, and returns those that had been fought for. Asked after every
    /// object that is not as it should be was ruled on.
    pub fn over(&mut self, now: Moment) -> Vec<Object> {
        let held = |bout: &mut Bout| {
            let last = bout.repairs.last().copied().unwrap_or_default();
            now >= bout.until && now.since(last) >= HELD
        };
        let over = self.0.extract_if(.., |_, bout| held(bout));
        let fought = over.filter(|(_, bout)| !bout.wait.is_zero());
        fought.map(|(object, _)| object).collect()
    }
}
