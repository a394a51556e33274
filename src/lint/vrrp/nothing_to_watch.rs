use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// A script, file or process to track that does not say what it is.
    ///
    /// keepalived removes the block (`No script set for vrrp_script`), and whatever tracks it does
    /// not find it.
    ///
    /// ```text
    /// vrrp_script web {
    ///     interval 5
    /// }
    /// ```
    ///
    /// Remedy: `script`, `file` or `process`.
    RULE: Warning "nothing-to-watch", "a block to be tracked does not say what to look at";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

/// Kinds of such blocks, and what each must have.
const SUBJECTS: [(&str, &str); 4] = [
    ("vrrp_script", "script"),
    ("track_file", "file"),
    ("vrrp_track_file", "file"),
    ("vrrp_track_process", "process"),
];

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for block in outline.lines() {
        if let Some(lacks) = lacks(block) {
            let text = format!("{} has no {lacks}, keepalived removes it", block.name());
            let finding = Diagnostic::new(&RULE, block.named_place(), text)
                .note("whatever tracks it goes on without");
            found.push(finding.help(format!("add a line with {lacks}, or leave the block out")));
        }
    }
}

/// The keyword that such a block lacks.
pub(super) fn lacks(block: &Line) -> Option<&'static str> {
    let (_, subject) = SUBJECTS.iter().find(|(kind, _)| *kind == block.keyword())?;
    (block.whole && block.first(subject).is_none()).then_some(*subject)
}
