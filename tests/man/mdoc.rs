//! What the rules' manual entries have of Markdown → mdoc(7).

use lvsctl::diag::{Piece, Rule};
use std::fmt::Write as _;

/// Bytes on a line of the source.
const WIDTH: usize = 76;

/// What rules look at: the folder or file they are defined in, and the heading over them. One that
/// is not here comes last, under its own name.
const SUBJECTS: [(&str, &str); 14] = [
    ("text", "Bytes of a file"),
    ("lexical", "Comments, quotes and separators"),
    ("blocks", "Blocks and braces"),
    ("expansion", "Parameters, sequences and includes"),
    ("words", "Words of a line"),
    ("values", "Values"),
    ("globals", "Global settings"),
    ("group", "Virtual server groups"),
    ("service", "Virtual servers"),
    ("server", "Real servers"),
    ("check", "Checks"),
    ("vrrp", "VRRP"),
    ("peer", "Several directors"),
    ("control", "Comments for the linter"),
];

/// Every rule under the heading of its subject.
pub(crate) fn sections(mut rules: Vec<&Rule>) -> String {
    let place = |rule: &Rule| {
        let at = SUBJECTS
            .iter()
            .position(|(name, _)| *name == rule.subject());
        at.unwrap_or(SUBJECTS.len())
    };
    rules.sort_by_key(|rule| (place(rule), rule.subject(), rule.code));
    let mut out = String::new();
    for same in rules.chunk_by(|a, b| a.subject() == b.subject()) {
        let heading = SUBJECTS.get(place(same[0])).map(|(_, heading)| *heading);
        let heading = heading.unwrap_or(same[0].subject());
        out.extend([".Ss ", heading, "\n.Bl -tag -width Ds\n"]);
        for rule in same {
            entry(rule, &mut out);
        }
        out.push_str(".El\n");
    }
    out
}

fn entry(rule: &Rule, out: &mut String) {
    let (code, level) = (rule.code, rule.severity.as_str());
    out.extend([".It Ic ", code, " Pq ", level, "\n"]);
    let mut summary = rule.summary.to_owned();
    if !summary.starts_with('$') && !summary.starts_with("keepalived") {
        let first = summary.remove(0);
        summary.insert(0, first.to_ascii_uppercase());
    }
    summary.push('.');
    paragraph(&summary, out);
    let pieces = rule.pieces();
    let mut listing = false;
    for (at, piece) in pieces.iter().enumerate() {
        if listing && !matches!(piece, Piece::Item(_)) {
            out.push_str(".El\n");
            listing = false;
        }
        match piece {
            Piece::Paragraph(text) => {
                if at > 0 && rule.silent && text.starts_with("Remedy: ") {
                    out.push_str(".Pp\n");
                    paragraph("`keepalived --config-test` says nothing of it.", out);
                }
                out.push_str(".Pp\n");
                paragraph(text, out);
            }
            Piece::Item(text) => {
                if !listing {
                    out.push_str(".Bl -dash -compact\n");
                    listing = true;
                }
                out.push_str(".It\n");
                paragraph(text, out);
            }
            Piece::Example(lines) => {
                out.push_str(".Bd -literal -offset indent\n");
                for line in lines {
                    out.extend([literal(line).as_str(), "\n"]);
                }
                out.push_str(".Ed\n");
            }
        }
    }
    if listing {
        out.push_str(".El\n");
    }
}

/// A paragraph, each sentence on lines of its own.
fn paragraph(text: &str, out: &mut String) {
    let text = quoted(text);
    let mut code = false;
    let mut line = String::new();
    for word in text.split_whitespace() {
        let shown = inline(word, &mut code);
        if !line.is_empty() && line.len() + 1 + shown.len() > WIDTH {
            flush(&mut line, out);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&shown);
        if !code
            && word
                .trim_end_matches([')', '`', '\u{2019}'])
                .ends_with(['.', '?'])
        {
            flush(&mut line, out);
        }
    }
    flush(&mut line, out);
}

/// Puts quotes around what stands between backquotes and is more than one word.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        let piece = match at % 2 {
            0 => part.to_owned(),
            _ if part.contains(' ') => format!("\u{2018}`{part}`\u{2019}"),
            _ => format!("`{part}`"),
        };
        out.push_str(&piece);
    }
    out
}

fn flush(line: &mut String, out: &mut String) {
    if line.starts_with(['.', '\'']) {
        out.push_str("\\&");
    }
    if !line.is_empty() {
        out.extend([line.as_str(), "\n"]);
    }
    line.clear();
}

/// A word of a paragraph; what stands between backquotes is bold.
fn inline(word: &str, code: &mut bool) -> String {
    let mut out = String::new();
    for (at, part) in word.split('`').enumerate() {
        if at > 0 {
            *code = !*code;
            out.push_str(if *code { "\\fB" } else { "\\fR" });
        }
        out.push_str(&if *code { signs(part) } else { plain(part) });
    }
    out
}

fn literal(line: &str) -> String {
    let line = signs(line);
    if line.starts_with(['.', '\'']) {
        format!("\\&{line}")
    } else {
        line
    }
}

/// Text in which a sign means itself, not a dash or a curly quote.
fn signs(text: &str) -> String {
    let mut out = String::new();
    for sign in text.chars() {
        match sign {
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            '"' => out.push_str("\\(dq"),
            other => out.push_str(&plain(other.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}

fn plain(text: &str) -> String {
    let mut out = String::new();
    for sign in text.chars() {
        match sign {
            '\\' => out.push_str("\\e"),
            '\u{2018}' => out.push_str("\\(oq"),
            '\u{2019}' => out.push_str("\\(cq"),
            sign if sign.is_ascii() => out.push(sign),
            sign => write!(out, "\\[u{:04X}]", u32::from(sign)).unwrap(),
        }
    }
    out
}
