use super::line::Line;
use super::words;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// `keyword=value` or `keyword = value`, as other files have it.
    ///
    /// keepalived takes `keyword=value` for an unknown keyword and ignores the line. Of `keyword =
    /// value` it takes the `=` for the value: as a number it is refused, and as a name or a
    /// password it is taken.
    ///
    /// ```text
    /// priority=100
    /// auth_pass = secret
    /// ```
    ///
    /// Remedy: a blank instead.
    RULE: Error "equals-sign", "a keyword and its value are parted by a blank";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let mut words = line.bare();
    let first = words.next()?;
    let inner = first.1.iter().position(|byte| *byte == b'=');
    let (keyword, at) = match inner {
        Some(inner) => (&first.1[..inner], first.0 + inner),
        None => (
            first.1,
            words.next().filter(|word| word.1.starts_with(b"="))?.0,
        ),
    };
    if !words::known(keyword) {
        return None;
    }
    let keyword = String::from_utf8_lossy(keyword);
    let text = match inner {
        Some(_) => format!("keepalived does not find {keyword} in this word"),
        None => format!("keepalived takes this for the value of {keyword}"),
    };
    let finding = Diagnostic::new(&RULE, line.span(at, 1), text);
    Some(finding.help(format!("write {keyword}, a blank and the value")))
}
