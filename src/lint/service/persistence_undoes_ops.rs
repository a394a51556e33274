use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::VirtualServer;

rule! {
    /// One-packet scheduling of a persistent service.
    ///
    /// `ops` chooses a server for every packet; persistence sends all packets of a client to the
    /// server of its first. Both together are persistence without connections, and one busy client
    /// loads one server.
    ///
    /// keepalived programs both.
    ///
    /// ```text
    /// ops
    /// persistence_timeout 60
    /// ```
    ///
    /// Remedy: one of the two. With `persistence_engine` both belong together.
    RULE: Info silent "persistence-undoes-ops", "a client's packets all go to one server";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let block = &server.block;
    let (Some(ops), Some(persistence)) = (server.one_packet(), server.persistence()) else {
        return;
    };
    if !block.has("persistence_engine") {
        let text = "not a server for every packet";
        let finding = Diagnostic::new(&RULE, ops.span(), text)
            .context(persistence.span(), "remembers clients")
            .help("leave out one of the two");
        found.push(finding);
    }
}
