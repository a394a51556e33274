//! Findings → SARIF 2.1.0, for code scanning.
//!
//! Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS; sections are
//! named where it says what the key must be.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::message::{self, Fingerprints};
use super::{Diagnostic, Fix, Rule, Severity, Sources, Span};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    id: &'a str,
    short_description: Said,
    full_description: Said,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Said {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Said,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Change>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    /// Only what `message` may refer to has one (3.28.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    physical: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Said>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Artifact {
    uri: String,
}

/// From 1, in characters; the end is behind the last.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    description: Said,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Said,
}

/// One log for all findings, on one line, with the manual entries of the rules they are of.
pub fn render<'a>(findings: impl IntoIterator<Item = (&'a Diagnostic, &'a Sources)>) -> String {
    let findings: Vec<_> = findings.into_iter().collect();
    let rules = findings.iter().map(|(finding, _)| finding.rule);
    let rules: BTreeMap<&str, &'static Rule> = rules.map(|rule| (rule.code, rule)).collect();
    let codes: Vec<&str> = rules.keys().copied().collect();
    let mut fingerprints = Fingerprints::default();
    let results = findings.into_iter().map(|(finding, sources)| Finding {
        rule_index: codes.binary_search(&finding.rule.code).unwrap_or_default(),
        partial_fingerprints: [("codeAndLine/v1", fingerprints.of(finding, sources))].into(),
        ..result(finding, sources)
    });
    let run = Run {
        column_kind: "unicodeCodePoints",
        results: results.collect(),
        tool: Tool {
            driver: Driver {
                name: "lvsctl",
                version: env!("CARGO_PKG_VERSION"),
                rules: rules.values().map(|rule| descriptor(rule)).collect(),
            },
        },
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    };
    serde_json::to_string(&log).expect("strings and numbers are always JSON")
}

fn descriptor(rule: &Rule) -> Descriptor<'_> {
    let manual = rule.manual();
    let first = manual.split("\n\n").next().unwrap_or_default();
    Descriptor {
        id: rule.code,
        short_description: said(rule.summary),
        full_description: said(first.replace('\n', " ").trim()),
        default_configuration: Configuration {
            level: level(rule.severity),
        },
        help: Help {
            text: manual.clone(),
            markdown: manual,
        },
    }
}

fn result<'a>(diagnostic: &'a Diagnostic, sources: &Sources) -> Finding<'a> {
    let primary = Location {
        id: None,
        physical: physical(diagnostic.primary.span, sources),
        message: None,
    };
    let context = diagnostic.context.iter().zip(1..);
    let related = context.map(|(label, id)| Location {
        id: Some(id),
        physical: physical(label.span, sources),
        message: Some(said(&label.text)),
    });
    Finding {
        rule_id: diagnostic.rule.code,
        rule_index: 0,
        level: level(diagnostic.severity),
        message: said(message::full(diagnostic, sources)),
        locations: [primary],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::new(),
        fixes: diagnostic
            .offered(sources)
            .map(|fix| change(fix, sources))
            .into_iter()
            .collect(),
    }
}

fn change(fix: &Fix, sources: &Sources) -> Change {
    let mut changes: Vec<ArtifactChange> = Vec::new();
    for edit in &fix.edits {
        let artifact_location = artifact(edit.span, sources);
        let replacement = Replacement {
            deleted_region: region(edit.span, sources),
            inserted_content: said(&edit.text),
        };
        let same = changes
            .iter_mut()
            .find(|change| change.artifact_location == artifact_location);
        match same {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(ArtifactChange {
                artifact_location,
                replacements: vec![replacement],
            }),
        }
    }
    Change {
        description: said(&fix.title),
        artifact_changes: changes,
    }
}

fn said(text: impl Into<String>) -> Said {
    Said { text: text.into() }
}

/// 3.27.10.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn physical(span: Span, sources: &Sources) -> Physical {
    let readable = !sources.get(span.source).bytes.is_empty();
    Physical {
        artifact_location: artifact(span, sources),
        region: readable.then(|| region(span, sources)),
    }
}

fn region(span: Span, sources: &Sources) -> Region {
    let (start, end) = (sources.place(span), sources.end_place(span));
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn artifact(span: Span, sources: &Sources) -> Artifact {
    let uri = uri(&sources.get(span.source).name);
    Artifact { uri }
}

/// A path as a reference (RFC 3986): relative as given, or of the scheme `file`.
fn uri(path: &str) -> String {
    let path = message::path(path);
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("conf.d/a.conf"), "conf.d/a.conf");
        assert_eq!(uri("././a b:ü.conf"), "a%20b%3A%C3%BC.conf");
        assert_eq!(uri("/etc/100%.conf"), "file:///etc/100%25.conf");
        assert_eq!(uri("../a.conf"), "../a.conf");
    }
}
