use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// Unicast with a virtual MAC address, without `vmac_xmit_base`.
    ///
    /// Unicast packets must leave by the interface below: keepalived says `requires vmac_xmit_base
    /// - setting` and does so.
    ///
    /// ```text
    /// use_vmac
    /// unicast_src_ip 192.0.2.1
    /// ```
    ///
    /// Remedy: write `vmac_xmit_base`.
    RULE: Warning "xmit-base-unset", "unicast with a virtual MAC needs vmac_xmit_base";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let block = instance.block;
        let set = block.first("vmac_xmit_base").is_some() || instance.interface().is_none();
        if let (Some(vmac), Some(word), false) =
            (instance.virtual_interface(), instance.unicast(), set)
        {
            let finding = Diagnostic::new(
                &RULE,
                vmac.place(),
                "keepalived sets it, and says so at each start",
            );
            let finding = finding.context(word.place(), "it is unicast by this");
            found.push(finding.help("add vmac_xmit_base, which keepalived goes by anyway"));
        }
    }
}
