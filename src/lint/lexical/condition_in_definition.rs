use super::line::Line;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// The value of a definition begins with a condition, `@ID`.
    ///
    /// keepalived 2.2 decides the condition where the parameter is used, and crashes on the host it
    /// is for. On other hosts it says nothing.
    ///
    /// ```text
    /// $NOTE=@lb1 weight 3
    /// ```
    ///
    /// Remedy: put the condition before the definition, `@lb1 $NOTE=weight 3`, and define it for
    /// other hosts too, `@^lb1 $NOTE=`.
    RULE: Error silent "condition-in-definition", "a definition that begins with a condition crashes keepalived";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let (start, word) = line.bare().next()?;
    let rest = word.strip_prefix(b"$")?;
    let at = memchr::memchr(b'=', rest)? + 2;
    let name = &rest[..at - 2];
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let value = &line.active[start + at..];
    let blanks = value.iter().take_while(|byte| byte.is_ascii_whitespace());
    let blanks = blanks.count();
    if name.is_empty() || !name.iter().all(letter) || value.get(blanks) != Some(&b'@') {
        return None;
    }
    let text = "the condition is decided where the parameter is used";
    let finding = Diagnostic::new(&RULE, line.span(start + at + blanks, 1), text)
        .note("keepalived 2.2 crashes on the host it is for");
    Some(finding.help("put the condition before the definition"))
}
