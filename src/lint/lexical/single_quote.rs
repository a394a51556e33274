use super::line::Line;
use super::words;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A word begins with a single quote.
    ///
    /// Outside commands and patterns a single quote is a letter like any other: it becomes part of
    /// the value, a blank ends the word, and `#`, `!`, `{` and `}` mean what they mean everywhere.
    /// keepalived says nothing, unless a number is wanted.
    ///
    /// ```text
    /// virtualhost 'www.example.org'
    /// auth_pass 'a b'
    /// ```
    ///
    /// Remedy: double quotes, or none.
    RULE: Warning silent "single-quote", "single quotes hold nothing together";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let keyword = line.bare().next()?.1;
    if line.defines || words::quotes(keyword) {
        return None;
    }
    let word = line.bare().find(|word| word.1.starts_with(b"'"))?;
    let text = "the quote becomes part of the value";
    let finding = Diagnostic::new(&RULE, line.span(word.0, 1), text);
    Some(finding.help("write double quotes, or none"))
}
