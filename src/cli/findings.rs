//! What the linter found, in the form that was asked for.

use std::collections::BTreeSet;
use std::io;

use super::format::LintFormat;
use super::terminal::Terminal;
use crate::diag::{Diagnostic, Severity, Sources, github, gitlab, json, sarif, text};
use crate::lint::Findings;

/// All of it in one answer. For people, nothing where nothing was found.
pub(super) fn show(
    format: LintFormat,
    files: &[Findings],
    terminal: &mut Terminal<'_>,
) -> io::Result<()> {
    let all = files.iter().flat_map(each);
    match format {
        LintFormat::Human => {
            for file in files {
                let color = terminal.color_out;
                let rendered = text::render(&file.diagnostics, &file.sources, color);
                terminal.out.write_all(rendered.as_bytes())?;
            }
            match last_line(files) {
                Some(line) => writeln!(terminal.out, "{line}"),
                None => Ok(()),
            }
        }
        LintFormat::Json => writeln!(terminal.out, "{}", json::render(all)),
        LintFormat::Sarif => writeln!(terminal.out, "{}", sarif::render(all)),
        LintFormat::Github => terminal.out.write_all(github::render(all).as_bytes()),
        LintFormat::Gitlab => writeln!(terminal.out, "{}", gitlab::render(all)),
    }
}

/// Findings with the texts they point into.
fn each(file: &Findings) -> impl Iterator<Item = (&Diagnostic, &Sources)> {
    let findings = file.diagnostics.iter();
    findings.map(|finding| (finding, &file.sources))
}

/// How many there are of each kind, and what can be done about them at once.
fn last_line(files: &[Findings]) -> Option<String> {
    let all: Vec<_> = files.iter().flat_map(each).collect();
    if all.is_empty() {
        return None;
    }
    let count = |severity| {
        let of_it = all
            .iter()
            .filter(|(finding, _)| finding.severity == severity);
        of_it.count()
    };
    let errors = counted(count(Severity::Error), "error");
    let warnings = counted(count(Severity::Warning), "warning");
    let advice = format!("{} info", count(Severity::Info));
    let mut kinds = vec![errors, warnings, advice];
    kinds.retain(|kind| !kind.starts_with("0 "));
    let places = all
        .iter()
        .map(|(finding, sources)| &sources.get(finding.primary.span.source).name);
    let places: BTreeSet<_> = places.collect();
    let line = format!("{} in {}", kinds.join(", "), counted(places.len(), "file"));
    let fixable = all
        .iter()
        .filter(|(finding, sources)| finding.offered(sources).is_some());
    Some(match fixable.count() {
        0 => line,
        number => format!("{line}; {number} can be fixed with --fix"),
    })
}

/// A number and a noun that takes an s.
pub(super) fn counted(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}
