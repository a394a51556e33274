use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A virtual server none of whose real servers is checked.
    ///
    /// All of them are up for ever, dead or not. keepalived says nothing of it. A table that never
    /// changes can be meant: in a file without any check this is said once, at the first.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     real_server 192.0.2.11 80 {
    ///         weight 1
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: a check in each `real_server`, such as `TCP_CHECK { }`.
    RULE: Info silent "unchecked-service", "no server of a virtual server is checked";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let unchecked = &outline.unchecked;
    let help = "give each real_server a check, such as TCP_CHECK";
    let text = "its servers stay up when they are dead";
    if unchecked.others || unchecked.unknown {
        let each = unchecked.places.iter();
        found.extend(each.map(|place| Diagnostic::new(&RULE, *place, text).help(help)));
    } else if let Some(first) = unchecked.places.first() {
        let finding = Diagnostic::new(&RULE, *first, text).help(help);
        found.push(match unchecked.places.len() {
            1 => finding,
            _ => finding.note("there is no check in the whole file"),
        });
    }
}
