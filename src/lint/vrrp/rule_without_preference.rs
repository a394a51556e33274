use super::route_not_tracked::policies;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A rule of policy routing without a preference.
    ///
    /// keepalived gives it one (16384 and down) and says `This is probably not what you want`.
    ///
    /// ```text
    /// virtual_rules {
    ///     from 192.0.2.5 table 5
    /// }
    /// ```
    ///
    /// Remedy: `preference N`.
    RULE: Warning "rule-without-preference", "keepalived picks a preference";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for line in policies(outline) {
        let mut words = line.words().iter().map(|word| &*word.text);
        if !words.any(|word| matches!(word, "preference" | "order" | "priority" | "pref")) {
            found.push(Diagnostic::new(&RULE, line.place(), "this rule has none"));
        }
    }
}
