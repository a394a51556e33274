use super::vet::Why;
use crate::lint::host::{Host, Seen, User};
use crate::model::script::{Script, ScriptRules};
use crate::model::text::Text;

/// Who runs scripts where nobody is named and there is such an account.
const DEFAULT_USER: &str = "keepalived_script";

/// Who runs a script.
pub(super) struct Runner {
    pub(super) user: User,
    /// What people call it.
    pub(super) name: String,
    pub(super) more_groups: Vec<u32>,
}

impl Runner {
    /// Whoever a script says, else whoever all say, else the account `keepalived_script`, else whoever
    /// runs the daemon.
    pub(super) fn of(
        host: &dyn Host,
        script: &Script,
        rules: &ScriptRules,
        ours: User,
    ) -> Result<Self, Why> {
        let named = (script.user.as_ref(), script.group.as_ref());
        let (user, name) = account(host, named, rules, ours)?;
        let more_groups = if rules.all_groups {
            more_groups(host, &name)?
        } else {
            Vec::new()
        };
        Ok(Self {
            user,
            name,
            more_groups,
        })
    }
}

/// Whom the words of a file name, or whoever scripts run as; and what people call them. Else a
/// reason and a remedy. `ours` is who runs the daemon.
pub fn account(
    host: &dyn Host,
    (user, group): (Option<&Text>, Option<&Text>),
    rules: &ScriptRules,
    ours: User,
) -> Result<(User, String), (String, String)> {
    let said = [(user, group), (rules.user.as_ref(), rules.group.as_ref())];
    for (user, group) in said {
        let Some(name) = user else { continue };
        let name = name.to_string();
        let mut user = known(host.user(&name), "user", &name)?;
        if let Some(group) = group {
            let group = group.to_string();
            user.group = known(host.group(&group), "group", &group)?;
        }
        return Ok((user, name));
    }
    match host.user(DEFAULT_USER) {
        Seen::Here(user) => Ok((user, DEFAULT_USER.to_owned())),
        Seen::Missing | Seen::Unknown if rules.security => Err((
            format!(
                "nobody is named to run it, enable_script_security is set and there is no user {DEFAULT_USER}"
            ),
            format!("script_user, or useradd --system --shell /usr/sbin/nologin {DEFAULT_USER}"),
        )),
        Seen::Missing | Seen::Unknown => {
            let name = host.user_name(ours.user);
            Ok((ours, name.unwrap_or_else(|| ours.user.to_string())))
        }
    }
}

fn more_groups(host: &dyn Host, user: &str) -> Result<Vec<u32>, Why> {
    host.more_groups(user).ok_or_else(|| {
        (
            format!("it cannot be told which groups user {user} is in"),
            format!("look at what getent(1) says of initgroups {user}"),
        )
    })
}

fn known<T>(seen: Seen<T>, kind: &str, name: &str) -> Result<T, Why> {
    match seen {
        Seen::Here(account) => Ok(account),
        Seen::Missing => Err((
            format!("there is no {kind} {name}"),
            format!("{kind}add --system {name}, or a {kind} that exists"),
        )),
        Seen::Unknown => Err((
            format!("it cannot be told whether there is a {kind} {name}"),
            format!("look at what getent(1) says of {name}"),
        )),
    }
}
