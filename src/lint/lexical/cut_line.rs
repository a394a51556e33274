use super::line::Line;
use crate::conf::written;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A line has more than 1023 bytes, its comment included.
    ///
    /// keepalived before 2.4 cuts it there and reads what is left as a line of its own: the end of
    /// a long comment can become a keyword, and the end of a list is lost. keepalived 2.4 reports
    /// the line, ignores its beginning, and still reads the rest. Every line below has another
    /// number in its messages.
    ///
    /// ```text
    /// # … 1100 bytes of a comment … virtual_server is read as a keyword
    /// ```
    ///
    /// Remedy: break the line; of a comment, into several.
    RULE: Error "cut-line", "a line is longer than keepalived reads in one piece";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

/// Bytes of a line that keepalived reads in one piece.
pub(super) const LONGEST: usize = 1023;

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let (_, mut rest) = line.whole.split_at_checked(LONGEST)?;
    while !rest.is_empty() {
        let piece = &rest[..rest.len().min(LONGEST)];
        let blanks = piece
            .iter()
            .take_while(|byte| written::blank(**byte))
            .count();
        if written::comment_start(piece) > blanks {
            let comment = line.active.len() < LONGEST;
            let text = if comment {
                "from here on the comment is read as another line"
            } else {
                "from here on it is read as another line"
            };
            let length = rest.len().min(line.whole.len() - LONGEST);
            let start = line.whole.len() - rest.len();
            let finding = Diagnostic::new(&RULE, line.span(start, length), text)
                .note("keepalived 2.4 and later ignores what stands before it instead");
            return Some(finding.help("break the line"));
        }
        rest = &rest[piece.len()..];
    }
    None
}
