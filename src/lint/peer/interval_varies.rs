use super::cluster::Cluster;
use super::comparison::Comparison;
use super::interval_differs::intervals;
use super::router::Router;
use crate::diag::{Diagnostic, rule};

rule! {
    /// Instances of one virtual router with different `advert_int`, under VRRP version 3.
    ///
    /// A backup waits as the master says: how long a failover takes depends on who is master, and
    /// keepalived logs `advertisement interval mismatch`.
    ///
    /// ```text
    /// # master.conf: advert_int 0.5
    /// # backup.conf: advert_int 5
    /// ```
    ///
    /// Remedy: one interval on all directors.
    RULE: Warning silent "peer-interval-varies", "the advertisement interval changes at a failover";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::pairs) {
        if let Some((mine, its)) = intervals(first, later, 3) {
            let finding =
                Diagnostic::new(&RULE, later.said("advert_int"), format!("{mine:?} here"));
            let text = format!("{its:?} {}", first.director.whereabouts);
            found.push(finding.context(first.said("advert_int"), text));
        }
    }
}
