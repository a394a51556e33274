//! Every rule of the linter has a file in which it finds what it should, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "lint/peer.rs"]
mod peer;
#[path = "lint/stated.rs"]
mod stated;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use lvsctl::conf::{Disk, Memory, Options, keyword};
use lvsctl::diag::{Piece, Rule};
use lvsctl::lint::control::{Baseline, Levels, settle};
use lvsctl::lint::{self, Needs, Release, Wanted};
use stated::{differences, expected};

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

/// A fixture whose first line ends in `#~target 2.0.20` is for that release.
fn wanted(text: &str) -> Wanted {
    let first = text.lines().next().unwrap_or_default();
    let release = first.split_once("#~target ").map(|(_, release)| {
        let mut numbers = release.split('.').map(|number| number.parse().unwrap());
        let mut next = || numbers.next().unwrap();
        Release(next(), next(), next())
    });
    Wanted { target: release }
}

#[test]
fn every_fixture_gives_the_findings_it_states() {
    let mut all = Vec::new();
    for path in fixtures() {
        let text = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&text);
        let name = path.to_str().unwrap();
        let read = lint::reading(&Disk, name, &Options::default(), &wanted(&text));
        let mut read = [read];
        settle(
            &mut read,
            &Levels::default(),
            &mut Baseline::default(),
            |_| true,
        );
        all.extend(differences(&read[0], &text));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// Rules whose case is too large for a file, and the test that has it.
const ELSEWHERE: [(&str, &str, &str); 3] = [
    (
        "line-too-long",
        include_str!("conf.rs"),
        "a_flood_of_findings_is_bounded",
    ),
    (
        "too-many-findings",
        include_str!("conf.rs"),
        "a_flood_of_findings_is_bounded",
    ),
    (
        "too-much-expansion",
        include_str!("conf_expand.rs"),
        "nothing_expands_for_ever",
    ),
];

fn has_its_case_elsewhere(code: &str) -> bool {
    let case = ELSEWHERE.iter().find(|(known, ..)| *known == code);
    case.is_some_and(|(_, tests, name)| {
        let test = tests.split("#[test]").find(|test| test.contains(name));
        test.is_some_and(|test| test.contains(&format!("\"{code}\"")))
    })
}

/// A line of a fixture: its first word, that of the block around it, and the codes stated.
struct Line {
    first: String,
    block: String,
    codes: Vec<String>,
}

impl Line {
    fn fires(&self, code: &str) -> bool {
        self.codes.iter().any(|found| found == code)
    }

    /// Both begin with one keyword, or with any value in blocks of one kind.
    fn is_like(&self, other: &Self) -> bool {
        let value = keyword::blocks_of(&self.first).is_empty();
        self.first == other.first || value && self.block == other.block
    }
}

/// Lines of every fixture, those of the language included.
fn lines_of_all_fixtures() -> Vec<Line> {
    let mut paths = fixtures();
    for folder in ["grammar/accept", "grammar/reject"] {
        let folder = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
        let entries = fs::read_dir(folder).unwrap();
        paths.extend(entries.map(|entry| entry.unwrap().path()));
    }
    let mut all = Vec::new();
    for path in paths {
        let text = fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&text);
        let stated = expected(&text);
        let mut open = vec![String::new()];
        for (line, at) in text.lines().zip(1..) {
            let here = stated.iter().filter(|(line, ..)| *line == at);
            let codes = here.map(|(_, _, code)| code.clone()).collect();
            let first = line.split_whitespace().next().unwrap_or_default();
            let first = first.trim_start_matches('\u{feff}');
            let first = first.split('(').next().unwrap_or_default().to_owned();
            all.push(Line {
                block: open.last().cloned().unwrap_or_default(),
                first: first.clone(),
                codes,
            });
            for sign in line.split('#').next().unwrap_or_default().chars() {
                match sign {
                    '{' => open.push(first.clone()),
                    '}' => drop(open.pop()),
                    _ => {}
                }
            }
        }
    }
    all
}

/// Rules that look at one file alone; the others have cases of their own (`lint/peer.rs`,
/// `lint_host.rs`, `lab/rehearse.rs`).
fn of_one_file() -> impl Iterator<Item = &'static Rule> {
    let all = lint::rules().into_iter();
    all.filter(|rule| [Needs::Nothing, Needs::Target].contains(&lint::needs(rule)))
}

