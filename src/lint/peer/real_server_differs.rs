use super::cluster::Cluster;
use super::comparison::Comparison;
use super::setting::of_real_server;
use crate::diag::{Diagnostic, rule};

rule! {
    /// Weight, forwarding method, port, thresholds or `inhibit_on_failure` of a real server that
    /// the other director sets otherwise.
    ///
    /// After a failover the server gets another share of the traffic, or gets it another way.
    /// keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: real_server 192.0.2.11 80 { weight 3 }
    /// # backup.conf: real_server 192.0.2.11 80 { weight 1 }
    /// ```
    ///
    /// Remedy: one value on all directors.
    RULE: Warning silent "peer-real-server-differs", "a real server is set up otherwise than on the peer";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for both in cluster.pairs.iter().flat_map(|pair| &pair.both) {
        for pair in &both.real {
            for difference in of_real_server(pair) {
                found.push(difference.finding(&RULE, both.first.director));
            }
        }
    }
}
