use crate::conf::keyword::{Form, Inside, Keyword};
use crate::conf::{Node, micros};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A real server or check says one thing twice, and not the same.
    ///
    /// keepalived takes the last and says nothing: the first line only looks as if it counted.
    ///
    /// ```text
    /// TCP_CHECK {
    ///     connect_timeout 3
    ///     connect_timeout 10
    /// }
    /// ```
    ///
    /// Remedy: one line.
    RULE: Warning silent "repeated-setting", "of a keyword that stands twice the last counts";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, may_repeat, look);

/// Words that may stand several times, or of which not the last counts.
const SEVERAL: [&str; 7] = [
    "status_code",
    "regex_options",
    "notify_up",
    "notify_down",
    "digest",
    "snmp_name",
    "name",
];

/// Real servers, their checks and what stands in those.
fn may_repeat(known: &Keyword) -> bool {
    let of_check = known.block == "real_server" && known.word != "FILE_CHECK";
    let block = of_check || matches!(known.word, "real_server" | "url" | "host");
    block && matches!(known.inside, Inside::Keywords(_))
}

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    if node.children().nth(1).is_none() {
        return;
    }
    for (at, line) in node.children().enumerate() {
        if line.opaque() || line.open().is_some() || line.arguments().len() == 0 {
            continue;
        }
        let word = meaning(line);
        let mut later = node.children().skip(at + 1);
        let Some(next) = later.find(|other| !other.opaque() && meaning(*other) == word) else {
            continue;
        };
        let Some(known) = line.known() else {
            continue;
        };
        let differs =
            next.argument(0).map(|word| word.bytes) != line.argument(0).map(|word| word.bytes);
        if SEVERAL.contains(&known.word) || !differs || !counts(known, next) {
            continue;
        }
        let text = format!("{} stands here in vain", known.word);
        let finding = Diagnostic::new(&RULE, line.span(), text);
        found.push(
            finding
                .context(next.span(), "this counts")
                .help("leave one of them"),
        );
    }
}

/// The keyword, and for two names of one thing the same.
fn meaning(line: Node<'_>) -> &[u8] {
    match line.keyword().bytes {
        b"nb_get_retry" => b"retry",
        other => other,
    }
}

/// What is no value of its keyword counts for nothing, and the reader says so.
fn counts(known: &Keyword, line: Node<'_>) -> bool {
    let forms = known
        .arguments
        .first()
        .map_or(&[][..], |argument| &argument.forms);
    let numbers = [Form::Number, Form::Integer, Form::Timer, Form::Port];
    let number = forms.iter().any(|form| numbers.contains(form));
    let Some(word) = line.argument(0) else {
        return false;
    };
    !number || micros(word.text().trim_start_matches('-')).is_some()
}
