use std::time::Duration;

use lvsctl::model::moment::Moment;

/// Where something of a director is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The tables of its namespace, one after the other.
    Tables,
    /// The lines of its `lvs_notify_fifo`.
    Fifo,
    /// A line for each script it ran, its words; one subject after the other.
    Scripts,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Tables, Self::Fifo, Self::Scripts];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// What emulation may add to the time between a cause and what is seen of it here. A script is a
    /// process to start, which takes longest.
    pub const fn emulation(self) -> Duration {
        match self {
            Self::Tables | Self::Fifo => Duration::from_secs(1),
            Self::Scripts => Duration::from_millis(2500),
        }
    }

    /// As its section of a history is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Fifo => "fifo",
            Self::Scripts => "scripts",
        }
    }
}

/// Something seen, and when it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub at: Moment,
    pub what: String,
    /// It was gone within [`TOGETHER`]: something on the way to what follows, which the other need
    /// not have passed through.
    pub passing: bool,
}

impl Seen {
    pub fn at(at: Moment, what: &str) -> Self {
        Self {
            at,
            what: what.to_owned(),
            passing: false,
        }
    }
}

/// What comes closer together belongs to one event: several servers that die at once are not
/// checked at once, and the order in which they are is chance. Emulation stretches it.
pub const TOGETHER: Duration = Duration::from_millis(700);

/// Tells what stood from what was passing; what was last seen stands.
pub fn mark_passing(seen: &mut [Seen]) {
    for nth in 1..seen.len() {
        seen[nth - 1].passing = seen[nth].at.since(seen[nth - 1].at) < TOGETHER;
    }
}

/// Sorts lines that came together and `may_swap`.
pub fn sort_together(lines: &mut [Seen], may_swap: impl Fn(&str) -> bool) {
    let one_event =
        |a: &Seen, b: &Seen| b.at.since(a.at) < TOGETHER && may_swap(&a.what) && may_swap(&b.what);
    for event in lines.chunk_by_mut(one_event) {
        event.sort_by(|a, b| a.what.cmp(&b.what));
    }
}
