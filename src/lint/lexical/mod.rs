//! Words and lines, whatever they are for.

mod condition_in_definition;
mod conflict_marker;
mod cut_line;
mod definition_blank;
mod equals_sign;
mod foreign_comment;
mod hash_in_value;
mod ignored_words;
mod letters;
pub(in crate::lint) mod line;
mod lone_return;
mod odd_blank;
mod odd_punctuation;
mod pasted_margin;
mod pasted_prompt;
mod several_on_a_line;
mod single_quote;
mod stray_continuation;
mod trailing_semicolon;
mod words;

use super::inspection::Inspection;
use crate::conf::rules;
use crate::diag::{Diagnostic, Rule, Sources, Span};
use std::collections::{HashMap, HashSet};

/// Rules of this folder. Of those for written lines the first one that finds something in a line
/// explains it.
pub(super) static INSPECTIONS: &[Inspection] = &[
    cut_line::INSPECTION,
    conflict_marker::INSPECTION,
    lone_return::INSPECTION,
    pasted_prompt::INSPECTION,
    pasted_margin::INSPECTION,
    foreign_comment::INSPECTION,
    odd_blank::INSPECTION,
    condition_in_definition::INSPECTION,
    definition_blank::INSPECTION,
    equals_sign::INSPECTION,
    stray_continuation::INSPECTION,
    trailing_semicolon::INSPECTION,
    single_quote::INSPECTION,
    odd_punctuation::INSPECTION,
    several_on_a_line::INSPECTION,
    hash_in_value::INSPECTION,
    ignored_words::INSPECTION,
];

/// What it finds is why a line means nothing, so that nothing else has to be said of the line.
pub(super) fn explains(rule: &Rule) -> bool {
    let beside = [
        cut_line::INSPECTION,
        hash_in_value::INSPECTION,
        ignored_words::INSPECTION,
    ];
    let mut all = INSPECTIONS.iter().map(|inspection| inspection.rule);
    rule == &rules::NUL_BYTE
        || all.any(|known| known == rule) && beside.iter().all(|other| other.rule != rule)
}

/// Takes out what follows from a line that another finding explains, and words too many of which
/// the reader spoke.
pub(super) fn explained(findings: &mut Vec<Diagnostic>, written: &[Diagnostic], sources: &Sources) {
    let starts = |finding: &Diagnostic| (finding.primary.span.source, finding.primary.span.start);
    let beside = |finding: &&Diagnostic| finding.rule != ignored_words::INSPECTION.rule;
    let spoken_of: HashSet<_> = findings.iter().filter(beside).map(starts).collect();
    findings.retain(|finding| beside(&finding) || !spoken_of.contains(&starts(finding)));
    let line = |span: Span| sources.get(span.source).line_of(span.start);
    let name = |span: Span| &*sources.get(span.source).name;
    let mut ranges: HashMap<&str, Vec<(usize, usize, &Rule)>> = HashMap::new();
    for cause in written
        .iter()
        .chain(findings.iter())
        .filter(|finding| explains(finding.rule))
    {
        let first = line(cause.primary.span);
        let of_file = cause.context.iter().map(|label| line(label.span));
        let last = of_file.max().unwrap_or(first).max(first);
        let all = ranges.entry(name(cause.primary.span)).or_default();
        all.push((first, last, cause.rule));
    }
    if ranges.is_empty() {
        return;
    }
    let ranges: HashMap<String, Vec<(usize, usize, &'static str)>> = ranges
        .into_iter()
        .map(|(name, all)| {
            let all = all
                .into_iter()
                .map(|(first, last, rule)| (first, last, rule.code));
            (name.to_owned(), all.collect())
        })
        .collect();
    findings.retain(|finding| {
        let span = finding.primary.span;
        let at = line(span);
        let Some(all) = ranges.get(name(span)) else {
            return true;
        };
        !all.iter()
            .any(|(first, last, code)| (*first..=*last).contains(&at) && finding.rule.code != *code)
    });
}
