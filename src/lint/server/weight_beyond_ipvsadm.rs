use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::number;

rule! {
    /// A weight above 65535.
    ///
    /// keepalived and the kernel take it, up to 2147483647, but `ipvsadm` does not: a table that
    /// `ipvsadm --save` wrote cannot be restored, and nobody can set the weight back by hand.
    ///
    /// ```text
    /// real_server 192.0.2.11 80 {
    ///     weight 100000
    /// }
    /// ```
    ///
    /// Remedy: only the proportion of weights counts, so write smaller ones.
    RULE: Info silent "weight-beyond-ipvsadm", "ipvsadm cannot set such a weight";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, is_weight, look);

fn is_weight(known: &Keyword) -> bool {
    known.word == "weight" && matches!(known.block, "real_server" | "virtual_server")
}

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let Some(word) = node.argument(0).filter(|word| word.bytes.len() > 4) else {
        return;
    };
    let weight = number::<u32>(Some(word));
    // Beyond that it is no weight, which the reader says.
    if weight.is_some_and(|weight| weight > 65535 && i32::try_from(weight).is_ok()) {
        let finding = Diagnostic::new(&RULE, word.span, "above 65535");
        found.push(finding.help("smaller weights in the same proportion"));
    }
}
