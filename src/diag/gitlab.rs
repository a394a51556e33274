//! Findings → a Code Quality report, which GitLab shows beside the lines.
//!
//! Source: "Code Quality report format" of GitLab's manual.

use serde::Serialize;

use super::message::{self, Fingerprints};
use super::{Diagnostic, Severity, Sources};

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// One array for all findings, on one line.
pub fn render<'a>(findings: impl IntoIterator<Item = (&'a Diagnostic, &'a Sources)>) -> String {
    let mut fingerprints = Fingerprints::default();
    let issues = findings.into_iter().map(|(finding, sources)| {
        let place = sources.place(finding.primary.span);
        Issue {
            description: message::brief(finding),
            check_name: finding.rule.code,
            fingerprint: fingerprints.of(finding, sources),
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Info => "info",
            },
            location: Location {
                path: message::path(&place.file).to_owned(),
                lines: Lines { begin: place.line },
            },
        }
    });
    let issues: Vec<Issue<'_>> = issues.collect();
    serde_json::to_string(&issues).expect("strings and numbers are always JSON")
}
