use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// One server of two virtual servers, with `inhibit_on_failure` in one of them.
    ///
    /// When it fails it stays with weight 0 in the one and is removed from the other: connections
    /// that are open live on in the one and not in the other. Mostly the line was forgotten.
    ///
    /// keepalived does as it is told.
    ///
    /// ```text
    /// real_server 192.0.2.11 80 {
    ///     inhibit_on_failure
    /// ```
    ///
    /// Remedy: the line in both, or in neither.
    RULE: Info silent "inhibit-differs", "one server is treated in two ways when it fails";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let checked = &outline.facts.checked;
    let mut inhibited = checked.iter().filter(|server| server.inhibited);
    if inhibited.next().is_none() || checked.iter().all(|server| server.inhibited) {
        return;
    }
    let mut sorted = checked.clone();
    sorted.sort_unstable();
    for same in sorted.chunk_by(|one, other| (one.ip, one.port) == (other.ip, other.port)) {
        // Those that are not inhibited stand in front.
        if let ([first, ..], [.., last]) = (same, same)
            && first.inhibited != last.inhibited
        {
            let finding = Diagnostic::new(&RULE, first.place, "removed here when it fails")
                .context(last.place, "inhibited here");
            found.push(finding.help("inhibit_on_failure in both, or in neither"));
        }
    }
}
