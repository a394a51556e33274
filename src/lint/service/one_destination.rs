use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Target, VirtualServer};

rule! {
    /// A scheduler that chooses by destination address, for one address.
    ///
    /// `dh`, `lblc` and `lblcr` give each destination address to one server; they are for
    /// transparent caches, where a mark brings packets for many addresses. A virtual server with
    /// one address is one destination: `dh` sends everybody to one server, `lblc` and `lblcr` until
    /// it is overloaded.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     lb_algo dh
    /// ```
    ///
    /// Remedy: `sh`, `mh`, `wlc` or `wrr`.
    RULE: Warning silent "one-destination", "every client goes to the same server";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let text = match server.scheduler() {
        "dh" => "dh chooses by the destination, and here is one",
        "lblc" => "lblc chooses by the destination: all go to one server until it is overloaded",
        "lblcr" => "lblcr chooses by the destination: all go to one server until it is overloaded",
        _ => return,
    };
    if matches!(server.target, Target::Address(..)) && server.real_servers.len() > 1 {
        let finding = Diagnostic::new(&RULE, server.scheduler_place(), text)
            .context(server.block.place(), "the only destination");
        found.push(finding.help("sh or mh keep a client with its server, wlc and wrr balance"));
    }
}
