use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{RealServer, VirtualServer, and_more, is_check};

rule! {
    /// A real server without a check, beside others that have one.
    ///
    /// It is up for ever: when it dies it keeps its share of the traffic. keepalived says nothing
    /// of it.
    ///
    /// ```text
    /// real_server 192.0.2.11 80 {
    ///     TCP_CHECK {
    ///     }
    /// }
    /// real_server 192.0.2.12 80 {
    ///     weight 1
    /// }
    /// ```
    ///
    /// Remedy: the check that its neighbours have.
    RULE: Warning silent "unchecked-server", "a server has no check, and its neighbours have";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(around: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let servers = around.real_servers.iter();
    let first = |server| around.checks_of(server).first();
    let Some(check) = servers.clone().find_map(first) else {
        return;
    };
    // A block in it is a check, well written or not, and so is a check that lacks its block.
    let lines = |server: &RealServer<'_>| {
        let mut lines = server.block.node.children();
        lines.any(|line| line.opaque() || line.open().is_some() || is_check(line.keyword().bytes))
    };
    let mut unchecked = servers
        .filter(|server| !server.checked() && server.block.node.open().is_some() && !lines(server));
    let Some(first) = unchecked.next() else {
        return;
    };
    let text = "stays up when it is dead";
    let finding = Diagnostic::new(&RULE, first.block.place(), text)
        .context(check.node.keyword().span, "others have a check");
    let finding = and_more(finding, unchecked.count());
    found.push(finding.help("give it the check that the others have"));
}
