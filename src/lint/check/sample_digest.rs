use super::of_url;
use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A digest that stands in keepalived's own sample files or manual.
    ///
    /// It is the MD5 sum of a page of their author's, from long ago. Of any other page it is not,
    /// so that the check always fails and keepalived takes the server out.
    ///
    /// ```text
    /// url {
    ///     path /testurl/test.jsp
    ///     digest 640205b7b0fc66c1ea91c463fac6334d
    /// }
    /// ```
    ///
    /// Remedy: the digest that `keepalived --genhash` prints of your page, or `status_code 200`.
    RULE: Warning silent "sample-digest", "the digest is that of a sample, and of no page of yours";
}

pub(super) const INSPECTION: Inspection =
    Inspection::lines_of(&RULE, |known| known.word == "digest" && of_url(known), look);

/// As the samples have them, the first in two spellings.
const SAMPLES: [&str; 5] = [
    "640205b7b0fc66c1ea91c463fac6334d",
    "640205b7b0fc66c1ea91c463fac6334c",
    "9b3a0c85a887a256d6939da88aabd8cd",
    "ff20ad2481f97b1754ef3e12ecd3a9cc",
    "ec90a42b99ea9a2f5ecbe213ac9eba03",
];

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let Some(word) = node.argument(0) else {
        return;
    };
    if SAMPLES
        .iter()
        .any(|sample| sample.eq_ignore_ascii_case(word.text()))
    {
        let finding = Diagnostic::new(&RULE, word.span, "copied from keepalived's sample")
            .note("the check always fails, and the server gets no traffic");
        found.push(finding.help("keepalived --genhash prints the digest of your page"));
    }
}
