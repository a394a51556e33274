use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// `notification_email { }` names nobody.
    ///
    /// No mail is ever sent, though the block looks as if it were. keepalived says `empty
    /// notification_email block` and goes on.
    ///
    /// ```text
    /// notification_email {
    /// }
    /// ```
    ///
    /// Remedy: name an address, or leave the block out.
    RULE: Warning "empty-notification-email", "no address for e-mail is named";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let blocks = outline.globals("notification_email");
    let empty = |block: &&Line| block.opens && block.inner.is_empty() && block.whole;
    for block in blocks.filter(empty) {
        let finding = Diagnostic::new(&RULE, block.place(), "this block is empty");
        found.push(finding.help("name an address, or leave the block out"));
    }
}
