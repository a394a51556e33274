use super::cluster::Cluster;
use super::comparison::Comparison;
use super::director::Director;
use crate::diag::{Diagnostic, rule};

rule! {
    /// An instance whose router id, name and addresses the other director does not have.
    ///
    /// Nobody takes its addresses over. keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: vrrp_instance web { virtual_router_id 51 … }
    /// #              vrrp_instance db { virtual_router_id 52 … }
    /// # backup.conf: vrrp_instance web { virtual_router_id 51 … }
    /// ```
    ///
    /// Remedy: an instance with the same `virtual_router_id` on every director that should take
    /// over.
    RULE: Warning silent "peer-instance-missing", "a vrrp_instance is on one director only";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    let has_some = |director: &Director| director.outline.each("vrrp_instance").next().is_some();
    let mut without: Vec<usize> = Vec::new();
    for router in &cluster.routers {
        let Some(last) = router.members.last() else {
            continue;
        };
        for (at, director) in cluster.directors.iter().enumerate() {
            if router.members.iter().any(|member| member.at == at) || without.contains(&at) {
                continue;
            }
            let text = if has_some(director) {
                format!(
                    "{} has no counterpart {}",
                    last.name(),
                    director.whereabouts
                )
            } else {
                // One cause, however many there are.
                without.push(at);
                format!("there is no vrrp_instance at all {}", director.whereabouts)
            };
            let finding = Diagnostic::new(&RULE, last.place(), text);
            let finding = match director.begin("vrrp_instance") {
                Some((place, text)) => finding.context(place, text),
                None => finding,
            };
            found.push(finding.note("nobody takes its addresses over"));
        }
    }
}
