//! The formatter: laid out once more a text stays as it is, and every host reads the same lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lvsctl::conf::{self, Memory, Node, Options};
use lvsctl::fmt::format;

fuzz_target!(|text: &[u8]| {
    let Ok(out) = format(text) else { return };
    assert_eq!(format(&out).as_ref(), Ok(&out), "laid out once more");
    for id in [None, Some("low")] {
        assert_eq!(lines(text, id), lines(&out, id));
    }
});

/// What is said of a text, and its lines after expansion.
fn lines(text: &[u8], id: Option<&str>) -> (Vec<&'static str>, Vec<String>) {
    let options = Options {
        config_id: id,
        environment: Some(&|name| (name == "X").then(|| "x".to_owned())),
    };
    let files = Memory([("k.conf".to_owned(), text.to_vec())].into());
    let mut lines = Vec::new();
    let loaded = conf::each_block(&files, "k.conf", &options, &mut |node| visit(node, 0, &mut lines));
    let codes = loaded.diagnostics.iter().map(|finding| finding.rule.code);
    (codes.collect(), lines)
}

fn visit(node: Node<'_>, depth: usize, lines: &mut Vec<String>) {
    let words: Vec<&[u8]> = node.words().map(|word| word.bytes).collect();
    let mut line = node.line().to_vec();
    // Scripts see the line itself; elsewhere one blank is as good as many.
    if !line.contains(&b'\'') {
        let mut quoted = false;
        let mut before = b' ';
        line.retain_mut(|byte| {
            quoted ^= *byte == b'"';
            if !quoted && b"\t\r\x0b\x0c".contains(byte) {
                *byte = b' ';
            }
            let kept = quoted || *byte != b' ' || before != b' ';
            before = *byte;
            kept
        });
    }
    lines.push(format!("{depth} {words:?} {line:?} {:?} {}", node.open().is_some(), node.opaque()));
    for child in node.children() {
        visit(child, depth + 1, lines);
    }
}
