use std::collections::HashMap;
use std::net::IpAddr;

use super::instance::{address, instances};
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// One virtual address in two instances on one interface, or twice in one.
    ///
    /// Where one instance becomes backup it takes the address away, while the other is master of
    /// it. keepalived says nothing.
    ///
    /// ```text
    /// vrrp_instance a { … virtual_ipaddress { 192.0.2.5 } }
    /// vrrp_instance b { … virtual_ipaddress { 192.0.2.5 } }
    /// ```
    ///
    /// Remedy: each address in one instance.
    RULE: Warning silent "virtual-address-taken", "a virtual address stands twice";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<(IpAddr, &str), Span> = HashMap::new();
    for instance in instances(outline) {
        let Some(interface) = instance.interface() else {
            continue;
        };
        // Each virtual MAC address has an interface of its own.
        if instance.virtual_interface().is_some() {
            continue;
        }
        let block = instance.block;
        let lists = ["virtual_ipaddress", "virtual_ipaddress_excluded"];
        for line in lists.into_iter().flat_map(|list| block.within(list)) {
            let Some(ip) = address(line.keyword()) else {
                continue;
            };
            // A link-local address is that of the router, in whatever instance.
            if matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()) {
                continue;
            }
            let mut words = line.words().windows(2);
            let own = words.find(|pair| &*pair[0].text == "dev");
            let interface = own.map_or(&*interface.text, |pair| &*pair[1].text);
            if let Some(first) = known.get(&(ip, interface)) {
                let text = format!("{ip} again");
                let finding = Diagnostic::new(&RULE, line.place(), text);
                found.push(finding.context(*first, "first here"));
            } else {
                known.insert((ip, interface), line.place());
            }
        }
    }
}
