use crate::conf::keyword::Keyword;
use crate::conf::{Node, Word};
use crate::diag::{Diagnostic, rule};
use crate::lint::group::surplus;
use crate::lint::inspection::Inspection;

rule! {
    /// Words at the end of a line that mean nothing.
    ///
    /// keepalived passes over what stands behind the port of a virtual server or member, behind
    /// a mark or group, and over tunnel options behind `NAT` or `DR`, without a word.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 443 TCP {
    /// ```
    ///
    /// Remedy: a line of its own in the block, such as `protocol TCP`.
    RULE: Warning silent "ignored-words", "keepalived passes over words of this line";
}

pub(super) const INSPECTION: Inspection = Inspection::line(&RULE, look);

fn look(known: &'static Keyword, line: Node<'_>, found: &mut Vec<Diagnostic>) {
    if known.word == "virtual_server_group" {
        for member in line.children().filter(|member| !member.opaque()) {
            if let Some((index, false)) = surplus(member)
                && let Some(word) = member.argument(index)
            {
                found.push(ignored(&word));
            }
        }
        return;
    }
    let enough = match (known.block, known.word) {
        ("root", "virtual_server") => 2,
        ("virtual_server", "lb_kind" | "lvs_method" | "sorry_server_lvs_method")
        | ("real_server", "lvs_method") => {
            let method = line.argument(0);
            match method {
                Some(word) if matches!(word.text(), "NAT" | "DR") => 1,
                _ => return,
            }
        }
        _ => return,
    };
    let Some(word) = line.argument(enough) else {
        return;
    };
    let protocol = ["TCP", "UDP", "SCTP"];
    let protocol = protocol
        .iter()
        .any(|name| word.text().eq_ignore_ascii_case(name));
    let says = || {
        line.children()
            .any(|line| line.keyword().bytes == b"protocol")
    };
    if enough == 2 && protocol && !says() {
        // It was meant to be the protocol, whose lack the reader finds.
        return;
    }
    found.push(ignored(&word));
}

fn ignored(word: &Word<'_>) -> Diagnostic {
    let text = format!("{} means nothing here", word.shown());
    let finding = Diagnostic::new(&RULE, word.span, text);
    finding.help("leave it out, or give it a line of its own")
}
