//! What lvsctl reads in a file, asked of the library.

use std::collections::BTreeSet;
use std::fs;

use lvsctl::conf::{self, Disk, Options};
use lvsctl::diag::{Diagnostic, Sources};
use lvsctl::model::director::Director;

use crate::bench::CONFIG_ID;

/// Why a file is refused: the rule, and the word at the start of the line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub code: String,
    pub word: String,
    pub place: String,
}

impl Finding {
    /// As the ledger names it.
    pub fn attribute(&self) -> String {
        format!("refused {} {}", self.code, self.word)
    }
}

/// `Err` with the reasons where the file is refused.
pub fn read(file: &str) -> Result<Director, Vec<Finding>> {
    let options = Options {
        config_id: Some(CONFIG_ID),
        environment: None,
    };
    let loaded = conf::load(&Disk, file, &options);
    let Some(director) = &loaded.director else {
        let refusals = loaded.refusals(false);
        let findings: BTreeSet<Finding> = refusals
            .map(|finding| named(finding, &loaded.sources))
            .collect();
        return Err(findings.into_iter().collect());
    };
    Ok(director.clone())
}

fn named(finding: &Diagnostic, sources: &Sources) -> Finding {
    let place = sources.place(finding.primary.span);
    let text = fs::read(&place.file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().nth(place.line - 1).unwrap_or_default();
    let mut words = line
        .split_whitespace()
        .skip_while(|word| word.starts_with('@'));
    Finding {
        code: finding.rule.code.to_owned(),
        word: words.next().unwrap_or("-").to_owned(),
        place: place.to_string(),
    }
}
