use std::collections::HashMap;

use super::instance::instance;
use super::sync_group_member_missing::members;
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A sync group names an instance that another group has.
    ///
    /// An instance has one group: keepalived says `cannot exist in more than one sync group` and
    /// leaves it in the first.
    ///
    /// ```text
    /// vrrp_sync_group a { group { web } }
    /// vrrp_sync_group b { group { web } }
    /// ```
    ///
    /// Remedy: one group that has them all, or each instance in one.
    RULE: Warning "sync-group-member-taken", "an instance is in two sync groups";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<&str, Span> = HashMap::new();
    for group in outline.each("vrrp_sync_group") {
        let mut own: HashMap<&str, Span> = HashMap::new();
        for word in members(group).filter(|word| instance(outline, &word.text).is_some()) {
            if let Some(first) = known.get(&*word.text) {
                let finding = Diagnostic::new(&RULE, word.span, "keepalived ignores it here");
                found.push(finding.context(*first, "it belongs to this group"));
            } else {
                own.insert(&word.text, word.span);
            }
        }
        known.extend(own);
    }
}
