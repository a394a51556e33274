use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// An instance without `virtual_router_id`.
    ///
    /// keepalived says `the virtual router id must be set` and ends.
    ///
    /// ```text
    /// vrrp_instance web {
    ///     interface eth0
    /// }
    /// ```
    ///
    /// Remedy: `virtual_router_id N`, the same on all routers of the group.
    RULE: Error "router-id-unset", "an instance has no virtual_router_id";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        // One that is no id is a finding of its own.
        let said = instance.block.first("virtual_router_id").is_some();
        if instance.block.whole && !said {
            let finding = Diagnostic::new(&RULE, instance.block.named_place(), "this one")
                .note("keepalived does not start");
            found.push(finding.help("add virtual_router_id, 1 to 255"));
        }
    }
}
