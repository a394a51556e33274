use std::fmt;
use std::time::Instant;

use crate::load::{How, Loss, Tally, Whose};
use crate::story::Episode;

/// What was lost over some time or some events of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub label: String,
    pub times: usize,
    /// Connections that had been answered before.
    pub held: usize,
    /// New connections that nobody took.
    pub refused: usize,
    /// New connections that were lost in any other way.
    pub otherwise: usize,
}

impl Row {
    /// The losses of some time.
    pub fn of(label: &str, losses: &[Loss], from: Instant, to: Instant) -> Self {
        let mut row = Self {
            label: label.to_owned(),
            times: 1,
            ..Self::default()
        };
        let during = losses.iter().filter(|loss| (from..to).contains(&loss.at));
        for loss in during {
            match (loss.whose, loss.how) {
                (Whose::Held, _) => row.held += 1,
                (Whose::New, How::Refused) => row.refused += 1,
                (Whose::New, _) => row.otherwise += 1,
            }
        }
        row
    }

    fn add(&mut self, other: &Self) {
        self.times += other.times;
        self.held += other.held;
        self.refused += other.refused;
        self.otherwise += other.otherwise;
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            label,
            times,
            held,
            refused,
            otherwise,
        } = self;
        write!(
            f,
            "{label:<44} {times:>5} {held:>10} {refused:>11} {otherwise:>13}"
        )
    }
}

/// Above the rows.
pub fn head() -> String {
    format!(
        "{:<44} {:>5} {:>10} {:>11} {:>13}",
        "", "times", "held lost", "new refused", "new lost else"
    )
}

/// A row for each kind of episode, in the order they first happened.
pub fn rows(episodes: &[Episode], losses: &[Loss]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for episode in episodes {
        let row = Row::of(&episode.kind(), losses, episode.begun, episode.ended);
        match rows.iter_mut().find(|other| other.label == row.label) {
            Some(other) => other.add(&row),
            None => rows.push(row),
        }
    }
    rows
}

/// Every loss but what the kernel itself refuses while a scheduler changes, one line each.
pub fn inexcusable(episodes: &[Episode], tally: &Tally) -> Vec<String> {
    let during = |loss: &Loss| {
        let mut past = episodes.iter().rev();
        past.find(|episode| episode.begun <= loss.at)
    };
    let excused = |loss: &&Loss| {
        let refused = loss.whose == Whose::New && loss.how == How::Refused;
        refused
            && during(loss)
                .is_some_and(|episode| episode.changes_scheduler() && loss.at < episode.ended)
    };
    let tell = |loss: &Loss| {
        let Loss { at, whose, how } = loss;
        let when = during(loss).map_or("before anything happened".to_owned(), |episode| {
            let after = *at - episode.begun;
            format!("{after:.1?} after {} ({})", episode.kind(), episode.change)
        });
        format!("{whose:?} {how} {when}")
    };
    let losses = tally.losses.iter();
    losses.filter(|loss| !excused(loss)).map(tell).collect()
}
