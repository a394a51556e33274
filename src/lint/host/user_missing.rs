use super::needs::{Account, Needs};
use super::{Host, Inspection, Seen};
use crate::diag::{Diagnostic, rule};

rule! {
    /// A user or group that scripts are to run as is not on this machine.
    ///
    /// Found by `lint --host` alone. keepalived takes names and no numbers.
    ///
    /// keepalived says `Error setting global script uid/gid` of `script_user`, and removes a check
    /// or disables a script whose `user` it does not know. A `notify` with such a name behind it is
    /// ignored, of which `--config-test` says nothing.
    ///
    /// ```text
    /// global_defs {
    ///     script_user keepalived_script
    /// }
    /// ```
    ///
    /// Remedy: `useradd --system --shell /usr/sbin/nologin NAME`, or a user that exists.
    RULE: Warning "user-missing", "a user or group is not on this machine";
}

pub(super) const INSPECTION: Inspection = Inspection { rule: &RULE, look };

fn look(needs: &Needs, host: &dyn Host, found: &mut Vec<Diagnostic>) {
    for (account, place) in needs.accounts.iter() {
        let (kind, name, missing) = match account {
            Account::User(name) => ("user", name, host.user(name) == Seen::Missing),
            Account::Group(name) => ("group", name, host.group(name) == Seen::Missing),
        };
        if missing {
            let text = format!("there is no {kind} {}", name.escape_debug());
            let mut finding = Diagnostic::new(&RULE, place.first, text);
            if name.bytes().all(|byte| byte.is_ascii_digit()) {
                finding = finding.note("keepalived takes names, no numbers");
            }
            found.push(place.count(finding));
        }
    }
}
