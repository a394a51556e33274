use std::collections::HashMap;

use serde::Deserialize;

use crate::diag::{Diagnostic, Sources, brief};

/// Findings that were there before, and are not shown again: those of an earlier answer of
/// `--format json`.
///
/// Lines move when a file is edited, so a finding is known by its code, file and message; of equal
/// ones so many are left out as there were.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    left: HashMap<Known, u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
struct Known {
    code: String,
    file: String,
    message: String,
}

#[derive(Deserialize)]
struct Answer {
    version: u32,
    findings: Vec<Known>,
}

impl Baseline {
    /// Fails on a text that is no answer of the linter, and says why.
    pub fn read(text: &str) -> Result<Self, String> {
        let answer: Answer = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if answer.version != 1 {
            return Err(format!("version {} is not known", answer.version));
        }
        let mut left = HashMap::new();
        for known in answer.findings {
            *left.entry(known).or_insert(0) += 1;
        }
        Ok(Self { left })
    }

    /// Whether a finding was there before; counts it off.
    pub(super) fn has(&mut self, finding: &Diagnostic, sources: &Sources) -> bool {
        if self.left.is_empty() {
            return false;
        }
        let known = Known {
            code: finding.rule.code.to_owned(),
            file: sources.place(finding.primary.span).file,
            message: brief(finding),
        };
        match self.left.get_mut(&known) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}
