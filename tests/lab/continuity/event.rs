use std::fmt;
use std::time::Duration;

use crate::change::Change;
use crate::random::Random;

/// What happens to the daemon while clients are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Reload(Change),
    /// An ordered stop and a start; the file may have changed meanwhile.
    Restart(Option<Change>),
    /// `kill -9` and a start; so soon after it was told to reload, if it was.
    Kill(Option<(Change, Duration)>),
    /// Another binary takes its place, as when a package is upgraded.
    Exchange,
}

/// How much happens.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    pub reloads: usize,
    pub restarts: usize,
    pub kills: usize,
}

/// A reload under emulation takes about so long.
const RELOAD: usize = 150;

impl Event {
    /// So many of each and one exchange, in an order by chance.
    pub fn draw(count: Count, random: &mut Random) -> Vec<Self> {
        let mut next = changes(random);
        let mut events = vec![Self::Exchange];
        for _ in 0..count.reloads {
            events.push(Self::Reload(next()));
        }
        for nth in 0..count.restarts {
            events.push(Self::Restart((nth % 2 == 1).then(&mut next)));
        }
        for nth in 0..count.kills {
            let changed = (nth % 2 == 1).then(&mut next);
            events.push(Self::Kill(changed.map(|change| (change, Duration::ZERO))));
        }
        for event in &mut events {
            if let Self::Kill(Some((_, after))) = event {
                *after = Duration::from_millis(u64::try_from(random.below(RELOAD)).unwrap());
            }
        }
        random.shuffle(&mut events);
        events
    }

    /// What of the file is changed by it.
    pub fn change(&self) -> Option<Change> {
        match self {
            Self::Reload(change) | Self::Kill(Some((change, _))) => Some(*change),
            Self::Restart(change) => *change,
            Self::Kill(None) | Self::Exchange => None,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = self.change().map_or("", Change::word);
        match self {
            Self::Reload(_) => write!(f, "reload: {changed}"),
            Self::Restart(None) => f.write_str("restart"),
            Self::Restart(Some(_)) => write!(f, "restart, file changed: {changed}"),
            Self::Kill(None) => f.write_str("kill -9"),
            Self::Kill(Some(_)) => write!(f, "kill -9 in a reload: {changed}"),
            Self::Exchange => f.write_str("exchange of the binary"),
        }
    }
}

/// All kinds of change, one after the other and again and again.
fn changes(random: &mut Random) -> impl FnMut() -> Change + use<> {
    let mut kinds = Change::ALL;
    random.shuffle(&mut kinds);
    let mut kinds = kinds.into_iter().cycle();
    move || kinds.next().expect("there are some")
}
