//! The formatter: its fixtures, and that it keeps what a file means.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

#[path = "fmt/meaning.rs"]
mod meaning;

use std::fs;
use std::path::{Path, PathBuf};

use lvsctl::fmt::{Refusal, Why, format};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Every `.conf` of a folder, in order.
fn configurations(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|is| is == "conf"));
    files.sort();
    files
}

/// Ours, and the public ones where they are.
fn all() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in [
        "grammar/accept",
        "grammar/reject",
        "tests/lint",
        "tests/lint/mistakes",
        "examples/dr",
    ] {
        files.extend(configurations(&root().join(folder)));
    }
    let corpus = root().join("../shared/corpus");
    for folder in ["lvs", "snippets", "vrrp"] {
        let folder = corpus.join(folder);
        if folder.exists() {
            files.extend(configurations(&folder));
        } else {
            eprintln!("skipped: {} is absent", folder.display());
        }
    }
    files
}

/// `LVSCTL_WRITE=1` writes what comes out, to be read.
#[test]
fn fixtures_are_laid_out_as_they_say() {
    let mut seen = 0;
    for path in configurations(&root().join("tests/fmt")) {
        let input = fs::read(&path).unwrap();
        let out =
            format(&input).unwrap_or_else(|refusal| panic!("{}: {refusal:?}", path.display()));
        let wanted = path.with_extension("out");
        if std::env::var_os("LVSCTL_WRITE").is_some() {
            fs::write(&wanted, &out).unwrap();
        }
        let want = fs::read(&wanted).unwrap();
        assert_eq!(shown(&out), shown(&want), "{}", path.display());
        assert_eq!(shown(&format(&want).unwrap()), shown(&want));
        meaning::same(&path, &out);
        seen += 1;
    }
    assert!(seen > 5, "only {seen}");
}

/// A line is longer than keepalived reads in one piece.
fn cut(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n')
        .any(|line| line.len() > 1023)
}

#[test]
fn every_file_keeps_its_meaning() {
    let (mut done, mut refused) = (0, 0);
    for path in all() {
        let text = fs::read(&path).unwrap();
        let out = match format(&text) {
            Ok(out) => out,
            Err(refusal) => {
                let line = text[..refusal.at].split(|byte| *byte == b'\n').count();
                eprintln!("left: {}:{line}: {}", path.display(), refusal.why);
                refused += 1;
                continue;
            }
        };
        assert_eq!(
            shown(&format(&out).unwrap()),
            shown(&out),
            "{}",
            path.display()
        );
        assert_eq!(cut(&text), cut(&out), "{}", path.display());
        assert!(
            !out.ends_with(b"\n\n") && !out.contains(&b'\r'),
            "{}",
            path.display()
        );
        meaning::same(&path, &out);
        done += 1;
    }
    assert!(
        done > 50 && refused < done / 10,
        "{done} done, {refused} left"
    );
}
