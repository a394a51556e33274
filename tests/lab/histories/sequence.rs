use std::time::Duration;

use lvsctl::model::moment::Moment;

/// Where something of a director is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The tables of its namespace, one after the other.
    Tables,
    /// The lines of its `lvs_notify_fifo`.
    Fifo,
    /// A line for each script it ran: its words.
    Scripts,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Tables, Self::Fifo, Self::Scripts];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
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
}

/// What comes closer together belongs to one event: several servers that die at once are not
/// checked at once, and the order in which they are is chance.
pub const TOGETHER: Duration = Duration::from_millis(400);

/// Tables that stood: one that was gone after [`TOGETHER`] was on the way to the next.
pub fn standing(tables: &[Seen]) -> Vec<Seen> {
    let mut stood: Vec<Seen> = Vec::new();
    for (nth, seen) in tables.iter().enumerate() {
        let passing = tables
            .get(nth + 1)
            .is_some_and(|next| next.at.since(seen.at) < TOGETHER);
        let same = stood.last().is_some_and(|last| last.what == seen.what);
        if !passing && !same {
            stood.push(seen.clone());
        }
    }
    stood
}

/// Lines in order; those that came together and `may_swap` are sorted.
pub fn sorted(lines: &[Seen], may_swap: impl Fn(&str) -> bool) -> Vec<Seen> {
    let mut sorted = lines.to_vec();
    let one_event =
        |a: &Seen, b: &Seen| b.at.since(a.at) < TOGETHER && may_swap(&a.what) && may_swap(&b.what);
    for event in sorted.chunk_by_mut(one_event) {
        event.sort_by(|a, b| a.what.cmp(&b.what));
    }
    sorted
}
