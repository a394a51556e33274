use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A password where the version of VRRP has none.
    ///
    /// VRRP version 3, which IPv6 always is, and strict mode know no authentication: keepalived
    /// says `does not support authentication. Ignoring.` and sends packets without. Also an
    /// `auth_type` without `auth_pass`.
    ///
    /// ```text
    /// version 3
    /// authentication {
    ///     auth_type PASS
    ///     auth_pass secret
    /// }
    /// ```
    ///
    /// Remedy: leave the block out, or use version 2 without strict mode.
    RULE: Warning "authentication-in-vain", "authentication has no effect here";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let lines = || instance.block.within("authentication");
        let types = lines().filter(|line| line.keyword() == "auth_type");
        let known = types
            .filter(|line| matches!(line.name(), "PASS" | "AH"))
            .last();
        let Some(kind) = known else { continue };
        let text = if instance.strict() {
            "strict mode has none"
        } else if instance.version() == 3 {
            "VRRP version 3 has none"
        } else if !lines().any(|line| line.keyword() == "auth_pass") {
            "there is no auth_pass"
        } else {
            continue;
        };
        found.push(Diagnostic::new(&RULE, kind.place(), text).note("keepalived ignores it"));
    }
}
