use std::path::PathBuf;

use super::needs::{Needs, Script};
use super::reach::{Reach, reach, runs};
use super::tally::Tally;
use super::way::changeable;
use super::{About, Host, Inspection};
use crate::diag::{Diagnostic, rule};

rule! {
    /// `enable_script_security` is on, and a script that root runs can be changed by somebody else:
    /// the script, or a folder on the way to it, is owned by another user, or its group or
    /// everybody may write to it.
    ///
    /// Found by `lint --host` alone.
    ///
    /// keepalived logs `Unsafe permissions` when it starts and disables the script: a `MISC_CHECK`
    /// is removed, so that its real server is always up. `--config-test` says nothing.
    ///
    /// ```text
    /// global_defs {
    ///     enable_script_security
    ///     script_user root
    /// }
    /// vrrp_script web {
    ///     script "/opt/app/check-web"
    /// }
    /// ```
    ///
    /// Remedy: `chown root:root` and `chmod go-w` what is named, or have another user run the
    /// script.
    RULE: Warning silent "script-writable", "a script that root runs can be changed by others";
}

pub(super) const INSPECTION: Inspection = Inspection { rule: &RULE, look };

fn look(needs: &Needs, host: &dyn Host, found: &mut Vec<Diagnostic>) {
    let Some(security) = needs.security else {
        return;
    };
    let mut all = Tally::default();
    for (script, place) in needs.scripts.iter() {
        if let Some(weak) = weak(needs, host, script) {
            all.again(weak, place);
        }
    }
    for (path, place) in all.iter() {
        let Some(about) = host.about_itself(path).here() else {
            continue;
        };
        let shown = path.display();
        let finding = Diagnostic::new(&RULE, place.first, reason(&shown.to_string(), about))
            .context(security, "keepalived disables the script for this")
            .help(format!("chown root:root {shown}; chmod go-w {shown}"));
        found.push(place.count(finding));
    }
}

/// The first part of the way to a script that others can change.
fn weak(needs: &Needs, host: &dyn Host, script: &Script) -> Option<PathBuf> {
    let Reach::At(path, about) = reach(host, &script.program) else {
        return None;
    };
    let user = runs(needs, host, script)?;
    changeable(host, &path, about, user).map(|(part, _)| part)
}

fn reason(path: &str, about: About) -> String {
    let (mode, group) = (about.mode & 0o7777, about.group);
    match about {
        About { owner: 1.., .. } => format!("{path} is owned by user {}", about.owner),
        _ if mode & 0o002 != 0 => format!("everybody may write to {path}, mode {mode:04o}"),
        _ => format!("group {group} may write to {path}, mode {mode:04o}"),
    }
}
