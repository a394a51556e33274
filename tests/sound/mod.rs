//! What holds of every reading, however broken the text.

use lvsctl::conf::Loaded;
use lvsctl::diag::{json, text};

/// Every place lies in a text, and both renderers can show it.
pub(crate) fn check(loaded: &Loaded) {
    places(loaded);
    let rendered = text::render(&loaded.diagnostics, &loaded.sources, false);
    assert_eq!(rendered.is_empty(), loaded.diagnostics.is_empty());
    let findings = loaded.diagnostics.iter();
    json::render(findings.map(|finding| (finding, &loaded.sources)));
}

/// Every place lies in a text, and a file is refused for a reason that is said.
pub(crate) fn places(loaded: &Loaded) {
    for finding in &loaded.diagnostics {
        let labels = finding.context.iter().chain([&finding.primary]);
        for label in labels {
            let bytes = &loaded.sources.get(label.span.source).bytes;
            assert!(label.span.start <= label.span.end, "{finding:?}");
            assert!(label.span.end as usize <= bytes.len(), "{finding:?}");
        }
    }
    assert_eq!(
        loaded.director.is_none(),
        loaded.refusals(false).next().is_some()
    );
}
