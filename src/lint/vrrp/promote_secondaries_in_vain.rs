use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `promote_secondaries` beside `use_vmac`.
    ///
    /// An interface for a virtual MAC address has it always; keepalived says that it ignores the
    /// word.
    ///
    /// ```text
    /// use_vmac
    /// promote_secondaries
    /// ```
    ///
    /// Remedy: leave it out.
    RULE: Warning "promote-secondaries-in-vain", "promote_secondaries is set anyway";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let word = instance.block.first("promote_secondaries");
        if let (Some(word), Some(vmac)) = (word, instance.block.first("use_vmac")) {
            let finding = Diagnostic::new(&RULE, word.place(), "keepalived ignores it");
            found.push(finding.context(vmac.place(), "because of this"));
        }
    }
}
