use super::needs::{Needs, Script};
use super::reach::{Reach, reach, runs};
use super::tally::Tally;
use super::{Host, Inspection, way};
use crate::diag::{Diagnostic, rule};

rule! {
    /// A script is there, but who runs it may not: it has no execute bit, is a folder, or lies in a
    /// folder that its user may not enter.
    ///
    /// Found by `lint --host` alone. The user is the one the script's line or block says, else
    /// `script_user`, else `keepalived_script` where there is such a user, else root.
    ///
    /// keepalived logs it when it starts and goes on without the script: a `MISC_CHECK` is removed,
    /// so that its real server is always up. `--config-test` says nothing.
    ///
    /// ```text
    /// global_defs {
    ///     script_user nobody
    /// }
    /// vrrp_script web {
    ///     script "/root/check-web"
    /// }
    /// ```
    ///
    /// Remedy: `chmod +x`, or keep the script where its user can reach it.
    RULE: Warning silent "script-not-executable", "a script may not be executed by its user";
}

pub(super) const INSPECTION: Inspection = Inspection { rule: &RULE, look };

fn look(needs: &Needs, host: &dyn Host, found: &mut Vec<Diagnostic>) {
    let mut all = Tally::default();
    for (script, place) in needs.scripts.iter() {
        if let Some(text) = obstacle(needs, host, script) {
            all.again(text, place);
        }
    }
    for (text, place) in all.iter() {
        found.push(place.count(Diagnostic::new(&RULE, place.first, text)));
    }
}

/// What stands between a script and its user.
fn obstacle(needs: &Needs, host: &dyn Host, script: &Script) -> Option<String> {
    let Reach::At(path, about) = reach(host, &script.program) else {
        return None;
    };
    let name = script.by.user.as_ref().or(needs.script_user.user.as_ref());
    let name = name.map_or("keepalived_script", String::as_str);
    way::obstacle(host, &path, about, runs(needs, host, script), name)
}
