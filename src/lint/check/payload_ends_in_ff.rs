use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A UDP payload that ends in `ff`.
    ///
    /// keepalived up to 2.3.2 says `Invalid hex string`, and sends 32 bytes of its own instead,
    /// which the server may not answer. Later releases and lvsctl send what is written.
    ///
    /// ```text
    /// UDP_CHECK {
    ///     payload 00ff
    /// }
    /// ```
    ///
    /// Remedy: another question, or a keepalived of 2.3.3 or later.
    RULE: Error "payload-ends-in-ff", "keepalived before 2.3.3 sends something else";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(
    &RULE,
    |known| known.block == "UDP_CHECK" && known.word == "payload",
    look,
);

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b' ' || byte == b'\t';
    // What is no payload at all the reader says.
    if !node
        .arguments()
        .all(|word| word.bytes.iter().all(|byte| hex(*byte)))
    {
        return;
    }
    if let Some(last) = node.arguments().last()
        && last.bytes.to_ascii_lowercase().ends_with(b"ff")
    {
        found.push(Diagnostic::new(&RULE, last.span, "ends in ff"));
    }
}
