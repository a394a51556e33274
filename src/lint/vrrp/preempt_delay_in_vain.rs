use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// `preempt_delay` in an instance that never preempts, or in strict mode.
    ///
    /// keepalived says `preempt_delay is incompatible with nopreempt mode - resetting`, or the same
    /// of strict mode.
    ///
    /// ```text
    /// nopreempt
    /// preempt_delay 30
    /// ```
    ///
    /// Remedy: one of the two.
    RULE: Warning "preempt-delay-in-vain", "preempt_delay has no effect here";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let block = instance.block;
        let zero = |line: &&Line| line.name().trim_matches(['0', '.']).is_empty();
        let Some(delay) = block.last("preempt_delay").filter(|line| !zero(line)) else {
            continue;
        };
        // nopreempt-in-vain has it.
        if instance.starts_master() {
            continue;
        }
        let mut waits = block.inner.iter();
        let last = waits.rfind(|line| matches!(line.keyword(), "nopreempt" | "preempt"));
        let never = last.filter(|line| line.keyword() == "nopreempt" && instance.priority() != 255);
        if let Some(never) = never {
            let finding = Diagnostic::new(&RULE, delay.place(), "keepalived clears it");
            found.push(finding.context(never.place(), "it never preempts"));
        } else if instance.strict() {
            let text = "keepalived clears it in strict mode";
            found.push(Diagnostic::new(&RULE, delay.place(), text));
        }
    }
}
