use super::line::Line;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// The line begins with the prompt of a shell, and was copied from a terminal together with
    /// what the command printed.
    ///
    /// keepalived reads its words as an unknown keyword and ignores the line; from `#` on it is a
    /// comment.
    ///
    /// ```text
    /// [root@lb1 keepalived]# cat keepalived.conf
    /// ```
    ///
    /// Remedy: delete the line.
    RULE: Error "pasted-prompt", "a shell prompt was pasted into the file";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let mut words = line.bare();
    let first = words.next()?;
    let at = first.1.iter().position(|byte| *byte == b'@');
    let prompt = match at {
        Some(0) => false,
        // [user@host folder]# and user@host:folder$
        Some(at) => {
            (first.1[0] == b'[' && !first.1[..at].contains(&b']'))
                || holds(&first.1[at..], b":~")
                || holds(&first.1[at..], b":/")
        }
        None => first.1 == b"$" && words.next().is_some(),
    };
    prompt.then(|| {
        Diagnostic::new(&RULE, line.place(), "this is no line of a configuration")
            .note("keepalived ignores it as an unknown keyword")
            .help("delete the line")
    })
}

fn holds(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|part| part == what)
}
