use crate::conf::Node;
use crate::conf::keyword::{Form, Inside, Keyword, find};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A line has more words than its keyword takes.
    ///
    /// keepalived drops them without a word. Often they are a comment without its `#`, a second value
    /// where one counts, or what another version of the language had there.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 TCP {
    ///     weight 1 2
    /// ```
    ///
    /// Remedy: leave them out, or begin the comment with `#`.
    RULE: Warning silent "ignored-words", "a line has more words than count";
}

pub(super) const INSPECTION: Inspection = Inspection::line(&RULE, look);

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let named_list = matches!(known.inside, Inside::Values(_));
    if named_list
        || known.word.starts_with("regex")
        || known.arguments.iter().any(|argument| argument.repeats)
    {
        return;
    }
    let mut words = node.arguments().skip(known.arguments.len());
    let Some(first) = words.next() else { return };
    if find(known.block, first.text()).is_some() {
        // Another rule says so.
        return;
    }
    let last = words.last().unwrap_or(first);
    let text = format!("{} takes none of this", known.word);
    let command = known
        .arguments
        .iter()
        .any(|argument| argument.forms.contains(&Form::Command));
    let help = match (known.word, command) {
        ("virtual_server", _) => "leave it out; the protocol has a line of its own",
        (_, true) => "put the command and its arguments in double quotes",
        _ => "begin it with #, if it is a comment",
    };
    let finding = Diagnostic::new(&RULE, first.span.to(last.span), text)
        .note("keepalived drops it without a word")
        .help(help);
    found.push(finding);
}
