use super::cluster::Cluster;
use super::comparison::Comparison;
use crate::diag::{Diagnostic, rule};

rule! {
    /// Instances of one virtual router with the same `priority`.
    ///
    /// Whose address is the higher becomes master, and both may be for a moment: who serves is left
    /// to chance. keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: priority 100
    /// # backup.conf: priority 100
    /// ```
    ///
    /// Remedy: a priority for each.
    RULE: Warning silent "peer-priority-equal", "two directors have one priority";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for router in &cluster.routers {
        for (at, later) in router.members.iter().enumerate() {
            let priority = later.priority();
            let mut before = router.members.iter().take(at);
            let same = before.find(|member| priority.is_some() && member.priority() == priority);
            let (Some(first), Some(priority)) = (same, priority) else {
                continue;
            };
            let finding =
                Diagnostic::new(&RULE, later.said("priority"), format!("{priority} here"));
            let text = format!("{priority} {} too", first.director.whereabouts);
            found.push(finding.context(first.said("priority"), text));
        }
    }
}
