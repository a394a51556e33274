use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::VirtualServer;

rule! {
    /// The `fo` scheduler, and two servers that share the highest weight.
    ///
    /// `fo` sends everybody to the server of the highest weight. Of equals that is the one which
    /// came last into the kernel's table: after a start the last of the file, and later whichever
    /// was the last to come back, so that a server's recovery moves all clients to it.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// lb_algo fo
    /// ```
    ///
    /// Remedy: another weight for each server.
    RULE: Info silent "failover-of-equals", "which of two servers of one weight is used may change";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    if server.scheduler() != "fo" || !server.block.whole() {
        return;
    }
    let weight = |real: &_| server.weight_of(real);
    let most = server.real_servers.iter().map(weight).max();
    let mut highest = server
        .real_servers
        .iter()
        .filter(|real| Some(weight(*real)) == most);
    if let (Some(first), Some(second)) = (highest.next(), highest.next()) {
        let text = "the server that comes back last gets all clients";
        let finding = Diagnostic::new(&RULE, server.scheduler_place(), text)
            .context(first.block.place(), "of the highest weight")
            .context(second.block.place(), "of the same");
        found.push(finding.help("give each server another weight"));
    }
}
