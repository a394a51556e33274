use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// Two groups of one name.
    ///
    /// Virtual servers use the first; the members of the second get no service.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// virtual_server_group web {
    ///     192.0.2.1 80
    /// }
    /// virtual_server_group web {
    ///     192.0.2.2 80
    /// }
    /// ```
    ///
    /// Remedy: another name, or all members in one block.
    RULE: Error silent "duplicate-group", "of two groups of one name the second is lost";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for (at, group) in outline.each_at("virtual_server_group") {
        let first = outline.named("virtual_server_group", group.name()).next();
        if let Some((first_at, first)) = first
            && first_at != at
            && !group.name().is_empty()
        {
            let finding = Diagnostic::new(&RULE, group.named_place(), "its members get no service")
                .context(first.named_place(), "this one is used");
            found.push(finding.help("give it another name, or put all members in one block"));
        }
    }
}
