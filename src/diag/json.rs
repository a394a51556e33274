//! Findings → JSON, for machines. Keys are only ever added.

use serde::Serialize;

use super::{Diagnostic, Edit, Fix, Label, Sources, Span, message};

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
    fixes: Vec<Repair<'a>>,
}

/// An edit with one right answer, which `--fix` does.
#[derive(Serialize)]
struct Repair<'a> {
    title: &'a str,
    edits: Vec<Replaced<'a>>,
}

#[derive(Serialize)]
struct Replaced<'a> {
    file: String,
    start: Point,
    end: Point,
    text: &'a str,
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
        message: message::brief(diagnostic),
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
        fixes: diagnostic
            .offered(sources)
            .map(|fix| repair(fix, sources))
            .into_iter()
            .collect(),
    }
}

fn repair<'a>(fix: &'a Fix, sources: &Sources) -> Repair<'a> {
    let edits = fix.edits.iter().map(|edit| replaced(edit, sources));
    Repair {
        title: &fix.title,
        edits: edits.collect(),
    }
}

fn replaced<'a>(edit: &'a Edit, sources: &Sources) -> Replaced<'a> {
    let (start, end) = points(edit.span, sources);
    Replaced {
        file: sources.place(edit.span).file,
        start,
        end,
        text: &edit.text,
    }
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
