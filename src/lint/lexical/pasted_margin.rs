use super::line::Line;
use super::words;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// Lines begin with a line number, or with the `|`, `+`, `-` or `>` of a table, a diff or a
    /// mail, and the keyword follows. Lines in a row are one finding.
    ///
    /// keepalived takes the first word for the keyword, knows it not, and ignores the line. Of a
    /// block it reads what stands inside as if it stood around it.
    ///
    /// ```text
    /// 12 virtual_server 192.0.2.1 80 {
    /// 13     lb_algo rr
    /// 14 }
    /// ```
    ///
    /// Remedy: copy the text without its margin. `lvsctl lint` reads the lines once that is done.
    RULE: Error "pasted-margin", "what stands before the keyword was pasted with it";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let mut words = line.bare();
    let (margin, keyword) = (words.next()?, words.next()?);
    if !is_margin(margin.1) || !words::known(keyword.1) {
        return None;
    }
    let text = "the keyword is the word behind it";
    let finding = Diagnostic::new(&RULE, line.word(margin), text)
        .note("keepalived ignores the line, and of a block its first line alone")
        .help("delete the margin, here and on the lines below");
    let last = line
        .below()
        .take_while(|below| below.active.is_empty() || begins_with_margin(below))
        .filter(|below| !below.active.is_empty())
        .last();
    Some(match last {
        Some(last) => finding.context(last.place(), "down to this line"),
        None => finding,
    })
}

fn begins_with_margin(line: &Line<'_>) -> bool {
    line.bare().next().is_some_and(|first| is_margin(first.1))
}

/// A number, perhaps with a sign behind it, or one of the signs that begin a quoted line.
fn is_margin(word: &[u8]) -> bool {
    let number = match word {
        [number @ .., b':' | b'.' | b'|' | b')'] if !number.is_empty() => number,
        _ => word,
    };
    let digits = number.iter().all(u8::is_ascii_digit);
    digits || matches!(word, b"|" | b"+" | b"-" | b">" | b"*")
}
