//! What a fixture says will be found in it.

use std::collections::BTreeSet;

use lvsctl::diag::Severity;
use lvsctl::lint;

/// A finding that a fixture states: line, column if it is stated, code.
pub(crate) type Stated = (usize, Option<usize>, String);

/// `#~ code …` at the end of a line means these findings on this line, and no others; `#~^ code …`
/// on a line of its own speaks of the line above. `code:12` states the column, in characters from 1.
pub(crate) fn expected(text: &str) -> Vec<Stated> {
    let mut all = Vec::new();
    for (line, at) in text.lines().zip(1..) {
        let Some((_, codes)) = line.split_once("#~") else {
            continue;
        };
        if codes.starts_with("target ") {
            continue;
        }
        let (codes, at) = match codes.strip_prefix('^') {
            Some(codes) => (codes, at - 1),
            None => (codes, at),
        };
        for word in codes.split_whitespace() {
            let (code, column) = match word.split_once(':') {
                Some((code, column)) => (code, Some(column.parse().unwrap())),
                None => (word, None),
            };
            all.push((at, column, code.to_owned()));
        }
    }
    all
}

/// What was found and not stated, or stated and not found, one line each.
pub(crate) fn differences(read: &lint::Findings, text: &str) -> Vec<String> {
    let mut stated = expected(text);
    let codes: BTreeSet<String> = stated.iter().map(|(_, _, code)| code.clone()).collect();
    let advice = |severity, code: &str| severity == Severity::Info && !codes.contains(code);
    let mut different = Vec::new();
    for finding in &read.diagnostics {
        let (code, place) = (finding.rule.code, read.sources.place(finding.primary.span));
        let same = |(line, column, stated): &Stated| {
            *line == place.line
                && stated == code
                && column.is_none_or(|column| column == place.column)
        };
        match stated.iter().position(same) {
            Some(at) => drop(stated.swap_remove(at)),
            // What the daemon cannot do yet says nothing of the file, and most fixtures do not heed
            // advice about other things.
            None if code == "not-supported" || advice(finding.severity, code) => {}
            None => different.push(format!("found {code} at {place}:{}", place.column)),
        }
    }
    let missing = stated.into_iter();
    different.extend(missing.map(|stated| format!("stated, not found: {stated:?}")));
    different
}
