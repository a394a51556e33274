use super::line::Line;
use super::words;
use crate::conf::written::Kind;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A word ends in `;`, as in other languages a statement does.
    ///
    /// To keepalived it is part of the value: `80;` is no port, `rr;` no scheduler, and as a host
    /// it is taken without a word. Of `delay_loop 6;` a running keepalived makes 6 microseconds.
    ///
    /// ```text
    /// delay_loop 6;
    /// ```
    ///
    /// Remedy: leave it out. In commands, patterns and passwords a semicolon is not looked at.
    RULE: Error "trailing-semicolon", "no line ends in a semicolon";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    if !line.active.ends_with(b";") || words::free(line.bare().next()?.1) {
        return None;
    }
    let at = |token: &crate::conf::written::Token| token.end as usize - 1;
    let first = line
        .words()
        .find(|token| token.kind == Kind::Word && line.active[at(token)] == b';')?;
    let place = line.span(at(&first), 1);
    let finding = Diagnostic::new(&RULE, place, "keepalived takes it for part of the value");
    Some(finding.help("leave it out"))
}
