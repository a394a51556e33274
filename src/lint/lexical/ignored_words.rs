use crate::conf::Node;
use crate::conf::keyword::{Keyword, find};
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
    if known.arguments.iter().any(|argument| argument.repeats) {
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
    let finding = Diagnostic::new(&RULE, first.span.to(last.span), text)
        .note("keepalived drops it without a word")
        .help("begin it with #, if it is a comment");
    found.push(finding);
}
