use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::VirtualServer;

rule! {
    /// A persistence engine that the kernel does not have.
    ///
    /// There is one, `sip`. The kernel refuses a service with another, and the virtual server is
    /// missing from its table.
    ///
    /// keepalived takes every name, and fails only when it runs.
    ///
    /// ```text
    /// persistence_engine sipp
    /// ```
    ///
    /// Remedy: `sip`, or leave the line out.
    RULE: Error silent "unknown-engine", "the kernel has no such persistence engine";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    // Without persistence no engine is asked for; longer names the reader refuses.
    let word = server.block.word("persistence_engine");
    let Some(word) = word.filter(|word| word.text() != "sip" && word.bytes.len() < 16) else {
        return;
    };
    if server.persistent() {
        let finding = Diagnostic::new(&RULE, word.span, "there is only sip")
            .note("the kernel refuses the virtual server when keepalived starts");
        found.push(finding.help("write sip, or leave the line out"));
    }
}
