use super::cluster::Cluster;
use super::comparison::Comparison;
use super::director::Director;
use crate::diag::{Diagnostic, rule};
use crate::model::director::Timeouts;

rule! {
    /// `lvs_timeouts` that the other director sets otherwise, or not at all.
    ///
    /// Idle connections that one director keeps are lost under the other. keepalived looks at one
    /// file alone.
    ///
    /// ```text
    /// # master.conf: lvs_timeouts tcp 7200
    /// # backup.conf: (nothing)
    /// ```
    ///
    /// Remedy: one line on all directors.
    RULE: Warning silent "peer-timeouts-differ", "lvs_timeouts are not those of the peer";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for pair in &cluster.pairs {
        let (first, later) = (pair.first, pair.later);
        let (Some(mine), Some(its)) = (&later.table, &first.table) else {
            continue;
        };
        let (mine, its) = (mine.globals.timeouts, its.globals.timeouts);
        if mine == its {
            continue;
        }
        let line = |director: &Director| {
            let line = director.outline.globals("lvs_timeouts").last();
            let line = line.or_else(|| director.outline.each("global_defs").next());
            let place = line.map(|line| director.at(line.place()));
            place.or_else(|| Some(director.begin("global_defs")?.0))
        };
        let (Some(here), Some(there)) = (line(later), line(first)) else {
            continue;
        };
        let finding = Diagnostic::new(&RULE, here, shown(mine));
        let text = format!("{} {}", shown(its), first.whereabouts);
        found.push(finding.context(there, text));
    }
}

fn shown(timeouts: Timeouts) -> String {
    let all = [
        ("tcp", timeouts.tcp),
        ("tcpfin", timeouts.tcp_fin),
        ("udp", timeouts.udp),
    ];
    let said = all.iter().filter(|(_, seconds)| *seconds > 0);
    let said: Vec<String> = said
        .map(|(name, seconds)| format!("{name} {seconds}"))
        .collect();
    if said.is_empty() {
        return "timeouts of the kernel".to_owned();
    }
    said.join(" ")
}
