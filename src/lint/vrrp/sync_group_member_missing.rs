use super::instance::instance;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline, Word};

rule! {
    /// A sync group names an instance that is not defined.
    ///
    /// keepalived says `specified in sync group … doesn't exist - ignoring`: the instance that was
    /// meant fails over alone.
    ///
    /// ```text
    /// vrrp_sync_group all {
    ///     group {
    ///         wbe
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: the name as the `vrrp_instance` has it.
    RULE: Warning "sync-group-member-missing", "a sync group names no such instance";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for word in outline.each("vrrp_sync_group").flat_map(members) {
        if instance(outline, &word.text).is_none() {
            let text = format!("there is no vrrp_instance {}", word.text);
            found.push(Diagnostic::new(&RULE, word.span, text));
        }
    }
}

/// Names of instances that a sync group has.
pub(super) fn members(group: &Line) -> impl Iterator<Item = &Word> {
    group
        .first("group")
        .into_iter()
        .flat_map(|list| &list.inner)
        .flat_map(Line::words)
}
