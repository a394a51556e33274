use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// An instance without an interface, or on the loopback.
    ///
    /// keepalived says `Unknown interface!` and ends, for a unicast instance too (2.2.7).
    ///
    /// ```text
    /// vrrp_instance web {
    ///     virtual_router_id 5
    /// }
    /// ```
    ///
    /// Remedy: `interface NAME`.
    RULE: Error "interface-unset", "an instance has no interface";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let (place, text) = match instance.interface() {
            Some(lo) if &*lo.text == "lo" => (lo.span, "keepalived does not take the loopback"),
            // One without a name is a finding of its own.
            None if instance.block.whole && instance.block.first("interface").is_none() => {
                (instance.block.named_place(), "its block names none")
            }
            _ => continue,
        };
        let finding = Diagnostic::new(&RULE, place, text).note("keepalived does not start");
        found.push(finding.help("add a line with interface and the name of one, such as eth0"));
    }
}
