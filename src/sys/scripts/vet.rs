use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::runner::Runner;
use crate::lint::host::{About, Host, Reach, User, called, changeable, obstacle, reach};
use crate::model::director::Director;
use crate::model::script::{Script, ScriptRules};
use crate::model::text::Text;

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
        // Many scripts are run by few, and to look one up may take a program.
        let mut runners = BTreeMap::new();
        for script in scripts {
            let runner = runners
                .entry((&script.user, &script.group))
                .or_insert_with(|| Runner::of(host, script, rules, ours));
            let fit = runner.as_ref().map_err(Clone::clone);
            match fit.and_then(|runner| vet(host, script, rules, runner)) {
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
pub(super) type Why = (String, String);

/// The script as it is run, and what is to be said of it all the same.
fn vet(
    host: &dyn Host,
    script: &Script,
    rules: &ScriptRules,
    runner: &Runner,
) -> Result<(Runnable, Option<String>), Why> {
    let user = runner.user;
    let mut words = script.words().iter().map(Text::as_bytes);
    let program = words.next().unwrap_or_default();
    let (path, about) = find(host, program)?;
    if let Some(obstacle) = obstacle(host, &path, about, Some(user), &runner.name) {
        let remedy = "chmod +x, or keep the script where its user can reach it".to_owned();
        return Err((obstacle, remedy));
    }
    let weak = changeable(host, &path, about, user);
    let warning = match weak {
        Some((part, about)) if rules.security => {
            let open = open(host, &part, about);
            let part = part.display();
            return Err((
                format!("{open}, and enable_script_security lets root run no such script"),
                format!(
                    "chown root:root {part}; chmod go-w {part}; or have another user run the script"
                ),
            ));
        }
        weak => weak.map(|(part, about)| open(host, &part, about)),
    };
    let program = called(host, &path).unwrap_or(path);
    let runnable = Runnable {
        program: program.into_os_string().into_encoded_bytes(),
        arguments: words.map(<[u8]>::to_vec).collect(),
        user: user.user,
        group: user.group,
        more_groups: runner.more_groups.clone(),
    };
    Ok((runnable, warning))
}

fn find(host: &dyn Host, program: &[u8]) -> Result<(PathBuf, About), Why> {
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
