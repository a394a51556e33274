use super::command::{self, takes_one};
use crate::conf::keyword::{Form, Inside, Keyword, Kind};
use crate::conf::{Node, Word};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// More words on a line than its keyword takes.
    ///
    /// keepalived drops them and says nothing. Often two settings stand on one line, or a comment lacks
    /// its `#`.
    ///
    /// ```text
    /// url {
    ///     path / status_code 200
    /// }
    /// ```
    ///
    /// Remedy: one setting a line; `#` before a comment; double quotes around a value with blanks.
    RULE: Warning silent "dropped-word", "keepalived drops the rest of a line";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, counts_silently, look);

/// Of these lines keepalived or the reader speaks where they have a word too many.
const HEARD: [&str; 12] = [
    "snmp_socket",
    "reload_time_file",
    "vrrp_garp_extra_if",
    "vrrp_vmac_garp_intvl",
    "vrrp_rx_bufs_multiplier",
    "garp_extra_if",
    "vmac_garp_intvl",
    "kernel_rx_buf_size",
    "snmp_name",
    "misc_path",
    "regex",
    "persistence_engine",
];

fn counts_silently(known: &Keyword) -> bool {
    let takes = &known.arguments;
    let any = |forms: &[Form]| forms.contains(&Form::Ignored);
    let open = takes
        .iter()
        .any(|argument| argument.repeats || any(&argument.forms));
    // What stands behind a list's keyword is another finding, and so is a user that is none.
    let other = matches!(known.inside, Inside::Values(_)) || (takes_one(known) && takes.len() > 1);
    !open && !other && !HEARD.contains(&known.word)
}

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let takes = known.arguments.len();
    let Some(extra) = node.argument(takes) else {
        return;
    };
    // Where quotes are escaped the words of the line are not those of the command.
    if takes_one(known) && command::of(known, node).is_none_or(|command| command.behind.is_empty())
    {
        return;
    }
    let text = match node.arguments().len() - takes {
        1 => "dropped",
        _ => "dropped, with all behind it",
    };
    let finding = Diagnostic::new(&RULE, extra.span, text);
    found.push(match remedy(known, node, &extra) {
        Some(remedy) => finding.help(remedy),
        None => finding,
    });
}

fn remedy(known: &Keyword, node: Node<'_>, extra: &Word<'_>) -> Option<String> {
    let text = extra.text();
    let block = match known.inside {
        Inside::Keywords(inside) if node.open().is_some() => inside,
        _ => known.block,
    };
    let keyword = Kind::named(block)?.find(extra.bytes).is_some();
    if takes_one(known) {
        Some("put the whole command in double quotes".to_owned())
    } else if text.starts_with("//") || text.starts_with(';') || !text.is_ascii() {
        Some("a comment begins with #".to_owned())
    } else if keyword {
        Some(format!("give {text} a line of its own"))
    } else {
        None
    }
}
