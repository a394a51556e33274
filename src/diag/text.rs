//! Findings → text for a terminal.

use std::fmt::Write as _;

use super::{Diagnostic, Label, Link, Place, Severity, Sources, Span, Via};

/// Longest piece of a line that is shown, in characters.
const WIDTH: usize = 160;

/// Renders findings one after another; empty for none.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        one(diagnostic, sources, color, &mut out);
        out.push('\n');
    }
    out
}

fn one(diagnostic: &Diagnostic, sources: &Sources, color: bool, out: &mut String) {
    let paint = |code: &str, text: &str| {
        if color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    let hue = match diagnostic.severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Info => "1;36",
    };
    let head = format!("{}[{}]", diagnostic.severity.as_str(), diagnostic.rule.code);
    let head = paint(hue, &head);
    let _ = writeln!(out, "{head}: {}", paint("1", diagnostic.rule.summary));
    let place = sources.place(diagnostic.primary.span);
    if sources.get(diagnostic.primary.span.source).bytes.is_empty() {
        // There is no text to point into.
        let _ = writeln!(out, " --> {}", diagnostic.primary.text);
        return;
    }
    let _ = writeln!(out, " --> {}:{}:{}", place.file, place.line, place.column);

    let mut labels: Vec<(&Label, char)> = diagnostic.context.iter().map(|l| (l, '-')).collect();
    labels.push((&diagnostic.primary, '^'));
    // What stands in another text comes last, under its own name.
    let own = diagnostic.primary.span.source;
    labels.sort_by_key(|(label, _)| (label.span.source != own, label.span));
    let numbers = labels
        .iter()
        .map(|(label, _)| sources.place(label.span).line);
    let gutter = numbers.max().unwrap_or(1).to_string().len();
    let _ = writeln!(out, "{:gutter$} |", "");
    let mut shown = None;
    for (label, mark) in labels {
        let place = sources.place(label.span);
        let line = (label.span.source, place.line);
        if shown != Some(line) {
            if label.span.source != diagnostic.primary.span.source {
                let Place { file, line, column } = &place;
                let _ = writeln!(out, "{:gutter$} ::: {file}:{line}:{column}", "");
            } else if shown.is_some_and(|(_, last)| last + 1 != place.line) {
                out.push_str("...\n");
            }
        }
        let hue = if mark == '^' { hue } else { "1;34" };
        let again = shown == Some(line);
        snippet(
            label,
            mark,
            &Frame {
                sources,
                gutter,
                again,
            },
            &|text| paint(hue, text),
            out,
        );
        shown = Some(line);
    }
    for note in chain(diagnostic.primary.span, sources) {
        let _ = writeln!(out, "{:gutter$} = note: {note}", "");
    }
    for note in &diagnostic.notes {
        let _ = writeln!(out, "{:gutter$} = note: {note}", "");
    }
    let fix = diagnostic.offered(sources).map(|fix| &fix.title);
    let other = diagnostic.help.as_ref().filter(|help| Some(*help) != fix);
    if let Some(help) = other {
        let _ = writeln!(out, "{:gutter$} = help: {help}", "");
    }
    if let Some(title) = fix {
        let _ = writeln!(out, "{:gutter$} = help: {title} (lint --fix does it)", "");
    }
}

/// The longest chain that is shown whole.
const LINKS: usize = 8;

/// How a span's text came in, innermost first, as sentences.
pub(super) fn chain(span: Span, sources: &Sources) -> Vec<String> {
    let links = sources.chain(span);
    let one = |link: &&Link| {
        let place = sources.place(link.at);
        match &link.via {
            Via::Include => format!("included at {place}"),
            Via::Parameter => {
                let name = String::from_utf8_lossy(sources.written(link.at));
                format!("used at {place}, for {name}")
            }
            Via::Sequence(said) => format!("repeated at {place}, with {said}"),
            Via::Composed(text) => format!("it is {text} after expansion"),
        }
    };
    let mut notes: Vec<String> = links.iter().take(LINKS).map(one).collect();
    if links.len() > LINKS {
        notes.push(format!("and so on, {} places in all", links.len()));
    }
    notes
}

struct Frame<'a> {
    sources: &'a Sources,
    gutter: usize,
    /// The line stands above already.
    again: bool,
}

fn snippet(
    label: &Label,
    mark: char,
    frame: &Frame<'_>,
    paint: &dyn Fn(&str) -> String,
    out: &mut String,
) {
    let (span, gutter) = (label.span, frame.gutter);
    let source = frame.sources.get(span.source);
    let index = source.line_of(span.start);
    let line = source.line(index);
    let start = source.column_bytes(index, span.start);
    let end = source.column_bytes(index, span.end).max(start);
    // Tabs become blanks and what is no text is escaped, so that the caret stands where it must.
    let before = visible(&line[..start]);
    let within = visible(&line[start..end]);
    let after = visible(&line[end..]);
    let skip = before.chars().count().saturating_sub(WIDTH / 2);
    let mut shown: String = before.chars().skip(skip).collect();
    let indent = shown.chars().count();
    shown.push_str(&within);
    shown.push_str(&after);
    let cut = shown.chars().count() > WIDTH;
    let shown: String = shown.chars().take(WIDTH).collect();
    let (head, tail) = (if skip > 0 { "…" } else { "" }, if cut { "…" } else { "" });
    if !frame.again {
        let shown = format!("{head}{shown}{tail}");
        let _ = writeln!(out, "{:gutter$} | {}", index + 1, shown.trim_end());
    }
    let length = within
        .chars()
        .count()
        .clamp(1, WIDTH.saturating_sub(indent).max(1));
    let marks: String = std::iter::repeat_n(mark, length).collect();
    let indent = indent + head.chars().count();
    let text = paint(&format!("{marks} {}", label.text));
    let _ = writeln!(out, "{:gutter$} | {:indent$}{}", "", "", text.trim_end());
}

fn visible(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\t' => text.push_str("    "),
                control if control.is_control() => {
                    let _ = write!(text, "\\x{:02x}", u32::from(control));
                }
                other => text.push(other),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}
