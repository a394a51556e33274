use std::net::Ipv4Addr;

use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::VirtualServer;

rule! {
    /// A mask for persistence that makes no networks of clients.
    ///
    /// With holes in its bits it takes clients together that have nothing in common, and `0.0.0.0`
    /// takes all for one, so that one server gets everybody.
    ///
    /// keepalived and the kernel take any mask.
    ///
    /// ```text
    /// persistence_granularity 255.0.255.0
    /// ```
    ///
    /// Remedy: a netmask such as `255.255.255.0`.
    RULE: Warning silent "odd-granularity", "this mask makes no networks of clients";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let Some(word) = server.block.word("persistence_granularity") else {
        return;
    };
    let Ok(mask) = word.text().parse::<Ipv4Addr>() else {
        return;
    };
    let bits = u32::from(mask);
    let text = if bits == 0 {
        "every client counts as the same one, and all go to one server"
    } else if bits.leading_ones() + bits.trailing_zeros() < 32 {
        "its bits have holes"
    } else {
        return;
    };
    let finding = Diagnostic::new(&RULE, word.span, text);
    found.push(finding.help("write a netmask such as 255.255.255.0"));
}
