//! What holds for every text, however broken.

use std::collections::BTreeMap;

use lvsctl::conf::{self, Loaded, Memory, Options};
use lvsctl::diag::{json, text};
use lvsctl::health;

/// Reads files, of which `k.conf` is the first, and asserts that what comes of it is sound.
pub fn read(files: BTreeMap<String, Vec<u8>>, id: Option<&str>) -> Loaded {
    let options = Options {
        config_id: id,
        environment: Some(&|name| (name == "X").then(|| "x".to_owned())),
    };
    let files = Memory(files);
    let loaded = conf::each_block(&files, "k.conf", &options, &mut |node| visit(node, 0));
    check(&loaded);
    loaded
}

/// Every word, line and place of a block can be asked for.
fn visit(node: conf::Node<'_>, depth: usize) {
    assert!(depth <= 32);
    assert!(node.words().len() == node.arguments().len() + 1);
    for word in node.words() {
        word.shown();
    }
    let line = node.line();
    assert!(node.opaque() || line.len() >= node.keyword().bytes.len());
    node.span();
    for inner in node.children() {
        visit(inner, depth + 1);
    }
}

/// Places lie in their texts, both renderings work, and what is accepted makes a table.
pub fn check(loaded: &Loaded) {
    let sources = &loaded.sources;
    for finding in &loaded.diagnostics {
        for label in finding.context.iter().chain([&finding.primary]) {
            let length = sources.get(label.span.source).bytes.len();
            assert!(label.span.start <= label.span.end, "{finding:?}");
            assert!(label.span.end as usize <= length, "{finding:?}");
        }
    }
    let few = &loaded.diagnostics[..loaded.diagnostics.len().min(20)];
    text::render(few, sources, true);
    json::render(few.iter().map(|finding| (finding, sources)));
    match &loaded.director {
        Some(director) => {
            let table = health::all_up(director);
            let keys: usize = director.virtual_servers.iter().map(|one| one.keys.len()).sum();
            assert_eq!(table.len(), keys, "a service key occurs twice");
            assert_eq!(loaded.refusals(false).count(), 0);
        }
        None => assert_ne!(loaded.refusals(false).count(), 0),
    }
}
