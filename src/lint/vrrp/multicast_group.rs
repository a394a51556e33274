use std::net::IpAddr;

use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `vrrp_mcast_group4`, `vrrp_mcast_group6` or `mcast_dst_ip` is no multicast address, or one
    /// of the other family.
    ///
    /// keepalived says `is not multicast. Skipping` or `is not IPv6. Skipping` and sends to the
    /// usual group.
    ///
    /// ```text
    /// vrrp_mcast_group4 192.0.2.18
    /// ```
    ///
    /// Remedy: an address from 224.0.0.0/4, or from ff00::/8; or leave the line out.
    RULE: Warning "multicast-group", "a multicast group is none that VRRP can use";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for (keyword, v6) in [("vrrp_mcast_group4", false), ("vrrp_mcast_group6", true)] {
        for word in outline.globals(keyword).filter_map(|line| line.argument()) {
            let Ok(ip) = word.text.parse::<IpAddr>() else {
                continue;
            };
            let text = if ip.is_ipv6() != v6 {
                if v6 {
                    "this is not IPv6"
                } else {
                    "this is not IPv4"
                }
            } else if ip.is_multicast() {
                continue;
            } else {
                "this is not multicast"
            };
            let finding = Diagnostic::new(&RULE, word.span, text);
            found.push(finding.note("keepalived uses the usual group"));
        }
    }
}
