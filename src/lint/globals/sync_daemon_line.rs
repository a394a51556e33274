use std::net::IpAddr;

use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline, Word};

rule! {
    /// A word of `lvs_sync_daemon` that keepalived does not take, or a second such line.
    ///
    /// Such a line is `INTERFACE [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group
    /// ADDRESS]`. keepalived says what it does not know and goes on with a default, so that two
    /// directors may not hear each other; of several lines it takes the first.
    ///
    /// ```text
    /// lvs_sync_daemon eth1 VI_1 id 300
    /// ```
    ///
    /// Remedy: an `id` of 0 to 255, and a `group` that is a multicast address.
    RULE: Warning "sync-daemon-line", "keepalived does not take this of the sync daemon";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

/// Options, with the least and greatest number of each.
const NUMBERS: [(&str, u32, u32); 4] = [
    ("id", 0, 255),
    ("maxlen", 1, 65507),
    ("port", 1, 65535),
    ("ttl", 1, 255),
];

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let mut lines = outline.globals("lvs_sync_daemon");
    let Some(first) = lines.next() else {
        return;
    };
    for again in lines {
        let finding = Diagnostic::new(&RULE, again.place(), "the second time, and without effect");
        found.push(finding.context(first.place(), "this counts"));
    }
    found.extend(strange(first));
}

/// The instance that a line follows.
pub(super) fn instance(line: &Line) -> Option<&Word> {
    let [_interface, rest @ ..] = line.arguments() else {
        return None;
    };
    match rest {
        [word, name, ..] if &*word.text == "inst" => Some(name),
        [word, ..] if !is_option(word) && word.text.parse::<u32>().is_err() => Some(word),
        _ => None,
    }
}

fn is_option(word: &Word) -> bool {
    let options = ["inst", "id", "maxlen", "port", "ttl", "group"];
    options.contains(&&*word.text)
}

fn strange(line: &Line) -> Option<Diagnostic> {
    let mut words = line.arguments().iter().skip(1).peekable();
    if words.peek().is_some_and(|word| !is_option(word)) {
        words.next();
    }
    while let Some(option) = words.next() {
        let say = |word: &Word, text: String| {
            let finding = Diagnostic::new(&RULE, word.span, text);
            Some(
                finding.note("keepalived leaves it out, and two directors may not hear each other"),
            )
        };
        if !is_option(option) {
            return say(option, format!("{} is no option", option.text));
        }
        let Some(value) = words.next() else {
            return say(option, format!("{} lacks its value", option.text));
        };
        let number = NUMBERS.iter().find(|(name, ..)| *name == &*option.text);
        if let Some((_, least, most)) = number {
            let fits = value
                .text
                .parse()
                .is_ok_and(|value| (*least..=*most).contains(&value));
            if !fits {
                return say(value, format!("expected {least} to {most}"));
            }
        } else if &*option.text == "group" {
            let group = value.text.parse::<IpAddr>();
            if !group.is_ok_and(|group| group.is_multicast()) {
                return say(
                    value,
                    "expected a multicast address, such as 224.0.0.81".to_owned(),
                );
            }
        }
    }
    None
}
