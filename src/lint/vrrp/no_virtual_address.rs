use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// An instance has no address.
    ///
    /// A router without a virtual address moves nothing. keepalived says `No VIP specified`; with
    /// IPv6, version 3 or strict mode it ends.
    ///
    /// ```text
    /// vrrp_instance web {
    ///     interface eth0
    ///     virtual_router_id 5
    /// }
    /// ```
    ///
    /// Remedy: `virtual_ipaddress`, or since 2.2.8 `no_virtual_ipaddress`.
    RULE: Warning "no-virtual-address", "an instance has no virtual address";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let block = instance.block;
        let whole = block.whole
            && block
                .each("virtual_ipaddress")
                .all(|block| block.whole && block.opens);
        if whole && instance.addresses().next().is_none() {
            let finding = Diagnostic::new(&RULE, block.named_place(), "this one");
            found.push(finding.help("add virtual_ipaddress"));
        }
    }
}
