//! Findings of one file, for people and for CI. Looks at the text alone.

use crate::conf::{self, Files};
use crate::diag::{Diagnostic, Severity, Sources};

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

/// Reads `path`, or standard input for `-`.
pub fn run(files: &dyn Files, path: &str) -> Findings {
    let loaded = conf::load(files, path);
    Findings {
        sources: loaded.sources,
        diagnostics: loaded.diagnostics,
    }
}
