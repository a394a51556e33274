use super::cluster::Cluster;
use super::comparison::Comparison;
use crate::diag::{Diagnostic, rule};

rule! {
    /// A real server that the other director does not have in this virtual server.
    ///
    /// After a failover the others take its share, or one takes traffic that should take none.
    /// keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: real_server 192.0.2.11 80 { … }  real_server 192.0.2.12 80 { … }
    /// # backup.conf: real_server 192.0.2.11 80 { … }
    /// ```
    ///
    /// Remedy: the same real servers on all directors.
    RULE: Error silent "peer-real-server-missing", "a real server is on one director only";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for both in cluster.pairs.iter().flat_map(|pair| &pair.both) {
        for real in &both.only_first {
            let text = format!("{} is missing here", real.server.key);
            let finding = Diagnostic::new(&RULE, both.later.place(), text);
            let whereabouts = &both.first.director.whereabouts;
            found.push(finding.context(real.place(), format!("it is {whereabouts}")));
        }
        for real in &both.only_later {
            let whereabouts = &both.first.director.whereabouts;
            let text = format!("{} is not {whereabouts}", real.server.key);
            let finding = Diagnostic::new(&RULE, real.place(), text);
            found.push(finding.context(both.first.place(), "this virtual server lacks it"));
        }
    }
}
