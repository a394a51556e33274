use std::path::Path;

use super::needs::Needs;
use super::{Host, Inspection, Seen};
use crate::diag::{Diagnostic, rule};

rule! {
    /// The network namespace that `net_namespace` or `net_namespace_ipvs` names is not on this
    /// machine.
    ///
    /// Found by `lint --host` alone.
    ///
    /// keepalived does not start. Its `--config-test` ends with status 0 and has looked at nothing.
    ///
    /// ```text
    /// net_namespace director1
    /// ```
    ///
    /// Remedy: `ip netns add NAME` before keepalived starts.
    RULE: Warning silent "namespace-missing", "a network namespace is not on this machine";
}

pub(super) const INSPECTION: Inspection = Inspection { rule: &RULE, look };

fn look(needs: &Needs, host: &dyn Host, found: &mut Vec<Diagnostic>) {
    for (name, place) in needs.namespaces.iter() {
        let path = Path::new("/run/netns").join(name);
        if host.about(&path) == Seen::Missing {
            let text = format!("there is no {}", path.display());
            let finding = Diagnostic::new(&RULE, place.first, text);
            let help = format!("ip netns add {}", name.escape_debug());
            found.push(place.count(finding.help(help)));
        }
    }
}
