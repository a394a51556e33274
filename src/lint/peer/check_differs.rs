use super::cluster::Cluster;
use super::comparison::Comparison;
use crate::diag::{Diagnostic, rule};
use crate::model::check::{Check, ProbeKind};

rule! {
    /// Real servers of one virtual server that the directors check in different ways.
    ///
    /// One director may take a server for dead that the other uses. Local addresses, marks, paths
    /// of scripts and files, and `warmup` may differ. keepalived looks at one file alone.
    ///
    /// ```text
    /// # master.conf: TCP_CHECK { connect_timeout 3 }
    /// # backup.conf: TCP_CHECK { connect_timeout 30 }
    /// ```
    ///
    /// Remedy: the same checks on all directors, if this is not meant.
    RULE: Info silent "peer-check-differs", "real servers are checked otherwise than on the peer";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for both in cluster.pairs.iter().flat_map(|pair| &pair.both) {
        let mut different = both.real.iter().filter(|(first, later)| {
            let (first, later) = (&first.server.checks, &later.server.checks);
            first.len() != later.len() || first.iter().zip(later).any(|(a, b)| !alike(a, b))
        });
        let Some((first, later)) = different.next() else {
            continue;
        };
        let text = shown(&later.server.checks);
        let there = format!(
            "{} {}",
            shown(&first.server.checks),
            first.of.director.whereabouts
        );
        let finding = Diagnostic::new(&RULE, later.place(), text).context(first.place(), there);
        found.push(match different.count() {
            0 => finding,
            more => finding.note(format!("and {more} more of this virtual server")),
        });
    }
}

/// The same question with the same patience, as far as hosts of one pair should agree on it.
fn alike(one: &Check, other: &Check) -> bool {
    let same_kind = match (&one.probe.kind, &other.probe.kind) {
        (ProbeKind::Misc(_), ProbeKind::Misc(_))
        | (ProbeKind::File(_), ProbeKind::File(_))
        | (ProbeKind::Bfd(_), ProbeKind::Bfd(_)) => true,
        (one, other) => one == other,
    };
    let (mine, its) = (&one.policy, &other.policy);
    same_kind
        && one.probe.target.port == other.probe.target.port
        && one.probe.timeout == other.probe.timeout
        && mine.retry == its.retry
        && mine.delay_loop == its.delay_loop
        && mine.delay_before_retry == its.delay_before_retry
        && mine.alpha == its.alpha
}

fn shown(checks: &[Check]) -> String {
    let Some(check) = checks.first() else {
        return "no check".to_owned();
    };
    let (probe, policy) = (&check.probe, &check.policy);
    let text = format!(
        "{probe} within {:?}, every {:?}, {} retries",
        probe.timeout, policy.delay_loop, policy.retry
    );
    match checks.len() {
        1 => text,
        all => format!("{text}, and {} more", all - 1),
    }
}
