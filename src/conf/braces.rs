//! Which brace is the cause, where braces do not balance.

use super::rules;
use super::written;
use crate::diag::{Diagnostic, Sources, Span};

/// What the text of a surplus brace's finding is.
pub(super) const SURPLUS: &str = "closes no block";

/// Of several findings that one slipped brace makes, the one at the brace stays. They come in the
/// order of the text.
pub(super) fn settle(findings: &mut Vec<Diagnostic>, sources: &Sources) {
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(findings.len());
    // Braces that are missing before, so that one behind is left over.
    let mut owed = 0;
    let mut outside = None;
    for finding in findings.drain(..) {
        if finding.rule == &rules::MISSING_BLOCK {
            owed += 1;
        }
        if finding.rule == &rules::OUTSIDE_BLOCK {
            if owed > 0 && outside.is_none() {
                // What stands outside does for the same reason.
                outside = Some(None);
                continue;
            }
            outside = Some(Some(kept.len()));
        }
        let surplus = finding.rule == &rules::UNBALANCED_BRACE && finding.primary.text == SURPLUS;
        if !surplus {
            kept.push(finding);
            continue;
        }
        match outside.take() {
            Some(Some(first)) => closed_too_early(&mut kept[first], &finding, sources),
            Some(None) => owed -= 1,
            None if owed > 0 => owed -= 1,
            None => kept.push(finding),
        }
    }
    if kept
        .iter()
        .any(|finding| finding.rule == &rules::MISPLACED_BLOCK)
    {
        kept.retain(|finding| {
            finding.rule != &rules::UNBALANCED_BRACE || finding.primary.text == SURPLUS
        });
    }
    *findings = kept;
}

/// Lines stand outside all blocks, and behind them a brace is left over: the brace before them is
/// one too many.
fn closed_too_early(stray: &mut Diagnostic, surplus: &Diagnostic, sources: &Sources) {
    let first = stray.primary.clone();
    stray.verdict = surplus.verdict;
    let Some(early) = brace_before(first.span, sources) else {
        let whole = stray.clone();
        *stray = whole.context(surplus.primary.span, "this brace is left over");
        return;
    };
    let text = "closes its block, and lines of it follow";
    let notes = std::mem::take(&mut stray.notes);
    *stray = Diagnostic::new(&rules::UNBALANCED_BRACE, early, text)
        .context(first.span, first.text)
        .context(surplus.primary.span, "this brace is left over")
        .help("take this brace away, if the lines below belong in the block")
        .refuse();
    stray.notes = notes;
}

/// The closing brace that is the last thing of the text before a place, comments and blanks aside.
fn brace_before(place: Span, sources: &Sources) -> Option<Span> {
    let text = sources.get(place.source);
    for index in (0..=text.line_of(place.start)).rev() {
        let line = text.line(index);
        let whole = if index == text.line_of(place.start) {
            &line[..text.column_bytes(index, place.start)]
        } else {
            line
        };
        let active = &whole[..written::comment_start(whole)];
        let Some(last) = active.iter().rposition(|byte| !written::blank(*byte)) else {
            continue;
        };
        let start = text.line_start(index) + u32::try_from(last).ok()?;
        return (active[last] == b'}').then_some(Span {
            source: place.source,
            start,
            end: start + 1,
        });
    }
    None
}
