use super::cluster::Cluster;
use super::comparison::Comparison;
use super::director::Director;
use super::pair::Virtual;
use crate::diag::{Diagnostic, rule};

rule! {
    /// A virtual server that the other director does not have.
    ///
    /// After a failover its connections are refused, or lost. keepalived reads one file and cannot
    /// see it.
    ///
    /// ```text
    /// # master.conf: virtual_server 192.0.2.5 80 { … }
    /// # backup.conf: virtual_server 192.0.2.5 8080 { … }
    /// ```
    ///
    /// Remedy: the same virtual servers on all directors; what they have in common may stand in one
    /// file that all include.
    RULE: Error silent "peer-virtual-server-missing", "a virtual server is on one director only";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for pair in &cluster.pairs {
        let none = |missing: &[Virtual<'_>]| !missing.is_empty() && pair.both.is_empty();
        let sides = [
            (&pair.only_first, &pair.only_later, pair.later),
            (&pair.only_later, &pair.only_first, pair.first),
        ];
        for (missing, other, director) in sides {
            let Some(last) = missing.last() else { continue };
            if none(missing) && other.is_empty() {
                // One cause, however many there are.
                let text = format!("no virtual server at all {}", director.whereabouts);
                found.push(finding(*last, director, text));
                continue;
            }
            for server in missing {
                let text = format!("there is no {} {}", name(*server), director.whereabouts);
                found.push(finding(*server, director, text));
            }
        }
    }
}

fn name(server: Virtual<'_>) -> String {
    match (server.group(), server.server.keys.first()) {
        (Some(group), _) => format!("virtual server for group {group}"),
        (None, Some(key)) => key.to_string(),
        (None, None) => "such virtual server".to_owned(),
    }
}

/// Primary where it stands; the other place is where the other director's begin.
fn finding(server: Virtual<'_>, lacks: &Director, text: String) -> Diagnostic {
    let finding = Diagnostic::new(&RULE, server.place(), text);
    let finding = match lacks.begin("virtual_server") {
        Some((place, text)) => finding.context(place, text),
        None => finding,
    };
    finding.note("after a failover its connections are refused")
}
