//! keepalived.conf → [`Director`]. Reads through [`Files`] and does no other input or output.
//!
//! ```text
//! bytes ──expand──▶ blocks of words, one outermost block at a time ──lowering──▶ Director
//!          │ @id, $NAME, ~SEQ, include                  │
//!          └ written: tokens                            └ keyword: the table
//! ```

mod braces;
mod check;
mod command;
mod complete;
mod decimal;
mod details;
mod earlier;
mod expand;
mod files;
mod findings;
mod globals;
mod group;
pub mod keyword;
mod lowering;
mod method;
mod notify;
mod options;
mod patience;
mod places;
mod real_server;
mod recall;
mod root;
pub mod rules;
mod session;
mod stray;
mod tree;
mod value;
mod virtual_server;
mod watched;
pub mod written;

use std::collections::BTreeSet;

pub use command::Invocation;
pub(crate) use command::{program_of, words_of};
pub(crate) use decimal::micros;
pub use files::{Disk, Files, Found, MOST_BYTES, Memory, ReadError, Snapshot};
pub(crate) use group::addresses;
pub(crate) use lowering::counts_its_words;
pub use options::{Environment, Options};
pub use places::{Near, Places};
pub use recall::Recall;
pub use tree::{Node, Word};

use crate::diag::{Diagnostic, Sources, Verdict};
use crate::model::director::Director;
use findings::Findings;
use root::Root;

/// What reading a configuration gave.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub sources: Sources,
    /// In the order in which a reader meets them.
    pub diagnostics: Vec<Diagnostic>,
    /// `None` where the configuration is refused.
    pub director: Option<Director>,
    pub places: Places,
    /// What conditional lines are compared with, as far as it is text.
    pub ids: BTreeSet<String>,
}

impl Loaded {
    /// Findings that stand against acting on the file.
    pub fn refusals(&self, as_daemon: bool) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(move |finding| match finding.verdict {
                Verdict::Refused => true,
                Verdict::NotByDaemon => as_daemon,
                Verdict::Accepted => false,
            })
    }
}

/// Reads `path`, or standard input for `-`, and all it includes.
///
/// Never fails: a file that cannot be used is one whose `diagnostics` refuse it.
pub fn load(files: &dyn Files, path: &str, options: &Options<'_>) -> Loaded {
    each_block(files, path, options, &mut |_| {})
}

/// The same, where what was read before is still in use: a virtual server that is the same is shared
/// with it, and one whose text is the same is not read again.
///
/// `recall` is of the reading before, and then of this one if its configuration can be used. Of a
/// virtual server that was not read again, `places` does not know the real servers.
pub fn load_beside(
    files: &dyn Files,
    path: &str,
    options: &Options<'_>,
    earlier: &Director,
    recall: &mut Recall,
) -> Loaded {
    let mut nobody = |_: Node<'_>| {};
    let root = Root::new(&mut nobody).beside(earlier, recall);
    let (loaded, next) = loaded(files, path, options, root);
    if loaded.director.is_some() {
        *recall = next;
    }
    loaded
}

/// As [`load`], and shows every outermost line with its block, whether or not it means something to
/// lvsctl.
pub fn each_block(
    files: &dyn Files,
    path: &str,
    options: &Options<'_>,
    see: &mut dyn FnMut(Node<'_>),
) -> Loaded {
    loaded(files, path, options, Root::new(see)).0
}

/// The same, for who wants the findings alone: nothing is kept of what was found right.
pub fn inspect(
    files: &dyn Files,
    path: &str,
    options: &Options<'_>,
    see: &mut dyn FnMut(Node<'_>),
) -> Loaded {
    let root = Root::new(see).forgetful();
    Loaded {
        director: None,
        ..loaded(files, path, options, root).0
    }
}

fn loaded(
    files: &dyn Files,
    path: &str,
    options: &Options<'_>,
    mut root: Root<'_>,
) -> (Loaded, Recall) {
    let snapshot = Snapshot::new(files);
    let findings = Findings::default();
    let mut read = expand::read(&snapshot, path, options, findings, &mut root);
    let recall = root.take_recall();
    let (director, places) = root.finish(&mut read.findings);
    let mut diagnostics = read.findings.list;
    findings::settle(&mut diagnostics, &read.sources);
    let usable = !diagnostics
        .iter()
        .any(|finding| finding.verdict == Verdict::Refused);
    let loaded = Loaded {
        sources: read.sources,
        diagnostics,
        director: usable.then_some(director),
        places,
        ids: read.ids,
    };
    (loaded, recall)
}

/// What can be read of a configuration even where it is refused, and the ids that its conditional
/// lines name: for comparing two texts of it, and not for acting on it.
pub fn readable(
    files: &dyn Files,
    path: &str,
    options: &Options<'_>,
) -> (Director, BTreeSet<String>) {
    let snapshot = Snapshot::new(files);
    let mut nobody = |_: Node<'_>| {};
    let mut root = Root::new(&mut nobody);
    let findings = Findings::unwanted();
    let mut read = expand::read(&snapshot, path, options, findings, &mut root);
    (root.finish(&mut read.findings).0, read.ids)
}
