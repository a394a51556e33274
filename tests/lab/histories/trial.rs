//! A comparison that overlooks what differs would pass everything: it is tried on what is known to.

use std::time::Duration;

use lvsctl::model::moment::Moment;

use crate::compare::{Difference, differences};
use crate::sequence::{Seen, mark_passing};

const PERIOD: Duration = Duration::from_secs(2);

pub fn comparison_finds_what_differs() {
    let (a, b, c) = ("a".to_owned(), "b".to_owned(), "c".to_owned());
    let apart = Duration::from_millis(2500);
    let cases = [
        ("the same", "a0 b5000", "a0 b5000", vec![]),
        ("in time", "a0 b5000", "a0 b6900", vec![]),
        (
            "too late",
            "a0 b5000",
            "a0 b7500",
            vec![Difference::Apart(b.clone(), apart)],
        ),
        (
            "one has more",
            "a0 b5000",
            "a0",
            vec![Difference::Theirs(b.clone())],
        ),
        (
            "the other has more",
            "a0",
            "a0 b5000",
            vec![Difference::Ours(b.clone())],
        ),
        (
            "another",
            "a0 b5000",
            "a0 c5000",
            vec![Difference::Theirs(b.clone()), Difference::Ours(c)],
        ),
        ("one passes through", "a0 c4800 b5000", "a0 b5000", vec![]),
        (
            "what passed in one stood in the other",
            "a0 c4800 b5000",
            "a0 c4000 b5000",
            vec![],
        ),
        (
            "of two that are alike the nearer is meant",
            "a0 b3000 a6000 b9000 a12000",
            "a0 b3000 a12000",
            vec![Difference::Theirs(a), Difference::Theirs(b)],
        ),
    ];
    for (why, theirs, ours, want) in cases {
        assert_eq!(
            differences(&seen(theirs), &seen(ours), PERIOD),
            want,
            "{why}"
        );
    }
}

/// Words of a letter, and the milliseconds when it was seen.
fn seen(text: &str) -> Vec<Seen> {
    let word = |word: &str| {
        let at = Duration::from_millis(word[1..].parse().unwrap());
        Seen::at(Moment::default() + at, &word[..1])
    };
    let mut seen: Vec<Seen> = text.split(' ').map(word).collect();
    mark_passing(&mut seen);
    seen
}
