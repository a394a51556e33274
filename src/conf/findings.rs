use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{braces, rules};
use crate::diag::{Diagnostic, Place, Rule, Sources, Span, Verdict};

/// So many findings are kept; where there are more, the file is refused for that.
pub(super) const MOST_FINDINGS: usize = 10_000;

/// What there is to say of one load.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) list: Vec<Diagnostic>,
    /// Nobody asks for them.
    unwanted: bool,
    outside: Option<Run>,
    inside: Option<Run>,
}

/// Lines that stand where they mean nothing, for one reason: where in the list the finding of the
/// first is, and how many follow.
#[derive(Debug)]
struct Run {
    first: usize,
    more: usize,
}

impl Findings {
    /// Keeps none, so that no number of them ends the reading.
    pub(super) fn unwanted() -> Self {
        Self {
            unwanted: true,
            ..Self::default()
        }
    }

    pub(super) fn report(&mut self, finding: Diagnostic) {
        if !self.unwanted && self.list.len() < MOST_FINDINGS {
            self.list.push(finding);
        }
    }

    /// The first of several lines of blocks outside all blocks.
    pub(super) fn first_outside(&mut self, finding: Diagnostic) {
        let first = self.list.len();
        self.outside = Some(Run { first, more: 0 });
        self.report(finding);
    }

    /// One more of them, if there was one before; with it a server may be lost.
    pub(super) fn another_outside(&mut self, lost: bool) -> bool {
        let run = self.outside.as_mut();
        run.is_some_and(|run| run.another(&mut self.list, lost))
    }

    /// The first of several outermost blocks inside another.
    pub(super) fn first_inside(&mut self, finding: Diagnostic) {
        let first = self.list.len();
        self.inside = Some(Run { first, more: 0 });
        self.report(finding);
    }

    /// One more of them, if there was one before; with it a server may be lost.
    pub(super) fn another_inside(&mut self, lost: bool) -> bool {
        let run = self.inside.as_mut();
        run.is_some_and(|run| run.another(&mut self.list, lost))
    }

    /// An outermost block that may stand where it does begins, or the file ends.
    pub(super) fn runs_end(&mut self) {
        for run in [self.outside.take(), self.inside.take()] {
            let run = run.filter(|run| run.more > 0);
            if let Some(run) = run
                && let Some(first) = self.list.get_mut(run.first)
            {
                first.notes.push(match run.more {
                    1 => "so does one more below".to_owned(),
                    many => format!("so do {many} more below"),
                });
            }
        }
    }

    /// There is no room for more, so that reading on says nothing.
    pub(super) fn full(&self) -> bool {
        self.list.len() >= MOST_FINDINGS
    }

    pub(super) fn refuse(&mut self, rule: &'static Rule, span: Span, text: impl Into<String>) {
        self.report(Diagnostic::new(rule, span, text).refuse());
    }

    pub(super) fn warn(&mut self, rule: &'static Rule, span: Span, text: impl Into<String>) {
        self.report(Diagnostic::new(rule, span, text));
    }
}

impl Run {
    fn another(&mut self, findings: &mut [Diagnostic], lost: bool) -> bool {
        self.more += 1;
        if let Some(first) = findings.get_mut(self.first).filter(|_| lost) {
            first.verdict = Verdict::Refused;
        }
        true
    }
}

/// Puts findings in order, says each once, and takes out what follows from another.
pub(super) fn settle(findings: &mut Vec<Diagnostic>, sources: &Sources) {
    if findings.len() >= MOST_FINDINGS
        && let Some(last) = findings.last()
    {
        let text = "the rest is not shown";
        let finding = Diagnostic::new(&rules::TOO_MANY_FINDINGS, last.primary.span, text);
        findings.push(finding.refuse());
    }
    let unclosed = |finding: &Diagnostic| {
        let slipped = [
            &rules::UNBALANCED_BRACE,
            &rules::OUTSIDE_BLOCK,
            &rules::MISPLACED_BLOCK,
        ];
        slipped.contains(&finding.rule)
    };
    if findings.iter().any(unclosed) {
        // What a block lacks may stand behind the place where the text breaks off.
        let lacks = [
            &rules::NO_REAL_SERVER,
            &rules::PROTOCOL_UNSET,
            &rules::SCHEDULER_UNSET,
            &rules::METHOD_UNSET,
            &rules::NO_URL,
            &rules::URL_WITHOUT_PATH,
            &rules::NO_COMMAND,
            &rules::NO_TRACK_FILE,
            &rules::NO_BFD,
        ];
        findings.retain(|finding| !lacks.contains(&finding.rule));
    }
    findings.sort_by_cached_key(|finding| sources.reading_order(finding.primary.span));
    braces::settle(findings, sources);
    graver_alone(findings);
    once_each(findings, sources);
}

/// A word that is unknown because something graver is wrong with it is no finding of its own.
fn graver_alone(findings: &mut Vec<Diagnostic>) {
    let unknown = |finding: &Diagnostic| finding.rule == &rules::UNKNOWN_KEYWORD;
    let graver: Vec<Span> = findings
        .iter()
        .filter(|finding| finding.rule == &rules::NO_URL)
        .map(|finding| finding.primary.span)
        .collect();
    findings.retain(|finding| !unknown(finding) || !graver.contains(&finding.primary.span));
}

/// One finding for one place of the text, however often an expansion brings it in.
fn once_each(findings: &mut Vec<Diagnostic>, sources: &Sources) {
    let mut seen: BTreeMap<(&str, Place, Place), usize> = BTreeMap::new();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(findings.len());
    let mut again: Vec<u32> = Vec::with_capacity(findings.len());
    for finding in findings.drain(..) {
        let span = finding.primary.span;
        if sources.link(span.source).is_none() {
            kept.push(finding);
            again.push(0);
            continue;
        }
        let key = (
            finding.rule.code,
            sources.place(span),
            sources.end_place(span),
        );
        match seen.entry(key) {
            Entry::Occupied(first) => {
                let first = *first.get();
                again[first] += 1;
                if finding.verdict == Verdict::Refused {
                    kept[first].verdict = Verdict::Refused;
                }
            }
            Entry::Vacant(new) => {
                new.insert(kept.len());
                kept.push(finding);
                again.push(0);
            }
        }
    }
    for (finding, again) in kept.iter_mut().zip(again) {
        match again {
            0 => {}
            1 => finding.notes.push("the same at one more use".to_owned()),
            many => finding.notes.push(format!("the same at {many} more uses")),
        }
    }
    *findings = kept;
}
