use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `track_interface` names the instance's own interface.
    ///
    /// That is tracked anyway: keepalived says `Ignoring track_interface … since own interface`,
    /// and a weight behind it counts for nothing.
    ///
    /// ```text
    /// interface eth0
    /// track_interface {
    ///     eth0 weight -10
    /// }
    /// ```
    ///
    /// Remedy: leave it out.
    RULE: Warning "tracks-own-interface", "an instance tracks its own interface anyway";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let Some(own) = instance.interface() else {
            continue;
        };
        for line in instance.block.within("track_interface") {
            if line.keyword() == &*own.text {
                let finding = Diagnostic::new(&RULE, line.place(), "keepalived ignores this line");
                found.push(finding.context(own.span, "its own"));
            }
        }
    }
}
