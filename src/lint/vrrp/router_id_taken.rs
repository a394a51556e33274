use std::collections::HashMap;

use super::instance::{Instance, instances};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// Two instances with one router id on one interface.
    ///
    /// Each takes the other's packets for those of its peer. keepalived says `both use VRID` and
    /// ends.
    ///
    /// ```text
    /// vrrp_instance a { interface eth0 virtual_router_id 5 … }
    /// vrrp_instance b { interface eth0 virtual_router_id 5 … }
    /// ```
    ///
    /// Remedy: another id, or another interface. IPv4 and IPv6 do not meet.
    RULE: Error "router-id-taken", "two instances use one router id on one interface";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<_, Instance<'_>> = HashMap::new();
    for instance in instances(outline) {
        let block = instance.block;
        let (Some(id), Some(interface)) = (instance.router_id(), instance.interface()) else {
            continue;
        };
        if instance.peers().next().is_some() || block.first("mcast_dst_ip").is_some() {
            continue;
        }
        let key = (id, &interface.text, instance.is_v6());
        if let Some(first) = known.get(&key) {
            let Some(line) = block.last("virtual_router_id") else {
                continue;
            };
            let text = format!("{} has {id} on {} too", first.block.name(), interface.text);
            let finding = Diagnostic::new(&RULE, line.named_place(), text)
                .context(first.block.named_place(), "this one");
            found.push(finding.note("keepalived does not start"));
        } else {
            known.insert(key, instance);
        }
    }
}
