use super::cluster::Cluster;
use super::comparison::Comparison;
use crate::diag::{Diagnostic, rule};

rule! {
    /// `lvs_sync_daemon` on one director and not on the other.
    ///
    /// The other knows no connection when it takes over: all of them break. keepalived looks at one
    /// file alone.
    ///
    /// ```text
    /// # master.conf: lvs_sync_daemon eth1 web
    /// # backup.conf: (nothing)
    /// ```
    ///
    /// Remedy: `lvs_sync_daemon` on all directors.
    RULE: Warning silent "peer-sync-daemon-missing", "connections are synchronised on one director only";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for pair in &cluster.pairs {
        for (with, without) in [(pair.first, pair.later), (pair.later, pair.first)] {
            let Some(line) = with.outline.globals("lvs_sync_daemon").next() else {
                continue;
            };
            let blocks = without.outline.each("global_defs");
            let whole = without.outline.each("global_defs").all(|block| block.whole);
            let own = without.outline.globals("lvs_sync_daemon").next();
            let mut old = without.outline.each("vrrp_instance");
            let old = old.any(|block| block.first("lvs_sync_daemon_interface").is_some());
            if own.is_some() || old || !whole {
                continue;
            }
            let text = format!("there is none {}", without.whereabouts);
            let finding = Diagnostic::new(&RULE, with.at(line.place()), text);
            let block = blocks.last().map(|block| without.at(block.place()));
            found.push(
                match block.or_else(|| Some(without.begin("global_defs")?.0)) {
                    Some(place) => finding.context(place, "it is missing here"),
                    None => finding,
                },
            );
        }
    }
}
