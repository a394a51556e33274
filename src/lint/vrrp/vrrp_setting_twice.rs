use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// One setting twice in an instance or script, with different values.
    ///
    /// keepalived takes the last without a word; of `state` it takes MASTER.
    ///
    /// ```text
    /// vrrp_instance web {
    ///     priority 100
    ///     priority 150
    /// }
    /// ```
    ///
    /// Remedy: the one that is meant.
    RULE: Warning silent "vrrp-setting-twice", "a setting of VRRP stands twice";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for (kind, words) in KINDS {
        for block in outline.each(kind) {
            for word in words {
                let mut lines = block.each(word).filter(|line| line.argument().is_some());
                let Some(mut first) = lines.next() else {
                    continue;
                };
                for line in lines {
                    if line.name() != first.name() {
                        let text = format!("{} here", line.name());
                        let finding = Diagnostic::new(&RULE, line.named_place(), text);
                        found.push(finding.context(first.named_place(), "and this before"));
                    }
                    first = line;
                }
            }
        }
    }
}

/// Blocks, and what counts once in each.
const KINDS: [(&str, &[&str]); 2] = [
    (
        "vrrp_instance",
        &[
            "state",
            "interface",
            "virtual_router_id",
            "priority",
            "advert_int",
            "preempt_delay",
        ],
    ),
    (
        "vrrp_script",
        &["interval", "timeout", "weight", "rise", "fall"],
    ),
];
