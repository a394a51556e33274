//! Whether a line has what its keyword needs, and what its row says of the keyword itself.

use super::keyword::{Inside, Keyword, Support};
use super::lowering::Lowering;
use super::rules;
use super::tree::{Node, Word};
use crate::diag::{Diagnostic, Fix};

impl Lowering<'_> {
    /// Whether a known keyword has what it needs, and no block too many.
    pub(super) fn complete(&mut self, known: &'static Keyword, node: Node<'_>) -> bool {
        if !known.plain {
            self.remark(known, node);
        }
        if node.arguments().len() < known.needed {
            self.lacks_value(known, node);
            return false;
        }
        match (node.open(), known.inside) {
            (Some(open), Inside::Nothing) => {
                let text = format!("{} takes no block", known.word);
                let finding = Diagnostic::new(&rules::UNEXPECTED_BRACE, open, text)
                    .context(node.keyword().span, "of this keyword")
                    .note("keepalived takes what is inside for part of the block around it");
                self.report(finding.refuse());
                self.nothing_strays(node, node);
                false
            }
            (None, Inside::Keywords(_) | Inside::Values(_)) => {
                let text = format!("{} needs a block in braces", known.word);
                self.refuse(&rules::MISSING_BLOCK, node.span(), &text);
                if let Inside::Keywords(kind) = known.inside {
                    self.unopened = Some(kind);
                }
                false
            }
            _ => true,
        }
    }

    /// What its row has to say of a keyword, wherever it stands.
    fn remark(&mut self, known: &'static Keyword, node: Node<'_>) {
        let word = node.keyword();
        if known.daemon == Support::Refuses {
            self.not_yet(known.word, word.span);
        }
        if known.apply == Support::Warns {
            let text = format!("{} is for keepalived alone", known.word);
            self.warn(&rules::WITHOUT_EFFECT, word.span, text);
        }
        if let Some(by) = known.deprecated {
            self.report(deprecated(known, by, &word));
        }
    }

    /// A keyword lacks a value that it needs.
    fn lacks_value(&mut self, known: &'static Keyword, node: Node<'_>) {
        let word = node.keyword();
        let needed = known.block == "virtual_server" && super::stray::is_needed(known.word);
        self.lost_lines += usize::from(needed);
        let text = format!("{} needs a value", known.word);
        match without_value(known) {
            WithoutValue::Ends => self.missing(&word, &text),
            WithoutValue::Ignored => {
                let finding = Diagnostic::new(&rules::MISSING_PARAMETER, word.span, text)
                    .note("keepalived ignores the line, and so does lvsctl");
                self.report(finding);
            }
            WithoutValue::CheckDropped => {
                let finding = Diagnostic::new(&rules::MISSING_PARAMETER, word.span, text)
                    .note("keepalived drops the check, and the server is up for ever");
                self.report(finding.refuse());
            }
        }
    }
}

/// An old word; where the new one means the same to every keepalived that knows both, it can be
/// put in its place.
fn deprecated(known: &Keyword, by: Option<&'static str>, word: &Word<'_>) -> Diagnostic {
    let text = format!("{} still works, for now", known.word);
    let finding = Diagnostic::new(&rules::DEPRECATED, word.span, text);
    match by {
        None => finding,
        Some(by) if same_by_another_name(known) => {
            let title = format!("write {by}, which means the same");
            finding
                .help(title.clone())
                .fix(Fix::replace(title, word.span, by))
        }
        Some(by) => {
            let homes = super::keyword::blocks_of(by);
            let here = homes.is_empty() || homes.contains(&known.block);
            let place = match homes.first() {
                Some(home) if !here => format!(", {}", super::stray::in_place(home)),
                _ => String::new(),
            };
            finding.help(format!("{by} takes its place{place}"))
        }
    }
}

/// What keepalived does at a keyword that lacks its value.
enum WithoutValue {
    /// It ends.
    Ends,
    Ignored,
    CheckDropped,
}

fn without_value(known: &Keyword) -> WithoutValue {
    match (known.block, known.word) {
        ("MISC_CHECK", "misc_path") | ("BFD_CHECK", "name") => WithoutValue::CheckDropped,
        ("MISC_CHECK", "user")
        | ("FILE_CHECK", "weight")
        | (_, "virtualhost" | "http_protocol" | "payload" | "helo_name" | "snmp_name") => {
            WithoutValue::Ignored
        }
        _ => WithoutValue::Ends,
    }
}

/// Whether a deprecated keyword is its successor to keepalived: same words, same place, same
/// effect.
///
/// Source: `http_get_retry_handler`, `vrrp_garp_extra_if_handler`, `vrrp_thread_timer_expired_handler`
/// and `vrrp_vmac_garp_extra_if_handler`.
fn same_by_another_name(known: &Keyword) -> bool {
    let words = [
        "nb_get_retry",
        "vmac_garp_intvl",
        "thread_timer_expired",
        "vrrp_vmac_garp_intvl",
    ];
    words.contains(&known.word)
}
