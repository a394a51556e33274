//! Words of virtual and real servers that say whom to tell, and how they are called.

use super::command;
use super::keyword::Keyword;
use super::lowering::Lowering;
use super::rules;
use super::tree::Node;
use crate::diag::Diagnostic;
use crate::model::script::Script;
use crate::model::server::{RealServerDetails, VirtualServerDetails};
use crate::model::text::Text;

/// Takes a line of a virtual server up if it is one of these words.
pub(super) fn of_virtual_server(
    details: &mut Option<Box<VirtualServerDetails>>,
    to: &mut Lowering<'_>,
    known: &Keyword,
    node: Node<'_>,
) -> bool {
    match known.word {
        "quorum_up" => notify(&mut details.get_or_insert_default().quorum_up, to, node),
        "quorum_down" => notify(&mut details.get_or_insert_default().quorum_down, to, node),
        "omega" => details.get_or_insert_default().omega = to.always_true(node),
        "smtp_alert" => {
            let said = to.boolean(node);
            let slot = &mut details.get_or_insert_default().smtp_alert;
            *slot = said.or(*slot);
        }
        "virtualhost" => details.get_or_insert_default().virtualhost = first(node),
        "snmp_name" => snmp_name(&mut details.get_or_insert_default().snmp_name, to, node),
        _ => return false,
    }
    true
}

/// Takes a line of a real server up if it is one of these words.
pub(super) fn of_real_server(
    details: &mut Option<Box<RealServerDetails>>,
    to: &mut Lowering<'_>,
    known: &Keyword,
    node: Node<'_>,
) -> bool {
    match known.word {
        "notify_up" => notify(&mut details.get_or_insert_default().notify_up, to, node),
        "notify_down" => notify(&mut details.get_or_insert_default().notify_down, to, node),
        "smtp_alert" => {
            let said = to.boolean(node);
            let slot = &mut details.get_or_insert_default().smtp_alert;
            *slot = said.or(*slot);
        }
        "virtualhost" => details.get_or_insert_default().virtualhost = first(node),
        "snmp_name" => snmp_name(&mut details.get_or_insert_default().snmp_name, to, node),
        _ => return false,
    }
    true
}

pub(super) fn first(node: Node<'_>) -> Option<Text> {
    node.argument(0).map(|word| word.value())
}

fn notify(slot: &mut Option<Script>, to: &mut Lowering<'_>, node: Node<'_>) {
    let script = command::notify(to, node);
    if slot.is_some() {
        let finding = Diagnostic::new(&rules::GIVEN_TWICE, node.span(), "the second time")
            .note("keepalived ignores the line, and so does lvsctl");
        to.report(finding);
        return;
    }
    *slot = script;
}

fn snmp_name(slot: &mut Option<Text>, to: &mut Lowering<'_>, node: Node<'_>) {
    if let Some(extra) = node.argument(1) {
        let finding = Diagnostic::new(&rules::EXTRA_WORD, extra.span, "a name is one word")
            .note("keepalived ignores the line, and so does lvsctl");
        to.report(finding);
        return;
    }
    *slot = first(node);
}
