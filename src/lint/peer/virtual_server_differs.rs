use super::cluster::Cluster;
use super::comparison::Comparison;
use super::setting::of_virtual_server;
use crate::diag::{Diagnostic, rule};

rule! {
    /// A setting of a virtual server that the other director sets otherwise.
    ///
    /// Scheduler and its flags, protocol, forwarding method, persistence, quorum, sorry server:
    /// after a failover the traffic is steered another way. What real servers have from their
    /// virtual server counts here. keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: lb_algo wrr
    /// # backup.conf: lb_algo rr
    /// ```
    ///
    /// Remedy: one value on all directors.
    RULE: Warning silent "peer-virtual-server-differs", "a virtual server is set up otherwise than on the peer";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for both in cluster.pairs.iter().flat_map(|pair| &pair.both) {
        for difference in of_virtual_server(both) {
            found.push(difference.finding(&RULE, both.first.director));
        }
    }
}
