use super::needs::Needs;
use super::reach::{Reach, reach};
use super::tally::Tally;
use super::{Host, Inspection};
use crate::diag::{Diagnostic, rule};

rule! {
    /// A script is not on this machine.
    ///
    /// Found by `lint --host` alone. A name without a slash is looked for in the search path. Paths
    /// that begin with no slash are not looked at: they depend on where keepalived is started.
    ///
    /// keepalived logs it when it starts and goes on without: a `MISC_CHECK` is removed, so that
    /// its real server is always up, and a `vrrp_script` is disabled. `--config-test` says nothing.
    ///
    /// ```text
    /// MISC_CHECK {
    ///     misc_path "/usr/local/bin/check-web 192.0.2.50"
    /// }
    /// ```
    ///
    /// Remedy: install the script, or name it as it is called here.
    RULE: Warning silent "script-missing", "a script is not on this machine";
}

pub(super) const INSPECTION: Inspection = Inspection { rule: &RULE, look };

fn look(needs: &Needs, host: &dyn Host, found: &mut Vec<Diagnostic>) {
    let mut missing = Tally::default();
    for (script, place) in needs.scripts.iter() {
        if reach(host, &script.program) == Reach::Missing {
            missing.again(script.program.as_slice(), place);
        }
    }
    for (program, place) in missing.iter() {
        let name = String::from_utf8_lossy(program).escape_debug().to_string();
        let text = if program.contains(&b'/') {
            format!("there is no {name}")
        } else {
            format!("there is no {name} in the search path")
        };
        found.push(place.count(Diagnostic::new(&RULE, place.first, text)));
    }
}
