use crate::conf::Node;
use crate::conf::keyword::{Inside, Keyword};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::Block;

rule! {
    /// A line that a check of this kind knows and does not use.
    ///
    /// `PING_CHECK` has no port, and keepalived up to 2.4.3 asks from any address and interface all
    /// the same; `UDP_CHECK` up to 2.4.3 does not use `bind_if`. `bind_port` needs `bindto`,
    /// `enable_sni` needs TLS, and the lengths of a reply count only where `require_reply` has
    /// data. keepalived says nothing of it.
    ///
    /// ```text
    /// PING_CHECK {
    ///     connect_port 80
    /// }
    /// ```
    ///
    /// Remedy: leave the line out, or use a check that takes it.
    RULE: Warning silent "check-option-in-vain", "a check does not use this line";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, is_check, look);

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    if node.open().is_none() {
        return;
    }
    let check = Block::of(node);
    let mut say = |line: Node<'_>, text: &str| {
        found.push(Diagnostic::new(&RULE, line.span(), text).help("leave it out"));
    };
    let all = |words: &[&str]| {
        words
            .iter()
            .filter_map(|word| check.last(word))
            .collect::<Vec<_>>()
    };
    match known.word {
        "PING_CHECK" => {
            for line in all(&["connect_port"]) {
                say(line, "a ping goes to no port");
            }
            for line in all(&["bindto", "bind_port", "bind_if", "fwmark"]) {
                say(line, "keepalived up to 2.4.3 does not use it for a ping");
            }
            return;
        }
        "UDP_CHECK" => {
            for line in all(&["bind_if"]) {
                say(line, "keepalived up to 2.4.3 does not use it over UDP");
            }
            let data = check
                .each("require_reply")
                .any(|line| line.argument(0).is_some());
            for line in all(&["min_reply_length", "max_reply_length"]) {
                if !data && check.whole() {
                    say(line, "counts only where require_reply has data");
                }
            }
        }
        "HTTP_GET" => {
            for line in all(&["enable_sni", "sni_name"]) {
                say(line, "there is no TLS to name a server in");
            }
        }
        _ => {}
    }
    for line in all(&["bind_port"]) {
        if !check.has("bindto") && check.whole() {
            say(line, "counts only beside bindto");
        }
    }
}

fn is_check(known: &Keyword) -> bool {
    known.block == "real_server" && matches!(known.inside, Inside::Keywords(_))
}
