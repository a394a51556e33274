use crate::conf::keyword::{Argument, Form, Inside, Keyword, find};
use crate::conf::{Node, Word, counts_its_words};
use crate::diag::{Diagnostic, rule};
use crate::lint::globals::command::{self, Command, takes_one};
use crate::lint::group::surplus;
use crate::lint::inspection::Inspection;

rule! {
    /// A line has more words than its keyword takes.
    ///
    /// keepalived drops them without a word: behind the port of a virtual server or member, behind
    /// a mark, tunnel options behind `NAT` or `DR`. Often they are a comment without its `#`, a
    /// second value where one counts, or what another version of the language had there.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 TCP {
    ///     weight 1 2
    /// ```
    ///
    /// Remedy: leave them out, or begin the comment with `#`.
    RULE: Warning silent "ignored-words", "a line has more words than count";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, is_counted, look);

/// Of these lines the reader speaks where they have a word too many.
const HEARD: [&str; 3] = ["snmp_name", "misc_path", "persistence_engine"];

/// Lines that keepalived reads to a word of its own choice.
fn is_counted(known: &Keyword) -> bool {
    // The user behind a script has a rule of its own.
    let command = takes_one(known) && known.arguments.len() > 1;
    let heard = HEARD.contains(&known.word) || counts_its_words(known);
    let pattern = known.word.starts_with("regex");
    let list = matches!(known.inside, Inside::Values(_)) && known.word != "virtual_server_group";
    let method = takes_method(known);
    !command && !heard && !pattern && !list && (method || !known.arguments.iter().any(open))
}

fn takes_method(known: &Keyword) -> bool {
    known.word == "lb_kind" || known.word.ends_with("lvs_method")
}

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let words = node.arguments().len();
    let enough = if words > 1 && takes_method(known) {
        // Options follow a tunnel alone.
        1
    } else {
        known.arguments.len()
    };
    if known.word == "virtual_server_group" {
        for member in node.children().filter(|member| !member.opaque()) {
            if let Some((index, false)) = surplus(member) {
                report(known, member.arguments().skip(index), found);
            }
        }
    }
    if words <= enough {
        return;
    }
    let mut words = node.arguments().skip(enough);
    let Some(first) = words.clone().next() else {
        return;
    };
    let plain = |word: Word<'_>| matches!(word.bytes, b"NAT" | b"DR");
    if takes_method(known) && !node.argument(0).is_some_and(plain) {
        return;
    }
    // Where quotes are escaped the words of the line are not those of the command.
    let behind = |command: Command<'_>| !command.behind.is_empty();
    if takes_one(known) && !command::of(known, node).is_some_and(behind) {
        return;
    }
    // A setting of its own is found by another rule; and a protocol behind the address where there
    // is no line of it is what the reader misses.
    let setting = find(known.block, first.text()).is_some();
    let says = |line: Node<'_>| line.keyword().bytes == b"protocol";
    let missed = known.word == "virtual_server" && is_protocol(&first);
    let missed = missed && !node.children().any(says);
    if !setting && !missed {
        report(known, words.by_ref(), found);
    }
}

/// Any number of words may stand there.
fn open(argument: &Argument) -> bool {
    argument.repeats || argument.forms.contains(&Form::Ignored)
}

fn is_protocol(word: &Word<'_>) -> bool {
    let mut names = ["TCP", "UDP", "SCTP"].into_iter();
    names.any(|name| word.text().eq_ignore_ascii_case(name))
}

fn report<'t>(
    known: &Keyword,
    mut words: impl Iterator<Item = Word<'t>>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(first) = words.next() else { return };
    let last = words.last().unwrap_or(first);
    let text = format!("{} takes none of this", known.word);
    let help = match (known.word, takes_one(known)) {
        ("virtual_server", _) => "leave it out; the protocol has a line of its own",
        ("virtual_server_group", _) => "leave it out; a member is an address and a port",
        (_, true) => "put the command and its arguments in double quotes",
        _ => "begin it with #, if it is a comment",
    };
    let finding = Diagnostic::new(&RULE, first.span.to(last.span), text)
        .note("keepalived drops it without a word")
        .help(help);
    found.push(finding);
}
