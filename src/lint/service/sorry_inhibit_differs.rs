use crate::conf::Node;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{RealServer, VirtualServer};

rule! {
    /// A real server is the sorry server too, and one of them is inhibited on failure.
    ///
    /// The kernel has one entry for both. keepalived says `matches sorry server, but inhibit
    /// setting differs` and takes the real server's for the sorry server.
    ///
    /// ```text
    /// sorry_server 192.0.2.9 80
    /// real_server 192.0.2.9 80 {
    ///     inhibit_on_failure
    /// }
    /// ```
    ///
    /// Remedy: `sorry_server_inhibit` too, or another sorry server.
    RULE: Warning "sorry-inhibit-differs", "a server and sorry server in one are not inhibited alike";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let Some(sorry) = server.block.last("sorry_server") else {
        return;
    };
    for real in server
        .real_servers
        .iter()
        .filter(|real| differs(server, real))
    {
        let text = "keepalived takes the server's";
        let finding = Diagnostic::new(&RULE, sorry.keyword().span, text);
        found.push(finding.context(real.block.node.keyword().span, "the server"));
    }
}

/// A real server is the sorry server, and one of them alone is inhibited.
pub(super) fn differs(server: &VirtualServer<'_>, real: &RealServer<'_>) -> bool {
    let Some(sorry) = server.block.last("sorry_server") else {
        return false;
    };
    let general = server.block.has("inhibit_on_failure");
    let inhibited = general || server.block.has("sorry_server_inhibit");
    let words = |line: Node<'_>| {
        line.arguments()
            .map(|word| word.shown())
            .collect::<Vec<_>>()
    };
    words(real.block.node) == words(sorry) && real.block.has("inhibit_on_failure") != inhibited
}
