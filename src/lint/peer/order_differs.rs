use super::cluster::Cluster;
use super::comparison::Comparison;
use crate::diag::{Diagnostic, rule};
use crate::model::schedule::Scheduler;

rule! {
    /// The same real servers in another order, under a scheduler that counts by it.
    ///
    /// `sh`, `dh` and `mh` choose by the order in which servers enter the table, which is that of
    /// the file. Directors that agree send a client to the same server; after a failover these do
    /// not. keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: real_server 192.0.2.11 80 { … }  real_server 192.0.2.12 80 { … }
    /// # backup.conf: real_server 192.0.2.12 80 { … }  real_server 192.0.2.11 80 { … }
    /// ```
    ///
    /// Remedy: one order on all directors.
    RULE: Warning silent "peer-order-differs", "real servers stand in another order than on the peer";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for both in cluster.pairs.iter().flat_map(|pair| &pair.both) {
        let scheduler = &both.later.server.scheduler;
        let hashes = matches!(scheduler, Scheduler::Sh | Scheduler::Dh | Scheduler::Mh);
        let whole = both.only_first.is_empty() && both.only_later.is_empty();
        if !hashes || !whole || *scheduler != both.first.server.scheduler {
            continue;
        }
        // In the order of the later file.
        let mut pairs = both.real.windows(2);
        let disorder = pairs.find_map(|pair| {
            let [(before, _), (first, later)] = pair else {
                return None;
            };
            (before.place() > first.place()).then_some((first, later))
        });
        if let Some((first, later)) = disorder {
            let text = format!("{} comes later here", later.server.key);
            let whereabouts = &both.first.director.whereabouts;
            let finding = Diagnostic::new(&RULE, later.place(), text)
                .context(first.place(), format!("its place {whereabouts}"));
            found.push(finding.note(format!(
                "{scheduler} chooses by the order of the servers: clients change servers at a failover"
            )));
        }
    }
}
