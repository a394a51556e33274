use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A quorum without a consequence.
    ///
    /// Without a sorry server the servers that are left go on when the quorum is lost; without
    /// `quorum_down`, a FIFO, mail or SNMP nobody hears of it either.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// quorum 2
    /// ```
    ///
    /// Remedy: `sorry_server` or `quorum_down`, or leave it out.
    RULE: Info silent "idle-quorum", "nothing follows when the quorum is lost";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let listens = [
        "notify_fifo",
        "lvs_notify_fifo",
        "smtp_alert",
        "smtp_alert_checker",
        "enable_traps",
        "enable_snmp_checker",
        "snmp_server",
    ];
    if listens
        .iter()
        .any(|word| outline.globals(word).next().is_some())
    {
        return;
    }
    for place in &outline.facts.idle_quorums {
        let finding = Diagnostic::new(&RULE, *place, "the servers that are left go on");
        found.push(finding.help("add sorry_server or quorum_down, or leave it out"));
    }
}
