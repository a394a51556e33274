use crate::conf::keyword::Keyword;
use crate::conf::lowering::Lowering;
use crate::conf::rules;
use crate::conf::tree::Node;
use crate::diag::{Diagnostic, Span};
use crate::model::quorum::Quorum;

/// The lines `quorum` and `hysteresis`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct QuorumLines {
    minimum: Option<(u32, Span)>,
    hysteresis: Option<(u32, Span)>,
}

impl QuorumLines {
    /// Takes a line up if it is one of these.
    pub(super) fn read(&mut self, to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> bool {
        match known.word {
            "quorum" => {
                // A bad number sets it back to 1.
                let number = to.number(known, node).unwrap_or(1);
                self.minimum = Some((number, node.span()));
            }
            "hysteresis" => {
                let number = to.number(known, node);
                self.hysteresis = number.map(|n| (n, node.span())).or(self.hysteresis);
            }
            _ => return false,
        }
        true
    }

    /// What it comes to with real servers of this weight in all, `total`.
    pub(super) fn lower(self, to: &mut Lowering<'_>, total: u64, server: Span) -> Quorum {
        let (mut minimum, span) = self.minimum.unwrap_or((1, server));
        if u64::from(minimum) > total {
            minimum = u32::try_from(total).unwrap_or(u32::MAX);
            let text = format!("the real servers weigh {total} in all");
            let finding = Diagnostic::new(&rules::QUORUM_OUT_OF_REACH, span, text)
                .note(format!(
                    "keepalived goes on with {minimum}, and so does lvsctl"
                ))
                .help(match total {
                    0 => "larger weights".to_owned(),
                    total => format!("a quorum of at most {total}, or larger weights"),
                });
            to.report(finding);
        }
        let (mut hysteresis, span) = self.hysteresis.unwrap_or((0, span));
        if hysteresis >= minimum {
            // With a quorum of 0 keepalived's counter falls below zero; nothing is below 0 here.
            hysteresis = minimum.saturating_sub(1);
            if self.hysteresis.is_some() {
                let text = format!("it must be below the quorum, {minimum}");
                let finding = Diagnostic::new(&rules::HYSTERESIS_TOO_LARGE, span, text).note(
                    format!("keepalived goes on with {hysteresis}, and so does lvsctl"),
                );
                to.report(finding);
            }
        }
        Quorum {
            minimum,
            hysteresis,
        }
    }
}
