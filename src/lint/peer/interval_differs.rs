use std::time::Duration;

use super::cluster::Cluster;
use super::comparison::Comparison;
use super::router::{Member, Router};
use crate::conf::micros;
use crate::diag::{Diagnostic, rule};

rule! {
    /// Instances of one virtual router with different `advert_int`, under VRRP version 2.
    ///
    /// keepalived drops packets with another interval (`advertisement interval mismatch`): both
    /// become master.
    ///
    /// ```text
    /// # master.conf: advert_int 1
    /// # backup.conf: advert_int 5
    /// ```
    ///
    /// Remedy: one interval on all directors.
    RULE: Error silent "peer-interval-differs", "a virtual router has two advertisement intervals";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::pairs) {
        if let Some((mine, its)) = intervals(first, later, 2) {
            let finding =
                Diagnostic::new(&RULE, later.said("advert_int"), format!("{mine:?} here"));
            let text = format!("{its:?} {}", first.director.whereabouts);
            let finding = finding.context(first.said("advert_int"), text);
            found.push(finding.note("each drops the other's packets: both become master"));
        }
    }
}

/// The intervals of the later and the first where both have this version and they differ.
pub(super) fn intervals(
    first: Member<'_>,
    later: Member<'_>,
    version: u32,
) -> Option<(Duration, Duration)> {
    let same = [first, later]
        .iter()
        .all(|member| member.instance.version() == version);
    let (mine, its) = (interval(later)?, interval(first)?);
    (same && mine != its).then_some((mine, its))
}

/// 1 s where nothing is said.
fn interval(member: Member<'_>) -> Option<Duration> {
    let block = member.block();
    if !block.whole {
        return None;
    }
    let line = block.last("advert_int");
    let micros = line.map_or(Some(1_000_000), |line| micros(line.name()))?;
    Some(Duration::from_micros(micros))
}
