use std::collections::HashMap;

use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// Two instances, sync groups, track groups or BFD instances of one name.
    ///
    /// keepalived says `already defined` and skips the whole second block.
    ///
    /// ```text
    /// vrrp_instance web { … }
    /// vrrp_instance web { … }
    /// ```
    ///
    /// Remedy: another name, or one block.
    RULE: Error "duplicate-block", "a block of this name is already defined";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for kind in [
        "vrrp_instance",
        "vrrp_sync_group",
        "track_group",
        "bfd_instance",
    ] {
        let mut known: HashMap<&str, &Line> = HashMap::new();
        for block in outline
            .each(kind)
            .filter(|block| block.argument().is_some())
        {
            if let Some(first) = known.get(block.name()) {
                let finding =
                    Diagnostic::new(&RULE, block.named_place(), "keepalived skips this one")
                        .context(first.named_place(), "first here");
                found.push(finding);
            } else {
                known.insert(block.name(), block);
            }
        }
    }
}
