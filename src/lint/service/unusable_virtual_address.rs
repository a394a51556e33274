use std::net::IpAddr;

use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Target, VirtualServer};

rule! {
    /// A virtual server with an address that no client can connect to.
    ///
    /// 0.0.0.0, `::`, multicast and broadcast are no address of a host. IPVS has no address that means
    /// every other: only packets to exactly this one are balanced, and there are none.
    ///
    /// keepalived and the kernel take them.
    ///
    /// ```text
    /// virtual_server 0.0.0.0 80 {
    /// ```
    ///
    /// Remedy: the address that clients connect to, or `fwmark` for many.
    RULE: Error silent "unusable-virtual-address", "no client can connect to this address";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    if let Target::Address(ip, _) = server.target
        && let Some(what) = unusable(ip)
        && let Some(word) = server.block.node.argument(0)
    {
        found.push(finding(word.span, what));
    }
}

pub(in crate::lint) fn finding(place: crate::diag::Span, what: &str) -> Diagnostic {
    let finding = Diagnostic::new(&RULE, place, format!("this is {what}"));
    finding.help("write the address that clients connect to, or mark packets and use fwmark")
}

/// What an address is that is none of a host.
pub(in crate::lint) fn unusable(ip: IpAddr) -> Option<&'static str> {
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    if ip.is_unspecified() {
        Some("no address, and means no other")
    } else if ip.is_multicast() {
        Some("a multicast address")
    } else {
        broadcast.then_some("the broadcast address")
    }
}
