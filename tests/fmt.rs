//! The formatter: its fixtures, and that it keeps what a file means.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

#[path = "fmt/keepalived.rs"]
mod keepalived;
#[path = "fmt/meaning.rs"]
mod meaning;
#[path = "oracle/installed.rs"]
mod oracle;
mod random;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lvsctl::fmt::{Refusal, Why, format};
use random::Random;

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

/// `None` where the file is left as it is.
fn kept(path: &Path) -> Option<()> {
    let shown_path = path.display();
    let text = fs::read(path).unwrap();
    let out = match format(&text) {
        Ok(out) => out,
        Err(refusal) => {
            let line = text[..refusal.at].split(|byte| *byte == b'\n').count();
            eprintln!("left as it is: {shown_path}:{line}: {}", refusal.why);
            return None;
        }
    };
    let again = format(&out).unwrap();
    assert_eq!(shown(&again), shown(&out), "{shown_path}");
    assert_eq!(cut(&text), cut(&out), "{shown_path}");
    assert!(
        !out.ends_with(b"\n\n") && !out.contains(&b'\r'),
        "{shown_path}"
    );
    meaning::same(path, &out);
    Some(())
}

#[test]
fn every_file_keeps_its_meaning() {
    let files = all();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    done.fetch_add(usize::from(kept(path).is_some()), Ordering::Relaxed);
                }
            });
        }
    });
    let done = done.into_inner();
    assert!(
        done > 40 && done * 10 > files.len() * 9,
        "{done} of {}",
        files.len()
    );
}

/// `LVSCTL_SOAK=1` asks it of the public files too.
#[test]
fn keepalived_says_the_same_before_and_after() {
    if !oracle::installed() {
        return;
    }
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let ours = |path: &PathBuf| !path.starts_with(root().join("../shared"));
    let mut files = all();
    files.extend(configurations(&root().join("tests/fmt")));
    files.retain(|path| soak || ours(path));
    let asked = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fmt-asked.conf");
    for path in files {
        let text = fs::read(&path).unwrap();
        let Ok(out) = format(&text) else { continue };
        let before = keepalived::says(&asked, &text);
        let after = keepalived::says(&asked, &out);
        // Of some mistakes it says what happens to be in its memory.
        let steady = || before == keepalived::says(&asked, &text);
        assert!(
            before == after || !steady(),
            "{}: {before:?} {after:?}",
            path.display()
        );
    }
}

#[test]
fn what_is_not_understood_is_left_with_its_place() {
    for (text, at, why) in [
        ("a \0", 2, Why::Nul),
        (" \u{feff}a", 1, Why::ByteOrderMark),
        ("# a\rb\r\na\rb", 8, Why::CarriageReturn),
        ("a {\n}\n b \"c # d", 9, Why::Unterminated),
        ("$A b \\\nc", 5, Why::Continuation),
        ("a { @b c }", 4, Why::ConditionBehindBrace),
        ("a { $B=c \\\n}", 9, Why::Continuation),
        ("a\n<<<<<<< HEAD\n", 2, Why::ConflictMarker),
        ("a\n  ======= b\n", 4, Why::ConflictMarker),
        ("a { b }>>>>>>> c\n", 7, Why::ConflictMarker),
        ("a {\n} }", 6, Why::ClosesNothing),
        ("a {\nb {\n}", 2, Why::NotClosed),
        ("@a b {\n}\n@a }", 12, Why::ClosesNothing),
        (&"a{".repeat(33), 65, Why::TooDeep),
    ] {
        assert_eq!(
            format(text.as_bytes()),
            Err(Refusal { at, why }),
            "{text:?}"
        );
    }
}

/// Forms of the language, to be strung together.
const FORMS: [&str; 56] = [
    "a",
    "b1",
    " ",
    " ",
    "  ",
    "\t",
    "\x0b",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n\n",
    "\r\n",
    "{",
    "}",
    " {\n",
    "\n}\n",
    " { ",
    " }",
    "{}",
    "# c",
    "! c",
    " # c {",
    "# lvsctl: allow(x)\n",
    "\"q  r\"",
    "\"{\"",
    "'s  t'",
    "'",
    "\\",
    " \\\n",
    "\\#",
    "$A=1\n",
    "\n$A=x  \"y\n",
    "\n$B=c \\\n",
    "\n$B=\\\n  d {\\\n\te  f\\\n}\n",
    "$A",
    "${A}",
    "$B\n",
    "$B",
    "${_RANDOM 1  2}",
    "${_HASH}",
    "\n@i ",
    "\n@^i  ",
    "@",
    "\n@i o {\n@j  p {\n",
    "~SEQ(A,1,3) ",
    "\n~LST({A,C},{1,2},{3})  ",
    "~",
    "include ",
    "\ninclude  d  e.conf\n",
    "includew\t*",
    "script 'x  y' \"z\"",
    "virtual_server  192.0.2.1 80{\n",
    "real_server 192.0.2.9\t80 { weight  2 }\n",
    "\u{e9}",
    "a\"b\"",
];

/// `LVSCTL_SEED=N` draws others, `LVSCTL_SOAK=1` many more.
#[test]
fn whatever_is_strung_together_keeps_its_words() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seed = number("LVSCTL_SEED").unwrap_or(1);
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let mut random = Random::new(seed);
    let (mut done, rounds) = (0, if soak { 200_000 } else { 1_000 });
    for _ in 0..rounds {
        let length = random.below(14) + 1;
        let mut text = String::new();
        for _ in 0..length {
            text.push_str(random.one_of(&FORMS));
        }
        // Closing what is open makes more of them something that is understood.
        let (opened, closed) = (text.matches('{').count(), text.matches('}').count());
        if random.once_in(2) {
            text.push_str(&"\n}".repeat(opened.saturating_sub(closed)));
        }
        let Ok(out) = format(text.as_bytes()) else {
            continue;
        };
        done += 1;
        let again = format(&out).map(|text| shown(&text));
        assert_eq!(again, Ok(shown(&out)), "seed {seed}, {text:?}");
        meaning::same_text("k.conf", text.as_bytes(), &out);
    }
    assert!(done * 4 > rounds, "{done} of {rounds}");
}
