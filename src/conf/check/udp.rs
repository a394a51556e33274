use std::sync::Arc;

use super::common::Common;
use super::{Asks, common_or, hex};
use crate::conf::keyword::{Keyword, Kind};
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::rules;
use crate::conf::tree::Node;
use crate::conf::value::Fault;
use crate::diag::{Diagnostic, Span};
use crate::model::check::{Like, Reply, Udp};

/// A `UDP_CHECK` block as written.
#[derive(Default)]
struct Lines {
    payload: Option<Box<[u8]>>,
    required: bool,
    bytes: Option<Box<[(u8, u8)]>>,
    least: Option<(u16, Span)>,
    most: Option<(u16, Span)>,
}

/// Bytes of the longest reply where nothing is said.
const MOST: u16 = 255;

pub(super) fn read(to: &mut Lowering<'_>, kind: Kind, node: Node<'_>, common: &mut Common) -> Asks {
    let mut lines = Lines::default();
    common_or(to, kind, node, common, |to, known, node| {
        lines.line(to, known, node)
    });
    Asks::Udp(Arc::new(lines.lower(to, node)))
}

impl Lines {
    fn line(&mut self, to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> Taken {
        match known.word {
            "payload" => {
                let bytes = hex::read(node, false);
                if bytes.is_none() {
                    not_hex(to, node, "keepalived sends something else");
                }
                let values = bytes.map(|bytes| bytes.into_iter().map(|(value, _)| value).collect());
                self.payload = values.or(self.payload.take());
            }
            "require_reply" => {
                self.required = true;
                if node.argument(0).is_some() {
                    let bytes = hex::read(node, true);
                    if bytes.is_none() {
                        not_hex(to, node, "any reply passes, at keepalived too");
                    }
                    self.bytes = bytes.map(Into::into).or(self.bytes.take());
                }
            }
            "min_reply_length" => self.least = length(to, known, node).or(self.least),
            "max_reply_length" => self.most = length(to, known, node).or(self.most),
            _ => return Taken::No,
        }
        Taken::Yes
    }

    fn lower(self, to: &mut Lowering<'_>, node: Node<'_>) -> Udp {
        let (least, _) = self.least.unwrap_or((0, node.span()));
        let (most, _) = self.most.unwrap_or((MOST, node.span()));
        if least > most {
            let at = self
                .least
                .or(self.most)
                .map_or(node.span(), |(_, span)| span);
            let text = format!("at least {least} bytes, and at most {most}");
            let finding = Diagnostic::new(&rules::REPLY_NEVER_FITS, at, text)
                .note("where reply data is given, the check always fails, at keepalived too");
            to.report(finding);
        }
        let reply = match self.bytes {
            _ if !self.required => Reply::NotNeeded,
            None => Reply::Any,
            Some(bytes) => Reply::Like(Like { bytes, least, most }),
        };
        Udp {
            payload: self.payload,
            reply,
        }
    }
}

fn length(to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> Option<(u16, Span)> {
    let length = to.number(known, node)?;
    u16::try_from(length)
        .ok()
        .map(|length| (length, node.span()))
}

fn not_hex(to: &mut Lowering<'_>, node: Node<'_>, effect: &str) {
    let Some(word) = node.argument(0) else { return };
    let fault = Fault {
        rule: &rules::BAD_VALUE,
        text: "expected pairs of hexadecimal digits, without 0x".to_owned(),
        note: Some(effect.to_owned()),
        refused: false,
    };
    to.fault(fault, &word);
}
