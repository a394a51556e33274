use std::fmt;

use super::text::Text;

/// A command and who runs it.
///
/// Source: `misc_path`, `user`, `notify_up`, `quorum_up` and their kin in keepalived.conf(5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Script {
    words: Box<[Text]>,
    /// Runs as this user; `None`: as `script_user` says.
    pub user: Option<Text>,
    /// Runs in this group; `None`: in the user's own.
    pub group: Option<Text>,
}

impl Script {
    /// `None` where there is no program, or a word holds a NUL, which no program can be given.
    pub fn new(words: Vec<Text>, user: Option<Text>, group: Option<Text>) -> Option<Self> {
        let program = words.first().is_some_and(|program| !program.is_empty());
        let whole = words.iter().all(|word| !word.as_bytes().contains(&0));
        (program && whole).then(|| Self {
            words: words.into(),
            user,
            group,
        })
    }

    /// The program's path and its arguments.
    pub fn words(&self) -> &[Text] {
        &self.words
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.words.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{word}")?;
        }
        Ok(())
    }
}

/// What is said of every script at once.
///
/// Source: `script_user`, `enable_script_security` and `set_supplementary_groups` in
/// keepalived.conf(5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptRules {
    /// `script_user`: who runs a script that does not say; `None`: `keepalived_script` where there
    /// is such an account, else whoever runs the daemon.
    pub user: Option<Text>,
    /// Its second word; `None`: the user's own group.
    pub group: Option<Text>,
    /// `enable_script_security`: root runs no script that somebody else can change.
    pub security: bool,
    /// `set_supplementary_groups`: a script has all groups of its user, not only one.
    pub all_groups: bool,
}
