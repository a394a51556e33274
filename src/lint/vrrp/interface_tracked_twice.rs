use super::instance::instance;
use super::sync_group_member_missing::members;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// An instance and its sync group track one interface.
    ///
    /// keepalived says `is configured on VRRP instance and sync group` and counts it once. The own
    /// interface of an instance is tracked too, unless it says `dont_track_primary`.
    ///
    /// ```text
    /// vrrp_sync_group all {
    ///     group {
    ///         web
    ///     }
    ///     track_interface {
    ///         eth1
    ///     }
    /// }
    /// vrrp_instance web {
    ///     track_interface {
    ///         eth1
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: track it in one of the two.
    RULE: Warning "interface-tracked-twice", "an instance and its sync group track one interface";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for group in outline.each("vrrp_sync_group") {
        for instance in members(group).filter_map(|word| instance(outline, &word.text)) {
            let block = instance.block;
            let own = instance
                .interface()
                .filter(|_| block.first("dont_track_primary").is_none());
            for line in group.within("track_interface") {
                let mut all = block
                    .within("track_interface")
                    .map(|line| &line.words()[0])
                    .chain(own);
                if let Some(again) = all.find(|again| &*again.text == line.keyword()) {
                    let text = format!("{} is tracked by both", line.keyword());
                    let finding = Diagnostic::new(&RULE, line.place(), text);
                    found.push(finding.context(again.span, "by the instance here"));
                }
            }
        }
    }
}
