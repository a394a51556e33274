use super::instance::instance;
use super::sync_group_member_missing::members;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A sync group of one instance, or of none.
    ///
    /// There is nothing to keep in step. keepalived removes an empty group and says of one with a
    /// single member that this is probably not what is wanted.
    ///
    /// ```text
    /// vrrp_sync_group all {
    ///     group {
    ///         web
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: name all instances, or leave the group out.
    RULE: Warning "sync-group-too-small", "a sync group keeps nothing in step";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for group in outline.each("vrrp_sync_group").filter(|group| group.whole) {
        if group.each("group").any(|list| !list.opens) {
            continue;
        }
        let count = members(group)
            .filter(|word| instance(outline, &word.text).is_some())
            .count();
        let text = match count {
            0 => "it has no instance, keepalived removes it",
            1 => "it has one instance only",
            _ => continue,
        };
        found.push(Diagnostic::new(&RULE, group.named_place(), text));
    }
}
