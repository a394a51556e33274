//! Findings of one file, for people and for CI. Looks at the text alone.

use std::collections::HashSet;

use crate::conf::{self, Files, Options, Snapshot};
use crate::diag::{Diagnostic, Place, Severity, Sources};

/// What there is to say of one file, in the order of its text.
#[derive(Clone, Debug)]
pub struct Findings {
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
}

impl Findings {
    pub fn worst(&self) -> Option<Severity> {
        self.diagnostics
            .iter()
            .map(|finding| finding.rule.severity)
            .max()
    }
}

/// Reads `path`, or standard input for `-`: as a host reads it that no conditional line is for,
/// and then once for each id that conditional lines name.
///
/// The first answer is that of the nameless host; each other has only what is new.
pub fn run(files: &dyn Files, path: &str) -> Vec<Findings> {
    let snapshot = Snapshot::new(files);
    let first = conf::load(&snapshot, path, &Options::default());
    let mut known: HashSet<Key> = HashSet::new();
    let ids = first.ids.clone();
    let mut all = vec![new_of(first, None, &mut known)];
    for id in &ids {
        let options = Options {
            config_id: Some(id),
            ..Options::default()
        };
        all.push(new_of(
            conf::load(&snapshot, path, &options),
            Some(id),
            &mut known,
        ));
    }
    all.retain(|findings| !findings.diagnostics.is_empty());
    all
}

/// What makes two findings of two readings the same.
type Key = (&'static str, Place, String);

fn new_of(loaded: conf::Loaded, id: Option<&str>, known: &mut HashSet<Key>) -> Findings {
    let conf::Loaded {
        sources,
        mut diagnostics,
        ..
    } = loaded;
    diagnostics.retain_mut(|finding| {
        let place = sources.place(finding.primary.span);
        let new = known.insert((finding.rule.code, place, finding.primary.text.clone()));
        if let Some(id) = id.filter(|_| new) {
            finding
                .notes
                .push(format!("on a host with --config-id {id}"));
        }
        new
    });
    Findings {
        sources,
        diagnostics,
    }
}
