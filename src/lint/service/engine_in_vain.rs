use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::VirtualServer;

rule! {
    /// A persistence engine with nothing to do.
    ///
    /// Without `persistence_timeout` keepalived does not name it to the kernel. And `sip` reads the
    /// Call-ID in UDP packets alone; by TCP clients are remembered by their address.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// protocol UDP
    /// persistence_engine sip
    /// ```
    ///
    /// Remedy: `persistence_timeout` and `protocol UDP`, or no engine.
    RULE: Warning silent "engine-in-vain", "a persistence engine has nothing to do";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let Some(line) = server.block.last("persistence_engine") else {
        return;
    };
    if !server.persistent() {
        if server.block.whole() && !server.block.has("persistence_timeout") {
            let text = "without persistence_timeout it is never used";
            let finding = Diagnostic::new(&RULE, line.span(), text);
            found.push(finding.help("add persistence_timeout"));
        }
        return;
    }
    let sip = line.argument(0).is_some_and(|word| word.text() == "sip");
    let other = server.protocol();
    if let Some(other) = other.filter(|_| sip)
        && (server.is_protocol("TCP") || server.is_protocol("SCTP"))
    {
        let finding = Diagnostic::new(&RULE, line.span(), "sip reads UDP packets alone")
            .context(other.span(), "here there are none")
            .help("leave it out, and clients are remembered by their address as now");
        found.push(finding);
    }
}
