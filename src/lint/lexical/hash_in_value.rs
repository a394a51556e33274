use crate::conf::Node;
use crate::conf::keyword::{Form, Keyword};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A `#` or `!` stands in the middle of a value, and cuts it.
    ///
    /// Both signs begin a comment wherever they stand outside double quotes, with or without a
    /// blank before them, and a backslash does not protect them. keepalived goes on with what
    /// stands before the sign and says nothing: a password loses its end, a path its query.
    ///
    /// ```text
    /// auth_pass a!b
    /// path /page\#top
    /// ```
    ///
    /// Remedy: double quotes around the value, or a blank before the sign if a comment is meant.
    RULE: Warning silent "hash-in-value", "a # or ! cuts the value it stands in";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, takes_text, look);

/// Forms of values in which the sign can be meant.
const FREE: [Form; 5] = [
    Form::Word,
    Form::Path,
    Form::Host,
    Form::Name,
    Form::Command,
];

fn takes_text(known: &Keyword) -> bool {
    let mut arguments = known.arguments.iter();
    arguments.any(|argument| {
        argument
            .forms
            .first()
            .is_some_and(|form| FREE.contains(form))
    })
}

fn look(known: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    if node.open().is_some() {
        return;
    }
    let behind = node.behind();
    let (escaped, sign, next) = match *behind {
        [b'\\', sign @ (b'#' | b'!'), ref rest @ ..] => (true, sign, rest.first()),
        [sign @ (b'#' | b'!'), ref rest @ ..] => (false, sign, rest.first()),
        _ => return,
    };
    let Some(value) = node.arguments().last() else {
        return;
    };
    let at = node.arguments().len() - 1;
    let form = known
        .arguments
        .get(at)
        .and_then(|argument| argument.forms.first());
    let comment = matches!(next, Some(b' ' | b'\t' | b'#' | b'!'));
    let sign = char::from(sign);
    if !form.is_some_and(|form| FREE.contains(form)) || (comment && !escaped) {
        return;
    }
    let left = value.shown();
    let length = u32::from(escaped) + 1;
    let place = crate::diag::Span {
        start: value.span.end,
        end: value.span.end + length,
        ..value.span
    };
    let finding = Diagnostic::new(&RULE, place, format!("{} is {left}", known.word))
        .note(format!(
            "from {sign} on it is a comment, with or without a backslash"
        ))
        .help(format!(
            "put the value in double quotes if {sign} is part of it"
        ));
    found.push(finding);
}