#[test]
fn every_rule_has_a_case_that_fires() {
    let lines = lines_of_all_fixtures();
    let mut codes = BTreeSet::new();
    for rule in of_one_file() {
        let code = rule.code;
        assert!(codes.insert(code), "{code} stands twice");
        assert!(
            code.bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
            "{code}"
        );
        if code.starts_with("peer-") {
            // Those take two files.
            continue;
        }
        let name = format!("{}/tests/lint/{code}.conf", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read(&name).unwrap_or_default();
        let own = expected(&String::from_utf8_lossy(&text));
        let has_its_own = own.iter().any(|(_, _, found)| found == code);
        let of_the_reader = rule.module.contains("::conf::");
        let among_the_others = lines.iter().any(|line| line.fires(code));
        assert!(
            has_its_own || of_the_reader && among_the_others || has_its_case_elsewhere(code),
            "{code} is not in {name}"
        );
    }
}

/// Rules that are true of a keyword wherever it stands.
const OF_THE_WORD: [&str; 2] = ["deprecated", "without-effect"];

/// A line that begins alike, of which the rule says nothing.
#[test]
fn every_rule_has_a_case_that_does_not_fire() {
    let lines = lines_of_all_fixtures();
    let mut lacking = Vec::new();
    for rule in of_one_file() {
        let code = rule.code;
        let (fires, silent): (Vec<&Line>, Vec<&Line>) =
            lines.iter().partition(|line| line.fires(code));
        let near = fires
            .iter()
            .any(|fires| silent.iter().any(|silent| fires.is_like(silent)));
        if !near && !has_its_case_elsewhere(code) && !OF_THE_WORD.contains(&code) {
            let firing: BTreeSet<&str> = fires.iter().map(|line| line.first.as_str()).collect();
            lacking.push(format!("{code} says something of every {firing:?}"));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

/// What it finds, what keepalived does, an example, the remedy.
#[test]
fn every_rule_has_a_whole_manual_entry() {
    let faults = lint::rules().into_iter().flat_map(|rule| {
        let faults = faults(rule).into_iter();
        faults.map(move |fault| format!("{}: {fault}", rule.code))
    });
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn faults(rule: &Rule) -> Vec<String> {
    let (manual, pieces) = (rule.manual(), rule.pieces());
    let paragraphs = pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Paragraph(_)));
    let ends = |text: &str| text.ends_with(['.', ':']);
    let remedy = |text: &str| text.starts_with("Remedy: ");
    let longest = manual.lines().map(|line| line.chars().count()).max();
    let laws = [
        (paragraphs.count() >= 3, "too little is said"),
        (
            matches!(&pieces[0], Piece::Paragraph(text) if ends(text)),
            "it begins with what it finds",
        ),
        (manual.matches("```text\n").count() == 1, "one example"),
        (manual.matches("```").count() == 2, "its fence"),
        (manual.contains("keepalived"), "what does keepalived do?"),
        (
            matches!(pieces.last(), Some(Piece::Paragraph(text)) if remedy(text)),
            "the remedy stands last",
        ),
        (manual.matches('`').count() % 2 == 0, "a ` is missing"),
        (longest <= Some(100), "a line is longer than 100"),
    ];
    let broken = laws.into_iter().filter(|(holds, _)| !holds);
    broken.map(|(_, law)| law.to_owned()).collect()
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
                for read in lint::run(&files, "k.conf", &Wanted::default()) {
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

/// Conditional lines leave nothing to a host that none of them is for, and there may be none.
#[test]
fn what_no_named_host_meets_says_so() {
    let text = "track_file web {\n@one file /run/one\n@two file /run/two\n}\nvrrp_script a {\n}\n";
    let files = Memory([("k.conf".to_owned(), text.into())].into());
    let read = lint::run(&files, "k.conf", &Wanted::default());
    let said = |finding: &lvsctl::diag::Diagnostic| {
        let alone = |note: &String| note.contains("no conditional line is for");
        (finding.primary.span.start, finding.notes.iter().any(alone))
    };
    let found: Vec<(u32, bool)> = read
        .iter()
        .flat_map(|read| &read.diagnostics)
        .map(said)
        .collect();
    // The file is missing on no named host, the script on every.
    assert_eq!(found, [(11, true), (69, false)]);
}
