//! Every rule of the linter has a file in which it finds what it should, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use lvsctl::conf::{Disk, Memory, Options};
use lvsctl::lint;

fn fixtures() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint");
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    all.sort();
    all
}

/// `#~ code …` at the end of a line means these findings on this line, and no others.
fn expected(text: &str) -> Vec<(usize, String)> {
    let marked = text
        .lines()
        .zip(1..)
        .filter_map(|(line, at)| Some((at, line.split_once("#~")?.1)));
    let codes = marked.flat_map(|(at, codes)| {
        codes
            .split_whitespace()
            .map(move |code| (at, code.to_owned()))
    });
    let mut all: Vec<_> = codes.collect();
    all.sort();
    all
}

#[test]
fn every_fixture_gives_the_findings_it_states() {
    for path in fixtures() {
        let read = lint::reading(&Disk, path.to_str().unwrap(), &Options::default());
        let found = read
            .diagnostics
            .iter()
            .filter(|finding| finding.rule.code != "not-supported");
        let found = found.map(|finding| {
            let place = read.sources.place(finding.primary.span);
            (place.line, finding.rule.code.to_owned())
        });
        let mut found: Vec<_> = found.collect();
        found.sort();
        assert_eq!(
            found,
            expected(&fs::read_to_string(&path).unwrap()),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_rule_has_a_fixture_in_which_it_is_found() {
    let mut codes = BTreeSet::new();
    for rule in lint::rules() {
        let code = rule.code;
        assert!(codes.insert(code), "{code} stands twice");
        assert!(
            code.bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
            "{code}"
        );
        let name = format!("{}/tests/lint/{code}.conf", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&name).unwrap_or_default();
        assert!(
            expected(&text).iter().any(|(_, found)| found == code),
            "{code} is not in {name}"
        );
    }
}

/// Every fixture, cut off at every seventh byte, and with a byte replaced there.
#[test]
fn a_damaged_file_gives_findings_and_no_panic() {
    let mut seen = 0;
    for path in fixtures() {
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut changed = whole.clone();
            changed[at] = b"{}\"$ \n\x00\xff"[at % 8];
            for damaged in [whole[..at].to_vec(), changed] {
                let files = Memory([("k.conf".to_owned(), damaged)].into());
                for read in lint::run(&files, "k.conf") {
                    for finding in read.diagnostics {
                        let span = finding.primary.span;
                        let length = read.sources.get(span.source).bytes.len();
                        assert!(span.start <= span.end && span.end as usize <= length);
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen > 1000, "only {seen} findings looked at");
}
