//! What a file means, to be compared.

use std::collections::BTreeSet;
use std::path::Path;

use lvsctl::conf::{self, Disk, Files, Found, Node, Options, ReadError};
use lvsctl::lint;
use lvsctl::model::director::Director;

/// The disk, save for one file.
struct Instead<'a> {
    path: &'a str,
    bytes: &'a [u8],
}

impl Files for Instead<'_> {
    fn read(&self, path: &str) -> Result<Found, ReadError> {
        if path != self.path {
            return Disk.read(path);
        }
        Ok(Found {
            bytes: self.bytes.to_vec().into(),
            executable: false,
        })
    }

    fn glob(&self, pattern: &str) -> Vec<Vec<String>> {
        Disk.glob(pattern)
    }

    fn folder(&self, path: &str) -> String {
        Disk.folder(path)
    }
}

/// All that reading a text gives, without places.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    director: Option<Director>,
    codes: BTreeSet<&'static str>,
    /// Each line after expansion, with its blocks.
    lines: Vec<String>,
}

/// Blanks outside double quotes become one; where scripts see single quotes, none changes.
fn squeezed(line: &[u8]) -> Vec<u8> {
    if line.contains(&b'\'') {
        return line.to_vec();
    }
    let mut squeezed: Vec<u8> = Vec::new();
    let mut quoted = false;
    for byte in line {
        quoted ^= *byte == b'"';
        let blank = |byte: u8| b" \t\r\x0b\x0c".contains(&byte);
        if quoted || !blank(*byte) {
            squeezed.push(*byte);
        } else if squeezed.last().is_some_and(|last| *last != b' ') {
            squeezed.push(b' ');
        }
    }
    squeezed
}

fn visit(node: Node<'_>, depth: usize, lines: &mut Vec<String>) {
    let words: Vec<String> = node.words().map(|word| word.shown()).collect();
    let line = String::from_utf8_lossy(&squeezed(node.line())).into_owned();
    let block = node.open().is_some();
    let opaque = node.opaque();
    lines.push(format!("{depth} {words:?} {line:?} {block} {opaque}"));
    for child in node.children() {
        visit(child, depth + 1, lines);
    }
}

pub(crate) fn of(path: &str, bytes: &[u8], id: Option<&str>) -> (Meaning, BTreeSet<String>) {
    let options = Options {
        config_id: id,
        environment: Some(&|name| (name == "X").then(|| "x".to_owned())),
    };
    let files = Instead { path, bytes };
    let mut lines = Vec::new();
    let loaded = conf::each_block(&files, path, &options, &mut |node| {
        visit(node, 0, &mut lines);
    });
    let read = loaded.diagnostics.iter();
    // How often is not compared: of mistakes in a row on one line, and on several, one is said.
    let mut codes: BTreeSet<&str> = read.map(|finding| finding.rule.code).collect();
    // What is found beyond the reader's findings does not depend on the host.
    if id.is_none() {
        let linted = lint::reading(&files, path, &options, &lint::Wanted::default()).diagnostics;
        // Rules of lines as they are written may speak of what is laid out.
        let lowered = linted.iter().map(|finding| finding.rule);
        let lowered = lowered.filter(|rule| rule.subject() != "lexical");
        codes.extend(lowered.map(|rule| rule.code));
    }
    let meaning = Meaning {
        director: loaded.director,
        codes,
        lines,
    };
    (meaning, loaded.ids)
}

/// Panics where `out` in the place of a file means something else to any host.
pub(crate) fn same(path: &Path, out: &[u8]) {
    let text = std::fs::read(path).unwrap();
    same_text(path.to_str().unwrap(), &text, out);
}

/// The same for a text that is not on the disk.
pub(crate) fn same_text(path: &str, text: &[u8], out: &[u8]) {
    let (before, ids) = of(path, text, None);
    let shown = format!(
        "{path}: {:?} {:?}",
        String::from_utf8_lossy(text),
        String::from_utf8_lossy(out)
    );
    let path = if path == "k.conf" { &shown } else { path };
    compare(path, &before, &of(path, out, None).0);
    for id in ids {
        let (before, after) = (of(path, text, Some(&id)), of(path, out, Some(&id)));
        compare(path, &before.0, &after.0);
    }
}

/// Says what differs, and in which texts.
fn compare(path: &str, before: &Meaning, after: &Meaning) {
    for (one, other) in before.lines.iter().zip(&after.lines) {
        assert_eq!(one, other, "{path}");
    }
    assert_eq!(before.lines.len(), after.lines.len(), "{path}");
    assert_eq!(before.codes, after.codes, "{path}");
    assert!(before.director == after.director, "{path}");
}
