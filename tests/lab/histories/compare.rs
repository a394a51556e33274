use std::cmp::Ordering;
use std::time::Duration;

use lvsctl::model::moment::Moment;

use crate::sequence::Seen;

/// What is not the same in the two sequences of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Only keepalived's has it.
    Theirs(String),
    /// Only lvsctl's has it.
    Ours(String),
    /// Both have it, further apart than they may be.
    Apart(String, Duration),
}

/// All that differs. What is in both may be `period` apart; what was passing in one the other may
/// lack.
pub fn differences(theirs: &[Seen], ours: &[Seen], period: Duration) -> Vec<Difference> {
    let best = alignments(theirs, ours);
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    while i < theirs.len() || j < ours.len() {
        match best[i][j].step {
            Step::Both => {
                let apart = between(theirs[i].at, ours[j].at);
                if apart > period {
                    found.push(Difference::Apart(theirs[i].what.clone(), apart));
                }
                (i, j) = (i + 1, j + 1);
            }
            Step::Theirs => {
                if !theirs[i].passing {
                    found.push(Difference::Theirs(theirs[i].what.clone()));
                }
                i += 1;
            }
            Step::Ours => {
                if !ours[j].passing {
                    found.push(Difference::Ours(ours[j].what.clone()));
                }
                j += 1;
            }
        }
    }
    found
}

/// The best way from here to the end of both sequences: the fewest things that one has alone, and
/// of such ways the one on which what both have is closest together.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way {
    alone: usize,
    apart: Duration,
    step: Step,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Both,
    Theirs,
    Ours,
}

impl Way {
    fn after(self, step: Step, alone: bool, apart: Duration) -> Self {
        Self {
            alone: self.alone + usize::from(alone),
            apart: self.apart + apart,
            step,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        (self.alone, self.apart).cmp(&(other.alone, other.apart))
    }
}

/// The best way from each pair of places, from the ends backwards.
fn alignments(theirs: &[Seen], ours: &[Seen]) -> Vec<Vec<Way>> {
    let end = Way {
        alone: 0,
        apart: Duration::ZERO,
        step: Step::Both,
    };
    let mut best = vec![vec![end; ours.len() + 1]; theirs.len() + 1];
    for i in (0..=theirs.len()).rev() {
        for j in (0..=ours.len()).rev() {
            let (a, b) = (theirs.get(i), ours.get(j));
            let both = a.zip(b).filter(|(a, b)| a.what == b.what);
            let both =
                both.map(|(a, b)| best[i + 1][j + 1].after(Step::Both, false, between(a.at, b.at)));
            let only_a = a.map(|a| best[i + 1][j].after(Step::Theirs, !a.passing, Duration::ZERO));
            let only_b = b.map(|b| best[i][j + 1].after(Step::Ours, !b.passing, Duration::ZERO));
            let ways = [both, only_a, only_b].into_iter().flatten();
            if let Some(way) = ways.min_by(Way::compare) {
                best[i][j] = way;
            }
        }
    }
    best
}

fn between(a: Moment, b: Moment) -> Duration {
    a.since(b).max(b.since(a))
}
