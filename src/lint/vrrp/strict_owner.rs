use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// In strict mode, a master that does not own its address, or an owner that is no master.
    ///
    /// keepalived says `State MASTER must match being address owner` and takes the state from the
    /// priority: 255 is the owner.
    ///
    /// ```text
    /// strict_mode
    /// state MASTER
    /// priority 150
    /// ```
    ///
    /// Remedy: `state BACKUP`, or no strict mode.
    RULE: Warning "strict-owner", "in strict mode the owner alone begins as master";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let states = instance.block.each("state");
        let states = states.filter(|line| matches!(line.name(), "MASTER" | "BACKUP"));
        let Some(state) = states.last() else { continue };
        let priority = instance.priority();
        if instance.strict() && instance.starts_master() != (priority == 255) {
            let text = format!("it has priority {priority}");
            found.push(Diagnostic::new(&RULE, state.named_place(), text));
        }
    }
}
