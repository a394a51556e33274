use std::collections::BTreeSet;

use super::cluster::Cluster;
use super::comparison::Comparison;
use super::pair::Virtual;
use crate::diag::{Diagnostic, Span, rule};
use crate::model::service::ServiceKey;

rule! {
    /// The group of a virtual server does not stand for the same services on both directors.
    ///
    /// After a failover the services that are missing refuse their connections. keepalived looks at
    /// one file alone.
    ///
    /// ```text
    /// # master.conf: virtual_server_group web { 192.0.2.5 80  192.0.2.6 80 }
    /// # backup.conf: virtual_server_group web { 192.0.2.5 80 }
    /// ```
    ///
    /// Remedy: the same members on all directors.
    RULE: Error silent "peer-group-differs", "a group has other members than on the peer";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for both in cluster.pairs.iter().flat_map(|pair| &pair.both) {
        if both.first.group().is_none() && both.later.group().is_none() {
            continue;
        }
        let firsts: BTreeSet<_> = both.first.server.keys.iter().collect();
        let laters: BTreeSet<_> = both.later.server.keys.iter().collect();
        let lacks: Vec<_> = firsts.difference(&laters).collect();
        let more: Vec<_> = laters.difference(&firsts).collect();
        let whereabouts = &both.first.director.whereabouts;
        let text = match (lacks.as_slice(), more.as_slice()) {
            ([], []) => continue,
            ([], more) => format!("{} not {whereabouts}", named(more)),
            (lacks, []) => format!("{} missing here", named(lacks)),
            (lacks, more) => format!(
                "{} missing here, {} not {whereabouts}",
                named(lacks),
                named(more)
            ),
        };
        let finding = Diagnostic::new(&RULE, place(both.later), text);
        found.push(finding.context(place(both.first), format!("the group {whereabouts}")));
    }
}

/// Where the group stands, or the virtual server where it names none.
fn place(server: Virtual<'_>) -> Span {
    let outline = &server.director.outline;
    let name = server.group().unwrap_or_default();
    let group = outline.named("virtual_server_group", name).next();
    group.map_or(server.place(), |(_, line)| {
        server.director.at(line.named_place())
    })
}

fn named(keys: &[&&ServiceKey]) -> String {
    match keys {
        [key] => format!("{key} is"),
        [key, other] => format!("{key} and {other} are"),
        [key, rest @ ..] => format!("{key} and {} more are", rest.len()),
        [] => String::new(),
    }
}
