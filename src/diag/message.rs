//! A finding in words and under one name, for machines that show it to people.

use std::collections::HashMap;

use super::{Diagnostic, Sources, text};

/// In one sentence.
pub fn brief(diagnostic: &Diagnostic) -> String {
    let (summary, said) = (diagnostic.rule.summary, &diagnostic.primary.text);
    if said.is_empty() {
        return summary.to_owned();
    }
    format!("{summary}: {said}")
}

/// All there is to say of it: one line each for the finding, how its text came in, the notes and
/// the help.
pub(super) fn full(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut lines = vec![brief(diagnostic)];
    let capital = |line: &String| {
        let mut letters = line.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    };
    let chain = text::chain(diagnostic.primary.span, sources);
    lines.extend(chain.iter().map(capital));
    lines.extend(diagnostic.notes.iter().cloned());
    lines.extend(diagnostic.help.iter().map(|help| format!("Help: {help}")));
    lines.join("\n")
}

/// There is no text to point into: the file could not be read, or is empty.
pub(super) fn placeless(diagnostic: &Diagnostic, sources: &Sources) -> bool {
    sources.get(diagnostic.primary.span.source).bytes.is_empty()
}

/// A file's name as given, without what changes nothing in front.
pub(super) fn path(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = name.strip_prefix("./") {
        name = rest.trim_start_matches('/');
    }
    name
}

/// Names for findings that stay while lines come and go around them.
#[derive(Default)]
pub(super) struct Fingerprints {
    known: HashMap<u64, u64>,
}

impl Fingerprints {
    /// Of the file, the code and the text of the line; those of equal lines are counted.
    pub(super) fn of(&mut self, diagnostic: &Diagnostic, sources: &Sources) -> String {
        let span = diagnostic.primary.span;
        let text = sources.get(span.source);
        let line = text.line(text.line_of(span.start)).trim_ascii();
        let name = path(&text.name).as_bytes();
        let parts = [name, diagnostic.rule.code.as_bytes(), line];
        let same = fnv(&parts.join(&0));
        let before = self.known.entry(same).or_default();
        *before += 1;
        format!("{same:016x}:{before}")
    }
}

/// Fowler, Noll and Vo's hash (FNV-1a), which is the same in every release.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}
