use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Target, VirtualServer};

rule! {
    /// Persistence on top of a scheduler that hashes the client's address.
    ///
    /// `sh` and `mh` keep a client with its server without remembering it. Persistence adds an
    /// entry for every client, and it decides: `sh-port` and `mh-port`, which would spread the
    /// connections of one client, then do nothing.
    ///
    /// keepalived programs both.
    ///
    /// ```text
    /// lb_algo sh
    /// persistence_timeout 300
    /// ```
    ///
    /// Remedy: one of the two. Persistence for networks (`persistence_granularity`) or for every
    /// port is another thing, and no finding.
    RULE: Info silent "persistence-over-hash", "the scheduler already keeps a client with its server";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let block = &server.block;
    let one_port = matches!(server.target, Target::Address(_, port) if port > 0);
    let more = ["persistence_granularity", "persistence_engine"];
    if !one_port || more.iter().any(|word| block.has(word)) {
        return;
    }
    let scheduler = server.scheduler();
    let Some(line) = server
        .persistence()
        .filter(|_| matches!(scheduler, "sh" | "mh"))
    else {
        return;
    };
    let text = format!("{scheduler} does without it");
    let finding = Diagnostic::new(&RULE, line.span(), text)
        .context(server.scheduler_place(), "hashes the client's address")
        .help("leave it out, or use wlc or wrr with it");
    let port = block.last("sh-port").or_else(|| block.last("mh-port"));
    found.push(match port {
        Some(port) => finding.context(port.span(), "does nothing for a client that is remembered"),
        None => finding,
    });
}
