use super::command;
use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// Words behind a command that look like arguments, and are taken for a user.
    ///
    /// A notify script is one word; behind it stand the user and group to run it as. keepalived
    /// finds no such user, drops the script and says nothing.
    ///
    /// ```text
    /// notify_master /etc/keepalived/notify.sh MASTER
    /// ```
    ///
    /// Remedy: the command and its arguments in double quotes.
    RULE: Warning silent "strange-script-user", "arguments of a script are taken for its user";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, takes_a_user, look);

/// Of the others further words are no users.
fn takes_a_user(known: &Keyword) -> bool {
    command::takes_one(known) && known.arguments.len() == 3
}

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let Some(command) = command::of(known, node) else {
        return;
    };
    let [user, more @ ..] = &*command.behind else {
        return;
    };
    if more.len() > 1 || strange(user) || more.iter().any(|group| strange(group)) {
        // Where quotes are escaped the words of the line are not those of the command.
        let span = node.argument(1).map_or(command.word.span, |word| word.span);
        let finding = Diagnostic::new(&RULE, span, "taken for the user to run it as").note(
            "where there is no such user keepalived does not run the script, and says nothing",
        );
        found.push(finding.help("put the command and its arguments in double quotes"));
    }
}

/// No account is called like that.
fn strange(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    let states = [
        "master", "backup", "fault", "stop", "start", "up", "down", "add", "del", "delete", "on",
        "off", "enter", "leave", "restart", "reload", "running",
    ];
    let first = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let rest = name
        .chars()
        .all(|other| other.is_ascii_alphanumeric() || "_-.$@\\+".contains(other));
    name.len() < 2 || !first || !rest || states.contains(&&*name.to_ascii_lowercase())
}
