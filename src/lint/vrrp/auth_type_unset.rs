use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `auth_pass` without `auth_type`.
    ///
    /// keepalived says nothing and sends packets without authentication. A router that has both
    /// drops them.
    ///
    /// ```text
    /// authentication {
    ///     auth_pass secret
    /// }
    /// ```
    ///
    /// Remedy: `auth_type PASS`, or leave the block out.
    RULE: Warning silent "auth-type-unset", "a password without auth_type is not used";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let block = instance.block;
        if block.each("authentication").any(|block| !block.whole) {
            continue;
        }
        let last = |keyword: &str| {
            let lines = block.within("authentication");
            lines.filter(|line| line.keyword() == keyword).last()
        };
        if let (Some(password), None) = (last("auth_pass"), last("auth_type")) {
            let finding = Diagnostic::new(&RULE, password.place(), "nothing says how it is used");
            found.push(finding.help("add auth_type PASS"));
        }
    }
}
