use super::of_url;
use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A path that no web server takes.
    ///
    /// keepalived sends it as it stands, without a look: one that does not begin with `/`, or has a
    /// blank in it, makes a request that is answered with an error, and the server is taken out.
    ///
    /// ```text
    /// url {
    ///     path health
    /// }
    /// ```
    ///
    /// Remedy: begin with `/`, and write `%20` for a blank.
    RULE: Warning silent "strange-url-path", "no web server takes such a path";
}

pub(super) const INSPECTION: Inspection =
    Inspection::lines_of(&RULE, |known| known.word == "path" && of_url(known), look);

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let Some(word) = node.argument(0) else {
        return;
    };
    let path = word.bytes;
    let finding = if path.iter().any(u8::is_ascii_whitespace) {
        Diagnostic::new(&RULE, word.span, "a blank ends a path").help("write %20 for it")
    } else if path.starts_with(b"/") || path.windows(3).any(|at| at == b"://") {
        return;
    } else {
        let text = "does not begin with /";
        Diagnostic::new(&RULE, word.span, text).help(format!("write /{}", word.shown()))
    };
    found.push(finding.note("keepalived sends it as it stands"));
}
