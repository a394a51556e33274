use std::sync::Arc;

use super::common::Common;
use super::{Asks, CheckBlock, common_or, says};
use crate::conf::keyword::Kind;
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::rules;
use crate::conf::tree::Node;
use crate::diag::Diagnostic;
use crate::model::check::Bfd;

const DROPPED: &str = "keepalived drops the check, and the server is up for ever";

/// `checks` are those of the real server so far.
pub(super) fn read(
    to: &mut Lowering<'_>,
    kind: Kind,
    node: Node<'_>,
    common: &mut Common,
    checks: &[CheckBlock],
) -> Option<Asks> {
    let mut session: Option<Arc<Bfd>> = None;
    common_or(to, kind, node, common, |to, known, node| {
        if known.word != "name" {
            return Taken::No;
        }
        session = name(to, node, session.as_ref()).or(session.take());
        Taken::Yes
    });
    if session.is_none() && !says(node, "name") {
        let finding = Diagnostic::new(&rules::NO_BFD, node.span(), "there is nothing to watch")
            .note(DROPPED)
            .help("add name with the name of a bfd_instance block");
        to.report(finding.refuse());
    }
    let session = session?;
    if checks
        .iter()
        .any(|check| matches!(&check.asks, Asks::Bfd(other) if *other == session))
    {
        let text = format!("this real server watches {} already", session.name);
        let finding = Diagnostic::new(&rules::GIVEN_TWICE, node.span(), text)
            .note("keepalived drops the second, and so does lvsctl");
        to.report(finding);
        return None;
    }
    Some(Asks::Bfd(session))
}

fn name(to: &mut Lowering<'_>, node: Node<'_>, before: Option<&Arc<Bfd>>) -> Option<Arc<Bfd>> {
    let word = node.argument(0)?;
    let name = word.value();
    let finding = if let Some(extra) = node.argument(1) {
        Diagnostic::new(&rules::EXTRA_WORD, extra.span, "a name is one word")
    } else if before.is_some() {
        Diagnostic::new(&rules::GIVEN_TWICE, node.span(), "the second time")
    } else if let Some(session) = to.watched.session(&name) {
        return Some(Arc::clone(session));
    } else {
        let text = format!(
            "no bfd_instance {name} with a neighbour of its own, and for checks, stands before this line"
        );
        Diagnostic::new(&rules::UNDEFINED_BFD, word.span, text)
    };
    to.report(finding.note(DROPPED).refuse());
    None
}
