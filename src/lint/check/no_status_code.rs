use super::of_url;
use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// `status_code` without a code.
    ///
    /// keepalived says nothing and accepts 200 to 299, as without the line.
    ///
    /// ```text
    /// url {
    ///     path /
    ///     status_code
    /// }
    /// ```
    ///
    /// Remedy: name the codes, or leave the line out.
    RULE: Warning silent "no-status-code", "status_code names no code";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(
    &RULE,
    |known| known.word == "status_code" && of_url(known),
    look,
);

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    if node.argument(0).is_none() {
        let finding = Diagnostic::new(&RULE, node.keyword().span, "200 to 299 pass");
        found.push(finding.help("name the codes, or leave the line out"));
    }
}
