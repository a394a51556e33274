use crate::conf::Node;
use crate::conf::keyword::{Keyword, find};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// Two settings stand on one line.
    ///
    /// A line is one setting, and braces are the only other thing that parts two. keepalived takes
    /// what the first keyword wants, and drops the other words without a word.
    ///
    /// ```text
    /// delay_loop 6 lb_algo rr
    /// ```
    ///
    /// Remedy: a line for each.
    RULE: Error silent "several-on-a-line", "a line is one setting, and this one has more";
}

pub(super) const INSPECTION: Inspection = Inspection::line(&RULE, look);

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let Some(second) = second(known, node) else {
        return;
    };
    let name = second.text();
    let text = format!("{name} is lost behind {}", known.word);
    let finding = Diagnostic::new(&RULE, second.span, text)
        .note("keepalived drops it without a word")
        .help(format!("begin a new line before {name}"));
    found.push(finding);
}

/// The first word that the keyword does not need, if it is a keyword of the same block.
fn second<'t>(known: &Keyword, node: Node<'t>) -> Option<crate::conf::Word<'t>> {
    let words = node.arguments();
    if words.len() <= known.needed {
        return None;
    }
    let words = words.skip(known.needed);
    let mut words = words.take(known.arguments.len() + 1);
    words.find(|word| {
        let letter = word.bytes.first().is_some_and(u8::is_ascii_alphabetic);
        letter && find(known.block, word.text()).is_some()
    })
}
