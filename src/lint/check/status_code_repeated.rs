use crate::conf::keyword::Keyword;
use crate::conf::{Node, Word};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A status code that the same page accepts already.
    ///
    /// It changes nothing; perhaps another code was meant. keepalived says nothing of it.
    ///
    /// ```text
    /// status_code 200-299 204
    /// ```
    ///
    /// Remedy: leave it out, or write the code that was meant.
    RULE: Info silent "status-code-repeated", "a status code is accepted already";
}

pub(super) const INSPECTION: Inspection =
    Inspection::lines_of(&RULE, |known| known.word == "url", look);

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let lines = node.children().filter(|line| !line.opaque());
    let lines = lines.filter(|line| line.keyword().bytes == b"status_code");
    let mut before: Vec<(u16, u16, Word<'_>)> = Vec::new();
    for word in lines.flat_map(Node::arguments) {
        let Some((first, last)) = range(word.text()) else {
            continue;
        };
        let overlaps = |(from, to, _): &&(u16, u16, Word<'_>)| *from <= last && first <= *to;
        if let Some((_, _, earlier)) = before.iter().find(overlaps) {
            let text = if first == last {
                "this code"
            } else {
                "some of these codes"
            };
            let finding = Diagnostic::new(&RULE, word.span, text);
            found.push(finding.context(earlier.span, "here already"));
        }
        before.push((first, last, word));
    }
}

/// `None` where the reader complains of it.
fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}
