//! Findings → workflow commands, which GitHub shows beside the lines.
//!
//! Source: "Workflow commands for GitHub Actions"; the escapes are those of its toolkit.

use std::fmt::Write as _;

use super::{Diagnostic, Severity, Sources, message};

/// One line for each finding.
pub fn render<'a>(findings: impl IntoIterator<Item = (&'a Diagnostic, &'a Sources)>) -> String {
    let mut out = String::new();
    for (finding, sources) in findings {
        one(finding, sources, &mut out);
    }
    out
}

fn one(diagnostic: &Diagnostic, sources: &Sources, out: &mut String) {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let span = diagnostic.primary.span;
    let (start, end) = (sources.place(span), sources.end_place(span));
    let file = property(message::path(&start.file));
    let _ = write!(out, "::{command} file={file}");
    if !message::placeless(diagnostic, sources) {
        let _ = write!(out, ",line={},endLine={}", start.line, end.line);
        // Columns are taken only where both are of one line.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
        }
    }
    let title = property(diagnostic.rule.code);
    let text = data(&message::full(diagnostic, sources));
    let _ = writeln!(out, ",title={title}::{text}");
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
