use super::line::Line;
use crate::conf::written::Kind;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A line ends in `\`, and is no part of a `$NAME=` definition.
    ///
    /// keepalived glues the `\` to the word before it and reads the next line as one of its own:
    /// `lb_algo \` is an unknown keyword, and `delay_loop 6 \` is no number. A running keepalived
    /// takes 6 microseconds for it.
    ///
    /// ```text
    /// lb_algo \
    ///     rr
    /// ```
    ///
    /// Remedy: write it on one line.
    RULE: Error "stray-continuation", "a backslash continues a definition alone";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    if line.defines || !line.active.ends_with(b"\\") || line.words().last()?.kind != Kind::Word {
        return None;
    }
    let place = line.span(line.active.len() - 1, 1);
    let finding = Diagnostic::new(&RULE, place, "it becomes part of the word before it")
        .note("keepalived reads the next line as one of its own")
        .help("write it all on one line");
    let mut continues = true;
    let last = line
        .below()
        .take_while(|below| {
            let was = continues;
            continues = below.active.ends_with(b"\\");
            was && !below.active.is_empty()
        })
        .last();
    Some(match last {
        Some(last) => finding.context(last.place(), "this is another line"),
        None => finding,
    })
}
