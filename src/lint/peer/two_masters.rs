use super::cluster::Cluster;
use super::comparison::Comparison;
use crate::diag::{Diagnostic, rule};

rule! {
    /// More than one instance of a virtual router with `state MASTER`.
    ///
    /// Each takes the addresses when it starts, until it hears one with a higher priority: starting
    /// one interrupts the other's connections. keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: state MASTER
    /// # backup.conf: state MASTER
    /// ```
    ///
    /// Remedy: `state BACKUP` on all but one, or on all.
    RULE: Warning silent "peer-two-masters", "two directors begin as master";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for router in &cluster.routers {
        let members = router.members.iter();
        let mut masters =
            members.filter(|member| member.block().whole && member.instance.starts_master());
        let Some(first) = masters.next() else {
            continue;
        };
        for later in masters {
            let finding = Diagnostic::new(&RULE, later.said("state"), "MASTER here");
            let text = format!("MASTER {} too", first.director.whereabouts);
            found.push(finding.context(first.said("state"), text));
        }
    }
}
