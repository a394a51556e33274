use std::collections::HashMap;

use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline, Word};

rule! {
    /// A `garp_group` without a delay, or with an interface that another has.
    ///
    /// keepalived removes a group that has neither `garp_interval` nor `gna_interval`, and leaves
    /// an interface in the first group that names it.
    ///
    /// ```text
    /// garp_group {
    ///     interfaces {
    ///         eth0
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: give it a delay, and each interface one group.
    RULE: Warning "garp-group-in-vain", "a garp_group has no effect";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<&str, Span> = HashMap::new();
    for group in outline.each("garp_group") {
        let delay = ["garp_interval", "gna_interval"]
            .iter()
            .any(|word| group.first(word).is_some());
        if group.whole && !delay {
            let finding = Diagnostic::new(&RULE, group.place(), "it sets no delay");
            found.push(finding.help("add garp_interval or gna_interval"));
        }
        for word in interfaces(group) {
            if let Some(first) = known.get(&*word.text) {
                let text = format!("{} is in a group already", word.text);
                found.push(Diagnostic::new(&RULE, word.span, text).context(*first, "first here"));
            } else {
                known.insert(&word.text, word.span);
            }
        }
    }
}

fn interfaces(group: &Line) -> impl Iterator<Item = &Word> {
    let single = group.each("interface").filter_map(Line::argument);
    single.chain(group.within("interfaces").flat_map(Line::words))
}
