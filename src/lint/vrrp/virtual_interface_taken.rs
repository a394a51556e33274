use std::collections::HashMap;

use super::instance::instances;
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// Two instances give their virtual interfaces one name.
    ///
    /// keepalived says `is already using … - ignoring name` and makes one up for the second.
    ///
    /// ```text
    /// use_vmac vrrp0
    /// ```
    ///
    /// Remedy: a name for each, or none.
    RULE: Warning "virtual-interface-taken", "a virtual interface has another's name";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<&str, Span> = HashMap::new();
    for instance in instances(outline) {
        let Some(line) = instance.virtual_interface() else {
            continue;
        };
        // A word with a colon is a MAC address; an ipvlan has modes and addresses too.
        let name = |text: &str| {
            !text.contains(':')
                && !matches!(text, "bridge" | "private" | "vepa")
                && super::instance::address(text).is_none()
        };
        let Some(word) = line.arguments().iter().find(|word| name(&word.text)) else {
            continue;
        };
        if let Some(first) = known.get(&*word.text) {
            let finding = Diagnostic::new(&RULE, word.span, "keepalived picks another");
            found.push(finding.context(*first, "first here"));
        } else {
            known.insert(&word.text, word.span);
        }
    }
}
