use std::sync::Arc;
use std::time::Duration;

use super::common::Common;
use super::{Asks, common_or, says};
use crate::conf::command;
use crate::conf::keyword::Kind;
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::rules;
use crate::conf::tree::{Node, Word};
use crate::diag::Diagnostic;
use crate::model::check::Misc;
use crate::model::script::Script;
use crate::model::text::Text;

pub(super) fn read(
    to: &mut Lowering<'_>,
    kind: Kind,
    node: Node<'_>,
    common: &mut Common,
) -> Option<Asks> {
    let mut script: Option<Script> = None;
    let mut runs_as: Option<(Option<Text>, Option<Text>)> = None;
    let mut timeout = None;
    let mut dynamic = false;
    common_or(to, kind, node, common, |to, known, node| {
        match known.word {
            "misc_path" => script = command::alone(to, node).or(script.take()),
            "user" => {
                let name =
                    |at, to: &mut Lowering<'_>| node.argument(at).and_then(|word| name(to, &word));
                runs_as = Some((name(0, to), name(1, to)));
            }
            "misc_timeout" => timeout = to.number(known, node).or(timeout),
            "misc_dynamic" => dynamic = to.always_true(node),
            _ => return Taken::No,
        }
        Taken::Yes
    });
    if script.is_none() && !says(node, "misc_path") {
        let finding = Diagnostic::new(&rules::NO_COMMAND, node.span(), "there is nothing to run")
            .note("keepalived drops the check, and the server is up for ever")
            .help("add misc_path with the script");
        to.report(finding.refuse());
    }
    let mut script = script?;
    (script.user, script.group) = runs_as.unwrap_or_default();
    // 0 is the same as none.
    let timeout = timeout.filter(|seconds| *seconds > 0);
    let timeout = timeout.map(|seconds| Duration::from_secs(seconds.into()));
    Some(Asks::Misc(Arc::new(Misc { script, dynamic }), timeout))
}

/// A user's or group's name; keepalived knows no numbers.
fn name(to: &mut Lowering<'_>, word: &Word<'_>) -> Option<Text> {
    if word.bytes.iter().all(u8::is_ascii_digit) {
        to.lost_value(word, "a name, not a number; keepalived drops the check");
        return None;
    }
    Some(word.value())
}
