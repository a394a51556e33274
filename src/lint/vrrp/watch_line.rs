use std::collections::HashMap;

use super::instance::watchers;
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// A line of a `track_…` block that keepalived cannot read, or that stands twice.
    ///
    /// Such a line is `NAME [weight N [reverse|noreverse]]`. keepalived ignores what it does not
    /// know, and the second line of one name: a weight is not the one that is written.
    ///
    /// ```text
    /// track_script {
    ///     check-web wieght -20
    /// }
    /// ```
    ///
    /// Remedy: one line for each name, with a weight of -253 to 253.
    RULE: Warning "watch-line", "keepalived does not take this line as written";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

/// Blocks that track, and the largest weight.
const KINDS: [(&str, i32); 5] = [
    ("track_interface", 253),
    ("track_script", 253),
    ("track_bfd", 253),
    ("track_file", 254),
    ("track_process", 254),
];

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for (_, watcher) in watchers(outline) {
        for (kind, most) in KINDS {
            let mut known: HashMap<&str, Span> = HashMap::new();
            for line in watcher.within(kind) {
                if let Some(first) = known.get(line.keyword()) {
                    let text = format!("{} stands twice, keepalived ignores this", line.keyword());
                    let finding = Diagnostic::new(&RULE, line.place(), text);
                    found.push(finding.context(*first, "first here"));
                    continue;
                }
                known.insert(line.keyword(), line.place());
                found.extend(strange(kind, most, line));
            }
        }
    }
}

fn strange(kind: &str, most: i32, line: &Line) -> Option<Diagnostic> {
    let [option, rest @ ..] = line.arguments() else {
        return None;
    };
    let (word, text) = if &*option.text != "weight" {
        (option, "expected weight, the rest is ignored".to_owned())
    } else if let [weight, rest @ ..] = rest {
        let number = weight.text.parse::<i32>().ok();
        if number.is_none_or(|number| number.abs() > most) {
            (weight, format!("expected -{most} to {most}"))
        } else {
            let last = rest.first()?;
            match &*last.text {
                "reverse" => return None,
                "noreverse" if kind != "track_interface" => return None,
                _ => (last, "expected reverse".to_owned()),
            }
        }
    } else {
        (option, "weight lacks its value".to_owned())
    };
    Some(Diagnostic::new(&RULE, word.span, text))
}
