use std::fmt;

use crate::lint::host::{Seen, User};
use crate::sys::account;

/// Whom a process becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// As it was asked for.
    pub name: String,
    pub user: u32,
    pub group: u32,
    /// What other groups that user is in.
    pub more_groups: Vec<u32>,
}

/// Why nobody can be found by these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoIdentity {
    User(String),
    Group(String),
    /// A number without an account has no group.
    NoGroup(u32),
}

impl fmt::Display for NoIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(
                f,
                "--user: there is no user {name} (remedy: useradd --system --shell /usr/sbin/nologin {name})"
            ),
            Self::Group(name) => write!(
                f,
                "--user: there is no group {name} (remedy: groupadd --system {name})"
            ),
            Self::NoGroup(number) => write!(
                f,
                "--user: user {number} has no account that names a group (remedy: --user {number}:GROUP)"
            ),
        }
    }
}

impl std::error::Error for NoIdentity {}

impl Identity {
    /// By `NAME[:GROUP]`, each a name or a number.
    pub fn named(words: &str) -> Result<Self, NoIdentity> {
        let (user, group) = match words.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (words, None),
        };
        let named_group = group.map(group_by).transpose()?;
        let (name, account) = match user.parse() {
            Ok(number) => {
                let name = account::user_name(number);
                let account = name.as_deref().map(account::user);
                let group = match account {
                    Some(Seen::Here(User { group, .. })) => Some(group),
                    _ => None,
                };
                let group = named_group.or(group).ok_or(NoIdentity::NoGroup(number))?;
                let user = number;
                (name, User { user, group })
            }
            Err(_) => match account::user(user) {
                Seen::Here(account) => (Some(user.to_owned()), account),
                Seen::Missing | Seen::Unknown => return Err(NoIdentity::User(user.to_owned())),
            },
        };
        Ok(Self {
            user: account.user,
            group: named_group.unwrap_or(account.group),
            more_groups: name
                .as_deref()
                .and_then(account::more_groups)
                .unwrap_or_default(),
            name: words.to_owned(),
        })
    }
}

fn group_by(words: &str) -> Result<u32, NoIdentity> {
    if let Ok(number) = words.parse() {
        return Ok(number);
    }
    match account::group(words) {
        Seen::Here(group) => Ok(group),
        Seen::Missing | Seen::Unknown => Err(NoIdentity::Group(words.to_owned())),
    }
}
