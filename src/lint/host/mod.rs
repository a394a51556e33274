//! What a file needs of the machine it is for. Asked for by `lint --host` alone.

mod interface_missing;
mod key_file_missing;
mod namespace_missing;
mod needs;
mod reach;
mod script_missing;
mod script_not_executable;
mod script_writable;
mod tally;
mod track_file_missing;
mod user_missing;
mod way;

pub use reach::{Reach, reach};
pub use way::{called, changeable, obstacle};

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Findings;
use crate::conf::{self, Files, Options};
use crate::diag::{Diagnostic, Rule};
use needs::Needs;

/// A machine, as far as rules look at it.
pub trait Host {
    /// The file at an absolute path, links followed.
    fn about(&self, path: &Path) -> Seen<About>;

    /// The same of a link itself, where it is one.
    fn about_itself(&self, path: &Path) -> Seen<About> {
        self.about(path)
    }

    /// An absolute path without links; `None` where that cannot be told.
    fn real(&self, path: &Path) -> Option<PathBuf>;

    /// Folders in which a program named without a path is looked for.
    fn search_path(&self) -> Vec<PathBuf>;

    fn user(&self, name: &str) -> Seen<User>;

    /// The number of a group.
    fn group(&self, name: &str) -> Seen<u32>;

    /// Numbers of the groups that a user is in beside its own; `None` where that cannot be told.
    fn more_groups(&self, _user: &str) -> Option<Vec<u32>> {
        None
    }

    /// What the user of a number is called; `None` where that cannot be told.
    fn user_name(&self, _number: u32) -> Option<String> {
        None
    }

    /// What the group of a number is called; `None` where that cannot be told.
    fn group_name(&self, _number: u32) -> Option<String> {
        None
    }

    /// Names of the interfaces in a network namespace of `ip netns`, or that of this process;
    /// `None` where that cannot be told.
    fn interfaces(&self, namespace: Option<&str>) -> Option<BTreeSet<String>>;
}

/// An answer of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<T> {
    Here(T),
    /// It is not there, for certain.
    Missing,
    /// For want of a right to look, say.
    Unknown,
}

impl<T> Seen<T> {
    /// What is there for certain.
    pub fn here(self) -> Option<T> {
        match self {
            Self::Here(value) => Some(value),
            Self::Missing | Self::Unknown => None,
        }
    }
}

/// A file or folder, as stat(2) describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    pub owner: u32,
    pub group: u32,
    /// With the bits that say of what kind it is.
    pub mode: u32,
}

/// Who runs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub user: u32,
    pub group: u32,
}

/// A rule and how it is held against a host.
struct Inspection {
    rule: &'static Rule,
    look: fn(&Needs, &dyn Host, &mut Vec<Diagnostic>),
}

static INSPECTIONS: [Inspection; 8] = [
    interface_missing::INSPECTION,
    key_file_missing::INSPECTION,
    namespace_missing::INSPECTION,
    script_missing::INSPECTION,
    script_not_executable::INSPECTION,
    script_writable::INSPECTION,
    track_file_missing::INSPECTION,
    user_missing::INSPECTION,
];

/// Rules of this folder.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    INSPECTIONS.iter().map(|inspection| inspection.rule)
}

/// What `host` lacks of what a file needs, as the host that `options` describe reads it.
pub fn on(host: &dyn Host, files: &dyn Files, path: &str, options: &Options<'_>) -> Findings {
    let mut needs = Needs::default();
    let loaded = conf::inspect(files, path, options, &mut |node| needs.add(node));
    let mut diagnostics = Vec::new();
    for inspection in &INSPECTIONS {
        (inspection.look)(&needs, host, &mut diagnostics);
    }
    let sources = loaded.sources;
    diagnostics.sort_by_cached_key(|finding| sources.reading_order(finding.primary.span));
    Findings {
        sources,
        diagnostics,
    }
}
