use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// A `bfd_instance` does not say whom it talks to.
    ///
    /// keepalived says `has no neighbor address set, disabling instance`: whatever tracks it loses
    /// its subject.
    ///
    /// ```text
    /// bfd_instance peer {
    ///     min_rx 50
    /// }
    /// ```
    ///
    /// Remedy: `neighbour_ip ADDRESS`.
    RULE: Warning "bfd-without-neighbour", "a BFD instance has no neighbour";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for block in outline.each("bfd_instance") {
        if block.whole && neighbour(block).is_none() {
            let finding = Diagnostic::new(&RULE, block.named_place(), "keepalived drops this one");
            found.push(finding.help("add neighbour_ip"));
        }
    }
}

pub(super) fn neighbour(block: &Line) -> Option<&Line> {
    block
        .first("neighbor_ip")
        .or_else(|| block.first("neighbour_ip"))
}
