use std::net::IpAddr;

use crate::conf::keyword::Keyword;
use crate::conf::{Node, Word};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A virtual server with an address that no client can connect to.
    ///
    /// 0.0.0.0, `::`, multicast and broadcast are no address of a host. IPVS has no address that
    /// means every other: only packets to exactly this one are balanced, and there are none.
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

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, has_addresses, look);

fn has_addresses(known: &Keyword) -> bool {
    known.word.starts_with("virtual_server")
}

fn look(known: &'static Keyword, line: Node<'_>, found: &mut Vec<Diagnostic>) {
    match known.word {
        "virtual_server" => found.extend(line.argument(0).and_then(finding)),
        "virtual_server_group" => {
            let members = line.children().filter(|member| !member.opaque());
            found.extend(members.filter_map(|member| finding(member.keyword())));
        }
        _ => {}
    }
}

fn finding(word: Word<'_>) -> Option<Diagnostic> {
    let what = unusable(word.text().parse().ok()?)?;
    let finding = Diagnostic::new(&RULE, word.span, format!("this is {what}"));
    Some(finding.help("write the address that clients connect to, or mark packets and use fwmark"))
}

/// What an address is that is none of a host.
pub(super) fn unusable(ip: IpAddr) -> Option<&'static str> {
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    if ip.is_unspecified() {
        Some("no address, and means no other")
    } else if ip.is_multicast() {
        Some("a multicast address")
    } else {
        broadcast.then_some("the broadcast address")
    }
}
