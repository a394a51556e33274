//! keepalived as the oracle, without a kernel: whether a file is clean agrees with what
//! `keepalived --config-test` says of it, save for the differences of `oracle/differences.tsv`.
#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(clippy::print_stderr, reason = "why something is skipped is said")]

#[path = "oracle/corpus.rs"]
mod corpus;
#[path = "oracle/differences.rs"]
mod differences;
#[path = "oracle/installed.rs"]
mod installed;
#[path = "oracle/keepalived.rs"]
mod keepalived;

use std::fs;
use std::path::{Path, PathBuf};

use differences::Differences;
use lvsctl::conf::{Disk, Options};
use lvsctl::diag::Severity;
use lvsctl::lint::{self, Wanted};

/// What keepalived said of a file.
pub(crate) struct Answer {
    /// As the table of differences names it.
    pub(crate) file: String,
    pub(crate) path: PathBuf,
    pub(crate) ended: Ended,
    /// Without the place in front.
    pub(crate) messages: Vec<String>,
}

/// How `keepalived --config-test` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Clean,
    /// It had something to say.
    Findings,
    /// By a signal, or not at all.
    Never,
}

fn manifest() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Codes of what lvsctl finds, as a host reads the file that no conditional line is for. What is
/// not implemented says nothing of the file; and of a rule of which keepalived is silent only an
/// error has to be accounted for.
fn codes(path: &Path) -> Vec<&'static str> {
    let path = path.to_str().unwrap();
    let findings = lint::reading(&Disk, path, &Options::default(), &Wanted::default()).diagnostics;
    let spoken = findings
        .iter()
        .map(|finding| finding.rule)
        .filter(|rule| !rule.silent || rule.severity == Severity::Error);
    let codes = spoken.map(|rule| rule.code);
    codes.filter(|code| *code != "not-supported").collect()
}

/// Our own cases: the language, one file for each rule, and the examples.
fn own_cases() -> Vec<(String, PathBuf)> {
    let mut all = Vec::new();
    for folder in [
        "grammar/accept",
        "grammar/reject",
        "tests/lint",
        "examples/dr",
    ] {
        for entry in fs::read_dir(manifest().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path
                .extension()
                .is_some_and(|extension| extension == "conf")
            {
                all.push((format!("{folder}/{name}"), path.clone()));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn clean_or_not_agrees_with_keepalived() {
    let corpus = corpus::answers();
    let live = installed::installed().then(|| {
        let cases = own_cases().into_iter();
        let answers = cases.map(|(file, path)| keepalived::ask(file, path));
        answers.collect::<Vec<_>>()
    });
    let whole = corpus.is_some() && live.is_some();
    let mut differences = Differences::read();
    let mut wrong = Vec::new();
    for (source, answers) in [("corpus", corpus), ("own cases", live)] {
        let answers = answers.unwrap_or_default();
        let mut plain = 0;
        for answer in &answers {
            let codes = codes(&answer.path);
            match differences.judge(answer, &codes) {
                Ok(()) => {}
                Err(text) => wrong.push(text),
            }
            plain += usize::from((answer.ended == Ended::Clean) == codes.is_empty());
        }
        let all = answers.len();
        eprintln!("{source}: {all} files, {plain} alike without any entry of the table");
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    if whole {
        let needless = differences.needless();
        assert!(
            needless.is_empty(),
            "no file needs these entries:\n{}",
            needless.join("\n")
        );
    }
}
