//! Findings → JSON, for machines. Keys are only ever added.

use serde::Serialize;

use super::{Diagnostic, Label, Sources, Span};

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: String,
    file: String,
    start: Point,
    end: Point,
    notes: &'a [String],
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// Line and column in characters, from 1; byte from 0.
#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
    byte: u32,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    file: String,
    start: Point,
    end: Point,
}

/// One object for all findings, on one line. Each comes with the texts it points into.
pub fn render<'a>(findings: impl IntoIterator<Item = (&'a Diagnostic, &'a Sources)>) -> String {
    let findings = findings
        .into_iter()
        .map(|(finding, sources)| one(finding, sources));
    let report = Report {
        version: 1,
        findings: findings.collect(),
    };
    serde_json::to_string(&report).expect("strings and numbers are always JSON")
}

fn one<'a>(diagnostic: &'a Diagnostic, sources: &Sources) -> Finding<'a> {
    let (start, end) = points(diagnostic.primary.span, sources);
    Finding {
        code: diagnostic.rule.code,
        severity: diagnostic.severity.as_str(),
        message: message(diagnostic),
        file: sources.place(diagnostic.primary.span).file,
        start,
        end,
        notes: &diagnostic.notes,
        related: diagnostic
            .context
            .iter()
            .map(|label| related(label, sources))
            .collect(),
        help: diagnostic.help.as_deref(),
    }
}

/// A finding in one line.
pub fn message(diagnostic: &Diagnostic) -> String {
    format!("{}: {}", diagnostic.rule.summary, diagnostic.primary.text)
}

fn related<'a>(label: &'a Label, sources: &Sources) -> Related<'a> {
    let (start, end) = points(label.span, sources);
    Related {
        message: &label.text,
        file: sources.place(label.span).file,
        start,
        end,
    }
}

fn points(span: Span, sources: &Sources) -> (Point, Point) {
    let (start, end) = (sources.place(span), sources.end_place(span));
    let point = |place: super::Place, byte| Point {
        line: place.line,
        column: place.column,
        byte,
    };
    (point(start, span.start), point(end, span.end))
}
