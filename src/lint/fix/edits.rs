use std::collections::BTreeMap;

use crate::conf::written::blank;
use crate::diag::Span;

/// Bytes of a file, and what comes in their place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) identity: String,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) text: String,
}

/// `edits` are sorted, and each begins behind the one before.
pub(super) fn edited(old: &[u8], edits: &[&Place]) -> Vec<u8> {
    let mut new = Vec::with_capacity(old.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.start as usize, edit.end as usize);
        new.extend_from_slice(old.get(at..start).unwrap_or_default());
        new.extend_from_slice(edit.text.as_bytes());
        at = end.max(at);
    }
    new.extend_from_slice(old.get(at..).unwrap_or_default());
    new
}

/// Where `span` is all that stands on its line, the line with its end; else `span`.
pub(super) fn with_its_line(text: &[u8], span: Span) -> (u32, u32) {
    let (start, end) = (span.start as usize, span.end as usize);
    let before = text.get(..start).unwrap_or_default();
    let behind = text.get(end..).unwrap_or_default();
    let left = before.iter().rev().take_while(|byte| blank(**byte)).count();
    let right = behind.iter().take_while(|byte| blank(**byte)).count();
    let first = start - left;
    let begins = first == 0 || text.get(first - 1) == Some(&b'\n');
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    match behind.get(right) {
        Some(b'\n') if begins => (length(first), length(end + right + 1)),
        _ => (span.start, span.end),
    }
}

/// The places that are spoken for.
#[derive(Default)]
pub(super) struct Taken {
    /// Starts of places in files, and their ends.
    places: BTreeMap<(String, u32), u32>,
}

impl Taken {
    /// Whether all of `edits` are free; then they no longer are.
    pub(super) fn take(&mut self, edits: &[Place]) -> bool {
        let free = edits.iter().all(|edit| self.free(edit));
        if free {
            let places = edits
                .iter()
                .map(|edit| ((edit.identity.clone(), edit.start), edit.end));
            self.places.extend(places);
        }
        free
    }

    fn free(&self, edit: &Place) -> bool {
        let upto = (edit.identity.clone(), edit.end);
        let before = self.places.range(..=upto).rev();
        let mut before = before.take_while(|((identity, _), _)| *identity == edit.identity);
        // Those that are taken do not overlap, so that only the last two can reach this one: the one
        // that begins where it ends, and the one before.
        let clear = |((_, start), end): (&(String, u32), &u32)| {
            let insertion = start == end || edit.start == edit.end;
            if insertion {
                *end < edit.start || *start > edit.end
            } else {
                *end <= edit.start || *start >= edit.end
            }
        };
        before.by_ref().take(2).all(clear)
    }
}
