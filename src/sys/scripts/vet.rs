use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::lint::host::{About, Host, Reach, Seen, User, called, changeable, obstacle, reach};
use crate::model::director::Director;
use crate::model::script::{Script, ScriptRules};
use crate::model::text::Text;

/// Who runs scripts where nobody is named and there is such an account.
const DEFAULT_USER: &str = "keepalived_script";

/// A script as this host runs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runnable {
    /// An absolute path, without links among its folders.
    pub program: Vec<u8>,
    pub arguments: Vec<Vec<u8>>,
    /// Numbers of who runs it.
    pub user: u32,
    pub group: u32,
    /// And in which other groups it does.
    pub more_groups: Vec<u32>,
}

/// The scripts of a director, each fit to be run on this host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vetted {
    runnable: BTreeMap<Script, Runnable>,
    warnings: BTreeSet<String>,
}

/// Why a script cannot be run, or must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    pub script: Script,
    pub reason: String,
    pub remedy: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            script,
            reason,
            remedy,
        } = self;
        write!(f, "script {script}: {reason} (remedy: {remedy})")
    }
}

impl std::error::Error for Unfit {}

impl Vetted {
    /// Holds every script of a director against a host; `ours` is who runs the daemon.
    ///
    /// keepalived goes on without a script that it cannot run, and its real server is up for ever:
    /// a check as written would be lost. So all that are unfit come back instead.
    pub fn new(host: &dyn Host, director: &Director, ours: User) -> Result<Self, Vec<Unfit>> {
        let rules = &director.globals.scripts;
        let reader = director.globals.fifos.reader();
        let scripts: BTreeSet<&Script> = director.scripts().chain(reader.as_ref()).collect();
        let mut vetted = Self::default();
        let mut unfit = Vec::new();
        for script in scripts {
            match vet(host, script, rules, ours) {
                Ok((runnable, warning)) => {
                    vetted.runnable.insert(script.clone(), runnable);
                    vetted.warnings.extend(warning);
                }
                Err((reason, remedy)) => unfit.push(Unfit {
                    script: script.clone(),
                    reason,
                    remedy,
                }),
            }
        }
        if unfit.is_empty() {
            Ok(vetted)
        } else {
            Err(unfit)
        }
    }

    pub fn get(&self, script: &Script) -> Option<&Runnable> {
        self.runnable.get(script)
    }

    /// The first of them.
    pub fn first(&self) -> Option<&Script> {
        self.runnable.keys().next()
    }

    pub fn is_empty(&self) -> bool {
        self.runnable.is_empty()
    }

    /// What would be refused with `enable_script_security`, which is not set.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.warnings.iter().map(String::as_str)
    }
}

/// A reason and its remedy.
type Why = (String, String);

/// The script as it is run, and what is to be said of it all the same.
fn vet(
    host: &dyn Host,
    script: &Script,
    rules: &ScriptRules,
    ours: User,
) -> Result<(Runnable, Option<String>), Why> {
    let named = (script.user.as_ref(), script.group.as_ref());
    let (user, name) = account(host, named, rules, ours)?;
    let mut words = script.words().iter().map(Text::as_bytes);
    let program = words.next().unwrap_or_default();
    let (path, about) = find(host, program)?;
    if let Some(obstacle) = obstacle(host, &path, about, Some(user), &name) {
        let remedy = "chmod +x, or keep the script where its user can reach it".to_owned();
        return Err((obstacle, remedy));
    }
    let open = changeable(host, &path, about, user)
        .map(|(part, about)| (open(host, &part, about), part.display().to_string()));
    let warning = match open {
        Some((open, part)) if rules.security => {
            let remedy = format!(
                "chown root:root {part}; chmod go-w {part}; or have another user run the script"
            );
            let reason = format!("{open}, and enable_script_security lets root run no such script");
            return Err((reason, remedy));
        }
        open => open.map(|(open, _)| open),
    };
    let more_groups = if rules.all_groups {
        more_groups(host, &name)?
    } else {
        Vec::new()
    };
    let program = called(host, &path).unwrap_or(path);
    let runnable = Runnable {
        program: program.into_os_string().into_encoded_bytes(),
        arguments: words.map(<[u8]>::to_vec).collect(),
        user: user.user,
        group: user.group,
        more_groups,
    };
    Ok((runnable, warning))
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

fn find(host: &dyn Host, program: &[u8]) -> Result<(std::path::PathBuf, About), Why> {
    let name = Path::new(OsStr::from_bytes(program));
    let shown = name.display();
    match reach(host, program) {
        Reach::At(path, about) => Ok((path, about)),
        Reach::Missing => {
            let place = if name.is_absolute() {
                ""
            } else {
                " in the search path"
            };
            Err((
                format!("there is no {shown}{place}"),
                "install it, or name it as it is called here".to_owned(),
            ))
        }
        Reach::Unknown if name.is_absolute() => Err((
            format!("{shown} is not to be seen from here"),
            "run the daemon as a user who may enter its folder".to_owned(),
        )),
        Reach::Unknown => Err((
            format!("where {shown} is depends on where the daemon was started"),
            "a path from the root on, or a bare name that is in the search path".to_owned(),
        )),
    }
}

/// Who can change a file or folder.
fn open(host: &dyn Host, path: &Path, about: About) -> String {
    let owner = host.user_name(about.owner);
    let owner = owner.unwrap_or_else(|| about.owner.to_string());
    let (path, mode) = (path.display(), about.mode & 0o7777);
    let by = match () {
        () if about.is_link() => return format!("{path} is a link of user {owner}"),
        () if mode & 0o002 != 0 => "everybody".to_owned(),
        () if mode & 0o020 != 0 && about.group != 0 => {
            let group = host.group_name(about.group);
            format!("group {}", group.unwrap_or_else(|| about.group.to_string()))
        }
        () => format!("user {owner}"),
    };
    format!("{path} is writable by {by} (mode {mode:04o}, owner {owner})")
}
