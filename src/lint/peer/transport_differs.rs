use std::net::IpAddr;

use super::cluster::Cluster;
use super::comparison::Comparison;
use super::router::{Member, Router};
use crate::diag::{Diagnostic, Span, rule};

rule! {
    /// Instances of one virtual router of which one has `unicast_peer` and the other has none, or
    /// that send to different multicast groups.
    ///
    /// keepalived drops what comes the other way (`Expected unicast packet`): both become master.
    ///
    /// ```text
    /// # master.conf: unicast_peer { 192.0.2.2 }
    /// # backup.conf: (nothing)
    /// ```
    ///
    /// Remedy: `unicast_peer` on all directors or on none, and one multicast group.
    RULE: Error silent "peer-transport-differs", "one director sends unicast, the other multicast";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::pairs) {
        let (Some(mine), Some(its)) = (Transport::of(later), Transport::of(first)) else {
            continue;
        };
        if mine.way != its.way && first.instance.is_v6() == later.instance.is_v6() {
            let finding = Diagnostic::new(&RULE, mine.place, format!("{} here", mine.way));
            let text = format!("{} {}", its.way, first.director.whereabouts);
            let finding = finding.context(its.place, text);
            found.push(finding.note("neither hears the other: both become master"));
        }
    }
}

/// How an instance sends.
struct Transport {
    way: String,
    /// Where that is said, else its name.
    place: Span,
}

impl Transport {
    /// `None` where it depends on the host.
    fn of(member: Member<'_>) -> Option<Self> {
        let block = member.block();
        if !block.whole || block.each("unicast_peer").any(|list| !list.whole) {
            return None;
        }
        if let Some(list) = block.first("unicast_peer")
            && member.instance.peers().next().is_some()
        {
            return Some(Self {
                way: "unicast".to_owned(),
                place: member.director.at(list.place()),
            });
        }
        let (global, usual) = if member.instance.is_v6() {
            ("vrrp_mcast_group6", "ff02::12")
        } else {
            ("vrrp_mcast_group4", "224.0.0.18")
        };
        let own = block.last("mcast_dst_ip");
        let line = own.or_else(|| member.director.outline.globals(global).last());
        let word = line.and_then(|line| line.argument());
        let group = match word {
            Some(word) => word.text.parse::<IpAddr>().ok()?.to_string(),
            None => usual.to_owned(),
        };
        Some(Self {
            way: format!("multicast to {group}"),
            place: word.map_or(member.place(), |word| member.director.at_word(word)),
        })
    }
}
