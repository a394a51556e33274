use std::sync::Arc;

use super::common::Common;
use super::{Asks, common_or};
use crate::conf::keyword::Kind;
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::rules;
use crate::conf::tree::Node;
use crate::diag::Diagnostic;
use crate::model::check::{Dns, DnsName, NoDnsName, RecordType};

pub(super) fn read(to: &mut Lowering<'_>, kind: Kind, node: Node<'_>, common: &mut Common) -> Asks {
    let mut record = RecordType::default();
    let mut name = None;
    common_or(to, kind, node, common, |to, known, node| {
        match known.word {
            "type" => record = record_type(to, node).unwrap_or(record),
            "name" => set_name(&mut name, to, node),
            _ => return Taken::No,
        }
        Taken::Yes
    });
    let name = name.unwrap_or_default();
    Asks::Dns(Arc::new(Dns { record, name }))
}

fn record_type(to: &mut Lowering<'_>, node: Node<'_>) -> Option<RecordType> {
    let word = node.argument(0)?;
    let record = RecordType::named(word.text());
    if record.is_none() {
        let names = RecordType::ALL.map(RecordType::as_str).join(" ");
        to.bad_value(&word, &format!("one of {names}"));
    }
    record
}

fn set_name(slot: &mut Option<DnsName>, to: &mut Lowering<'_>, node: Node<'_>) {
    let Some(word) = node.argument(0) else { return };
    if slot.is_some() {
        let finding = Diagnostic::new(&rules::GIVEN_TWICE, node.span(), "the second time")
            .note("keepalived ignores the line, and so does lvsctl");
        to.report(finding);
        return;
    }
    match DnsName::new(word.bytes) {
        Ok(name) => *slot = Some(name),
        Err(NoDnsName::EmptyLabel) => {
            to.bad_value(&word, "a domain name without two dots together");
        }
        Err(NoDnsName::TooLong) => {
            to.lost_value(
                &word,
                "a domain name of at most 253 bytes, 63 between two dots",
            );
        }
    }
}
