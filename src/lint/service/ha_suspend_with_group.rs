use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `ha_suspend` in a virtual server for a group of addresses.
    ///
    /// keepalived waits for the address of the virtual server to appear before it checks anything.
    /// A group has none that it would know: the checks never run, and failed servers keep their
    /// clients.
    ///
    /// keepalived says nothing. Of a group with a mark that is `ha-suspend-with-mark`.
    ///
    /// ```text
    /// virtual_server group web {
    ///     ha_suspend
    /// ```
    ///
    /// Remedy: leave it out, or write a virtual server for each address.
    RULE: Error silent "ha-suspend-with-group", "the checks of this virtual server never run";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for (name, place) in &outline.facts.suspending_groups {
        let group = outline.named("virtual_server_group", name).next();
        let Some((_, group)) = group else { continue };
        if group.whole && !group.inner.is_empty() && group.first("fwmark").is_none() {
            let finding = Diagnostic::new(&RULE, *place, "a group has no address to wait for")
                .context(group.named_place(), "this group");
            found.push(finding.help("leave it out"));
        }
    }
}
