use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::VirtualServer;

rule! {
    /// The `ovf` scheduler with small weights.
    ///
    /// Under `ovf` the weight of a server is the number of active connections it takes. When all
    /// have as many, further clients are refused; with the default weight of 1 that is one
    /// connection for each server. Found where all together take less than 100.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// lb_algo ovf
    /// weight 1
    /// ```
    ///
    /// Remedy: for each server the connections it can bear, as its weight.
    RULE: Warning silent "overflow-at-weight", "under ovf the weight is a limit of connections";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    if server.scheduler() != "ovf" || server.real_servers.is_empty() || !server.block.whole() {
        return;
    }
    let weights = server.real_servers.iter();
    let weights = weights.map(|real| u64::from(server.weight_of(real)));
    let total: u64 = weights.sum();
    let dynamic = server
        .real_servers
        .iter()
        .any(|real| server.dynamic(real).is_some());
    if (1..100).contains(&total) && !dynamic {
        let text = match total {
            1 => "beyond one connection clients are refused".to_owned(),
            total => format!("beyond {total} connections in all, clients are refused"),
        };
        let finding = Diagnostic::new(&RULE, server.scheduler_place(), text);
        found.push(finding.help("give each server the connections it can bear as its weight"));
    }
}
