use std::collections::{BTreeMap, HashSet};

use super::levels::meant;
use crate::conf::written::{Kind, tokens};
use crate::diag::{Diagnostic, Rule, SourceId, Span, Text, rule};
use crate::lint::{Findings, rules};

rule! {
    /// A comment excuses findings that are not there.
    ///
    /// `# lvsctl: allow(CODE)` leaves out what a rule finds on its line or, alone on a line, on the
    /// next line that is not a comment; several codes are separated by commas. One that excuses
    /// nothing hides the next mistake of that kind. keepalived takes it for the comment it is.
    ///
    /// ```text
    /// # lvsctl: allow(port-needs-nat)
    /// real_server 192.0.2.11 80 {
    /// ```
    ///
    /// Remedy: take the code out of the comment.
    pub(super) RULE: Warning silent "unused-allow", "an allow excuses nothing";
}

/// What begins an excuse, behind the sign of the comment.
const MARK: &[u8] = b"lvsctl:";

/// One code of one comment.
struct Excuse {
    code: String,
    span: Span,
    /// The line it speaks of, from 1.
    line: usize,
    used: bool,
}

/// Excuses by file.
type Excuses = BTreeMap<Box<str>, Vec<Excuse>>;

/// Takes away what comments excuse, and says which of them excuse nothing.
pub(super) fn excuse(reports: &mut [Findings], judged: impl Fn(&Rule) -> bool) {
    for index in 0..reports.len() {
        // Each file is said to hold needless excuses once, where it was read first.
        let known: HashSet<Box<str>> = reports[..index].iter().flat_map(names).collect();
        let mut wrong = Vec::new();
        let mut excuses = Excuses::new();
        for (source, text) in reports[index].sources.texts() {
            if !known.contains(&text.name) {
                let found = of_text(text, source, &mut wrong);
                excuses.insert(text.name.clone(), found);
            }
        }
        if excuses.values().all(Vec::is_empty) && wrong.is_empty() {
            continue;
        }
        for report in &mut reports[index..] {
            take_away(report, &mut excuses);
        }
        let unused = excuses.into_values().flatten().filter(|excuse| {
            let mut rules = rules().into_iter();
            let rule = rules.find(|rule| rule.code == excuse.code);
            !excuse.used && rule.is_none_or(&judged)
        });
        wrong.extend(unused.map(|excuse| needless(&excuse)));
        let report = &mut reports[index];
        report.diagnostics.append(&mut wrong);
        let sources = &report.sources;
        let place = |finding: &Diagnostic| sources.reading_order(finding.primary.span);
        report.diagnostics.sort_by_cached_key(place);
    }
}

fn names(report: &Findings) -> Vec<Box<str>> {
    let texts = report.sources.texts();
    texts.map(|(_, text)| text.name.clone()).collect()
}

fn take_away(report: &mut Findings, excuses: &mut Excuses) {
    let sources = &report.sources;
    report.diagnostics.retain(|finding| {
        let place = sources.place(finding.primary.span);
        let Some(of_file) = excuses.get_mut(&*place.file) else {
            return true;
        };
        let mut hit = false;
        for excuse in of_file {
            if excuse.line == place.line && excuse.code == finding.rule.code {
                excuse.used = true;
                hit = true;
            }
        }
        !hit
    });
}

fn needless(excuse: &Excuse) -> Diagnostic {
    let code = &excuse.code;
    if rules().iter().any(|rule| rule.code == *code) {
        let text = format!("there is no {code} on line {}", excuse.line);
        return Diagnostic::new(&RULE, excuse.span, text).help("take it out");
    }
    let finding = Diagnostic::new(&RULE, excuse.span, format!("{code} is no rule"));
    match meant(code) {
        Some(meant) => finding.help(format!("did you mean {meant}?")),
        None => finding.help("lvsctl lint --list-rules names them all"),
    }
}

/// The excuses of one text; what begins as one and is none goes to `wrong`.
fn of_text(text: &Text, source: SourceId, wrong: &mut Vec<Diagnostic>) -> Vec<Excuse> {
    if memchr::memmem::find(&text.bytes, MARK).is_none() {
        return Vec::new();
    }
    let mut excuses = Vec::new();
    // Those of the lines above that speak of the next line with words.
    let mut waiting = 0;
    let mut words_on_line = false;
    for token in tokens(&text.bytes) {
        let line = || text.line_of(token.start) + 1;
        match token.kind {
            Kind::Newline => words_on_line = false,
            Kind::Comment => {
                let bytes = &text.bytes[token.start as usize..token.end as usize];
                let Some(said) = said(bytes) else { continue };
                let start = token.start + said.start;
                if !codes(said.text, source, start, line(), &mut excuses) {
                    let end = token.end;
                    let span = Span { source, start, end };
                    let finding = Diagnostic::new(&RULE, span, "this is not understood");
                    wrong.push(finding.help("write lvsctl: allow(CODE, CODE)"));
                }
                if words_on_line {
                    waiting = excuses.len();
                }
            }
            _ => {
                if !words_on_line {
                    let line = line();
                    for excuse in &mut excuses[waiting..] {
                        excuse.line = line;
                    }
                    waiting = excuses.len();
                }
                words_on_line = true;
            }
        }
    }
    excuses
}

/// What follows the mark of a comment, and how far into the comment it begins.
struct Said<'t> {
    text: &'t str,
    start: u32,
}

/// `None` for a comment about something else.
fn said(comment: &[u8]) -> Option<Said<'_>> {
    let signs = |byte: &u8| matches!(byte, b'\\' | b'#' | b'!' | b' ' | b'\t');
    let start = comment.iter().position(|byte| !signs(byte))?;
    let rest = comment[start..].strip_prefix(MARK)?;
    let text = std::str::from_utf8(rest).ok()?;
    let start = start + MARK.len() + (text.len() - text.trim_start().len());
    Some(Said {
        text: text.trim(),
        start: u32::try_from(start).ok()?,
    })
}

/// Reads `allow(CODE, CODE)`, which begins at byte `start`; `false` where it is something else.
fn codes(text: &str, source: SourceId, start: u32, line: usize, excuses: &mut Vec<Excuse>) -> bool {
    let list = text.strip_prefix("allow(");
    let Some((list, _)) = list.and_then(|list| list.split_once(')')) else {
        return false;
    };
    let mut at = start + 6;
    for part in list.split(',') {
        let length = u32::try_from(part.len()).unwrap_or(0);
        let blanks = u32::try_from(part.len() - part.trim_start().len()).unwrap_or(0);
        let code = part.trim();
        if code.is_empty() {
            return false;
        }
        let first = at + blanks;
        let end = first + u32::try_from(code.len()).unwrap_or(0);
        excuses.push(Excuse {
            code: code.to_owned(),
            span: Span {
                source,
                start: first,
                end,
            },
            line,
            used: false,
        });
        at += length + 1;
    }
    true
}
