use super::cluster::Cluster;
use super::comparison::Comparison;
use super::router::{Member, Router};
use crate::diag::{Diagnostic, Span, rule};

rule! {
    /// Instances of one virtual router with different versions of VRRP.
    ///
    /// keepalived drops packets of another version: both become master.
    ///
    /// ```text
    /// # master.conf: vrrp_version 3
    /// # backup.conf: (nothing, which is 2)
    /// ```
    ///
    /// Remedy: one `version` or `vrrp_version` on all directors.
    RULE: Error silent "peer-version-differs", "a virtual router has two versions of VRRP";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::pairs) {
        let (version, other) = (later.instance.version(), first.instance.version());
        if version != other && first.instance.is_v6() == later.instance.is_v6() {
            let finding = Diagnostic::new(&RULE, place(later), format!("version {version} here"));
            let text = format!("version {other} {}", first.director.whereabouts);
            let finding = finding.context(place(first), text);
            found.push(finding.note("each drops the other's packets: both become master"));
        }
    }
}

/// Where its version is said, else its name.
fn place(member: Member<'_>) -> Span {
    let global = || member.director.outline.globals("vrrp_version").last();
    let line = member.block().first("version").or_else(global);
    line.map_or(member.place(), |line| {
        member.director.at(line.named_place())
    })
}
