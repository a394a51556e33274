use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A group that no virtual server uses.
    ///
    /// Its addresses get no service.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// virtual_server_group web {
    ///     192.0.2.1 80
    /// }
    /// ```
    ///
    /// Remedy: `virtual_server group web`, or leave the group out.
    RULE: Info silent "unused-group", "no virtual server uses this group";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let used = super::used(outline);
    let mut groups = outline.each("virtual_server_group");
    // A name that points nowhere is the other half of a finding there is.
    let undefined = used
        .iter()
        .any(|name| outline.named("virtual_server_group", name).next().is_none());
    if undefined {
        return;
    }
    for group in groups.by_ref().filter(|group| !used.contains(group.name())) {
        if !group.inner.is_empty() && !group.name().is_empty() {
            let finding =
                Diagnostic::new(&RULE, group.named_place(), "its addresses get no service");
            let help = format!(
                "write virtual_server group {}, or leave it out",
                group.name()
            );
            found.push(finding.help(help));
        }
    }
}
