use std::collections::HashMap;
use std::hash::Hash;

use crate::diag::{Diagnostic, Span};

/// Things a file names, each with the first place and how often, in the order of the first.
#[derive(Clone, Debug)]
pub(super) struct Tally<T> {
    all: Vec<(T, Place)>,
    known: HashMap<T, usize>,
}

/// Where something is named.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) first: Span,
    times: usize,
}

impl<T> Default for Tally<T> {
    fn default() -> Self {
        let (all, known) = (Vec::new(), HashMap::new());
        Self { all, known }
    }
}

impl<T: Clone + Eq + Hash> Tally<T> {
    pub(super) fn add(&mut self, thing: T, at: Span) {
        let place = Place {
            first: at,
            times: 1,
        };
        self.again(thing, place);
    }

    /// Counts what was counted in another way.
    pub(super) fn again(&mut self, thing: T, place: Place) {
        if let Some(at) = self.known.get(&thing) {
            self.all[*at].1.times += place.times;
        } else {
            self.known.insert(thing.clone(), self.all.len());
            self.all.push((thing, place));
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&T, Place)> {
        self.all.iter().map(|(thing, place)| (thing, *place))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Place {
    /// Says of a finding how often more the same is named.
    pub(super) fn count(self, finding: Diagnostic) -> Diagnostic {
        match self.times - 1 {
            0 => finding,
            1 => finding.note("named once more"),
            more => finding.note(format!("named {more} times more")),
        }
    }
}
