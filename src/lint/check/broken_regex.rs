use crate::conf::keyword::Keyword;
use crate::conf::{Node, words_of};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A pattern whose brackets do not balance.
    ///
    /// PCRE2 refuses it. keepalived's `--config-test` says nothing; running, it uses the pattern
    /// all the same: its checker dies at the first check, is started again and dies again. No
    /// server is checked, and none is taken out.
    ///
    /// Only brackets, a backslash at the end and a repetition of nothing are looked at here.
    ///
    /// ```text
    /// regex "status (ok"
    /// ```
    ///
    /// Remedy: close what is open, or put a backslash before what is meant as it stands.
    RULE: Error silent "broken-regex", "a pattern that is none crashes keepalived's checker";
}

pub(super) const INSPECTION: Inspection =
    Inspection::lines_of(&RULE, |known| known.word == "url", look);

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let lines = || node.children().filter(|line| !line.opaque());
    let options = lines().filter(|line| line.keyword().bytes == b"regex_options");
    // With these, comments and other classes make another language of it.
    let other = [
        &b"extended"[..],
        b"allow_empty_class",
        b"alt_bsux",
        b"alt_verbnames",
    ];
    if options
        .flat_map(Node::arguments)
        .any(|word| other.contains(&word.bytes))
    {
        return;
    }
    for line in lines().filter(|line| line.keyword().bytes == b"regex") {
        let (Some(word), Some(words)) = (line.argument(0), words_of(line)) else {
            continue;
        };
        // Of more words than one the reader speaks.
        if let [_, pattern] = &*words
            && let Some(text) = fault(pattern)
        {
            let finding = Diagnostic::new(&RULE, word.span, text).note(
                "keepalived --config-test says nothing, and the checker crashes again and again",
            );
            found.push(finding);
        }
    }
}

/// What is certainly wrong with a pattern.
fn fault(pattern: &[u8]) -> Option<&'static str> {
    // Settings at its start, and (?x) anywhere, can change how the rest is read.
    if pattern.starts_with(b"(*") || pattern.windows(2).any(|at| at == b"(?") {
        return fault_of_plain(pattern).filter(|_| !changes_reading(pattern));
    }
    fault_of_plain(pattern)
}

/// A group that sets the x option, or a comment.
fn changes_reading(pattern: &[u8]) -> bool {
    let groups = pattern
        .windows(2)
        .enumerate()
        .filter(|(_, at)| *at == b"(?");
    let mut options = groups.map(|(at, _)| {
        let rest = pattern[at + 2..].iter();
        rest.take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'^' | b'#'))
    });
    options.any(|mut letters| letters.any(|byte| matches!(byte, b'x' | b'#')))
}

fn fault_of_plain(pattern: &[u8]) -> Option<&'static str> {
    let (mut open, mut at) = (0_usize, 0);
    // At the start of an alternative, where there is nothing to repeat.
    let mut start = true;
    while let Some(byte) = pattern.get(at) {
        let was_start = std::mem::replace(&mut start, false);
        at += 1;
        match byte {
            b'\\' => match pattern.get(at) {
                None => return Some("a backslash stands last"),
                Some(b'Q') => at = end_of_literal(pattern, at + 1),
                Some(b'c') => at += 2,
                Some(_) => at += 1,
            },
            b'[' => match end_of_class(pattern, at) {
                Some(end) => at = end,
                None => return Some("[ is not closed"),
            },
            b'(' => {
                open += 1;
                start = true;
                match pattern.get(at) {
                    // A verb has no nested brackets, and a group's options no repetition.
                    Some(b'*') => at += 1,
                    Some(b'?') => {
                        at += 1;
                        start = false;
                    }
                    _ => {}
                }
            }
            b')' => match open.checked_sub(1) {
                Some(less) => open = less,
                None => return Some(") closes nothing"),
            },
            b'|' => start = true,
            b'*' | b'+' | b'?' if was_start => {
                return Some("there is nothing to repeat at the start");
            }
            _ => {}
        }
    }
    (open > 0).then_some("( is not closed")
}

/// Behind `\E`, or the end.
fn end_of_literal(pattern: &[u8], from: usize) -> usize {
    let rest = pattern.get(from..).unwrap_or_default();
    let end = rest.windows(2).position(|at| at == b"\\E");
    end.map_or(pattern.len(), |end| from + end + 2)
}

/// Behind the `]` of a class whose `[` stands before `from`.
fn end_of_class(pattern: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    if pattern.get(at) == Some(&b'^') {
        at += 1;
    }
    // A ] that comes first is a member.
    if pattern.get(at) == Some(&b']') {
        at += 1;
    }
    loop {
        match pattern.get(at)? {
            b']' => return Some(at + 1),
            b'\\' if pattern.get(at + 1) == Some(&b'Q') => at = end_of_literal(pattern, at + 2),
            b'\\' => at += 2,
            // A class such as [:digit:], which is one only where it is closed.
            b'[' if matches!(pattern.get(at + 1), Some(b':' | b'.' | b'=')) => {
                let kind = [pattern[at + 1], b']'];
                let rest = &pattern[at + 2..];
                let name = rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'^');
                let name = name.count();
                at += if rest[name..].starts_with(&kind) {
                    name + 4
                } else {
                    1
                };
            }
            _ => at += 1,
        }
    }
}
