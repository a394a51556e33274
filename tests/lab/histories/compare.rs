use std::time::Duration;

use lvsctl::model::moment::Moment;
use similar::{Algorithm, DiffOp, capture_diff_slices};

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
    let words = |seen: &[Seen]| {
        seen.iter()
            .map(|seen| seen.what.clone())
            .collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    for op in capture_diff_slices(Algorithm::Lcs, &words(theirs), &words(ours)) {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            let pairs = theirs[old_index..].iter().zip(&ours[new_index..]).take(len);
            for (a, b) in pairs {
                let apart = between(a.at, b.at);
                if apart > period {
                    found.push(Difference::Apart(a.what.clone(), apart));
                }
            }
            continue;
        }
        let only = |seen: &[Seen], range: std::ops::Range<usize>, of: fn(String) -> Difference| {
            seen[range]
                .iter()
                .filter(|seen| !seen.passing)
                .map(|seen| of(seen.what.clone()))
                .collect::<Vec<_>>()
        };
        found.extend(only(theirs, op.old_range(), Difference::Theirs));
        found.extend(only(ours, op.new_range(), Difference::Ours));
    }
    found
}

fn between(a: Moment, b: Moment) -> Duration {
    a.since(b).max(b.since(a))
}
