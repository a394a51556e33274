use super::cluster::Cluster;
use super::comparison::Comparison;
use super::router::Router;
use crate::diag::{Diagnostic, rule};

rule! {
    /// Instances of one name or one address with different `virtual_router_id`.
    ///
    /// Each hears nobody with its id: both become master, and both have the addresses. keepalived
    /// looks at one file alone.
    ///
    /// ```text
    /// # master.conf: virtual_router_id 51
    /// # backup.conf: virtual_router_id 15
    /// ```
    ///
    /// Remedy: one id on all directors.
    RULE: Error silent "peer-router-id-differs", "a virtual router has two router ids";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::pairs) {
        let (Some(id), Some(other)) = (later.instance.router_id(), first.instance.router_id())
        else {
            continue;
        };
        if id != other {
            let finding =
                Diagnostic::new(&RULE, later.said("virtual_router_id"), format!("{id} here"));
            let text = format!("{other} {}", first.director.whereabouts);
            let finding = finding.context(first.said("virtual_router_id"), text);
            found.push(finding.note("both become master"));
        }
    }
}
