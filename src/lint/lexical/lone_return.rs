use super::line::Line;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A carriage return stands in a line and ends none.
    ///
    /// Files of old Macs end their lines so, and some copies of a terminal. To keepalived the sign
    /// is a blank: the whole file is one line, of which the first setting counts. A carriage return
    /// before the line feed, as Windows writes it, does no harm.
    ///
    /// ```text
    /// delay_loop 6\rlb_algo rr\rlb_kind DR
    /// ```
    ///
    /// Remedy: `tr '\r' '\n' <OLD >NEW`, or save the file with line ends of Unix.
    RULE: Error "lone-return", "a carriage return ends no line";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let at = memchr::memchr(b'\r', line.active)?;
    let text = "the next line is part of this one";
    let finding = Diagnostic::new(&RULE, line.span(at, 1), text)
        .note("keepalived takes the sign for a blank");
    Some(finding.help("save the file with line feeds"))
}
