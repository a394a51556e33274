//! Every rule of the linter has a file in which it finds what it should, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use lvsctl::conf::{Disk, Memory, Options};
use lvsctl::lint;
use lvsctl::lint::control::{Baseline, Levels, settle};

/// Files of `tests/lint`, and of `tests/lint/mistakes`: one for each mistake that people make.
fn fixtures() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint");
    let mut all = Vec::new();
    for folder in [folder.to_owned(), format!("{folder}/mistakes")] {
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        all.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "conf")));
    }
    all.sort();
    all
}

/// A finding that a fixture states: line, column if it is stated, code.
type Stated = (usize, Option<usize>, String);

/// `#~ code …` at the end of a line means these findings on this line, and no others; `#~^ code …`
/// on a line of its own speaks of the line above. `code:12` states the column, in characters from 1.
fn expected(text: &str) -> Vec<Stated> {
    let mut all = Vec::new();
    for (line, at) in text.lines().zip(1..) {
        let Some((_, codes)) = line.split_once("#~") else {
            continue;
        };
        let (codes, at) = match codes.strip_prefix('^') {
            Some(codes) => (codes, at - 1),
            None => (codes, at),
        };
        for word in codes.split_whitespace() {
            let (code, column) = match word.split_once(':') {
                Some((code, column)) => (code, Some(column.parse().unwrap())),
                None => (word, None),
            };
            all.push((at, column, code.to_owned()));
        }
    }
    all
}

/// What was found and not stated, or stated and not found, one line each.
fn differences(read: &lint::Findings, text: &str) -> Vec<String> {
    let mut stated = expected(text);
    let mut different = Vec::new();
    for finding in &read.diagnostics {
        let (code, place) = (finding.rule.code, read.sources.place(finding.primary.span));
        if code == "not-supported" {
            continue;
        }
        let same = |(line, column, stated): &Stated| {
            *line == place.line
                && stated == code
                && column.is_none_or(|column| column == place.column)
        };
        match stated.iter().position(same) {
            Some(at) => drop(stated.swap_remove(at)),
            None => different.push(format!("found {code} at {place}:{}", place.column)),
        }
    }
    let missing = stated.into_iter();
    different.extend(missing.map(|stated| format!("stated, not found: {stated:?}")));
    different
}

#[test]
fn every_fixture_gives_the_findings_it_states() {
    let mut all = Vec::new();
    for path in fixtures() {
        let read = lint::reading(&Disk, path.to_str().unwrap(), &Options::default());
        let mut read = [read];
        settle(
            &mut read,
            &Levels::default(),
            &mut Baseline::default(),
            |_| true,
        );
        let text = fs::read(&path).unwrap();
        all.extend(differences(&read[0], &String::from_utf8_lossy(&text)));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_rule_has_a_fixture_in_which_it_is_found() {
    let mut codes = BTreeSet::new();
    let reader: Vec<_> = lvsctl::conf::rules::all().collect();
    for rule in lint::rules().filter(|rule| !reader.contains(rule)) {
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
            expected(&text).iter().any(|(_, _, found)| found == code),
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
