use super::cluster::Cluster;
use super::comparison::Comparison;
use super::router::Router;
use super::unicast_unnamed::source;
use crate::diag::{Diagnostic, rule};

rule! {
    /// Two directors with the same `unicast_src_ip`.
    ///
    /// One of them cannot have it: it sends nothing, and the other takes it for dead. A file that
    /// was copied and not changed looks like this. keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: unicast_src_ip 192.0.2.1
    /// # backup.conf: unicast_src_ip 192.0.2.1
    /// ```
    ///
    /// Remedy: each director's own address.
    RULE: Error silent "peer-source-equal", "two directors send from one address";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::all_pairs) {
        let (Some((other, there)), Some((ip, here))) = (source(first), source(later)) else {
            continue;
        };
        if ip == other {
            let finding = Diagnostic::new(&RULE, later.director.at(here), format!("{ip} here"));
            let text = format!("{ip} {} too", first.director.whereabouts);
            found.push(finding.context(first.director.at(there), text));
        }
    }
}
