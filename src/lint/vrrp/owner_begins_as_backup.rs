use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `state BACKUP` with `priority 255`.
    ///
    /// 255 says that the address is the host's own: it takes it from whoever has it, always, and no
    /// tracked script can lower it. keepalived says nothing.
    ///
    /// ```text
    /// state BACKUP
    /// priority 255
    /// ```
    ///
    /// Remedy: 1 to 254, above or below the other's.
    RULE: Warning silent "owner-begins-as-backup", "priority 255 is not for a backup";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let block = instance.block;
        let Some(state) = block.last("state").filter(|line| line.name() == "BACKUP") else {
            continue;
        };
        let Some(line) = block.last("priority").filter(|line| line.name() == "255") else {
            continue;
        };
        // Strict mode and nopreempt have findings of their own for owners.
        let waits = block.first("nopreempt").is_some();
        if !instance.starts_master() && !instance.strict() && !waits {
            let finding = Diagnostic::new(&RULE, line.named_place(), "it never yields");
            let finding = finding.context(state.named_place(), "though it begins as backup");
            found.push(finding.help("use 1 to 254"));
        }
    }
}
