use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A group without a member that nobody uses.
    ///
    /// keepalived says `has no entries - removing`. Where a virtual server uses the group it is
    /// lost with it: that is `empty-group`.
    ///
    /// ```text
    /// virtual_server_group web {
    /// }
    /// ```
    ///
    /// Remedy: name an address, range or mark, or leave the group out.
    RULE: Warning "unused-empty-group", "a group has no member, and no use";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let used = super::used(outline);
    for group in outline.each("virtual_server_group") {
        if group.whole && group.inner.is_empty() && !used.contains(group.name()) {
            let finding = Diagnostic::new(&RULE, group.named_place(), "keepalived removes it");
            found.push(finding.help("leave it out"));
        }
    }
}
