use super::line::Line;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// `//`, `/*`, `;` or `--` begins a comment in other languages, and none here.
    ///
    /// A line that begins with it is an unknown keyword, which keepalived reports and ignores.
    /// Behind a setting keepalived ignores the words without a word, as long as the setting takes
    /// no more of them: `// {` opens a block. Of a comment over several lines each one is read.
    ///
    /// ```text
    /// // the web servers
    /// delay_loop 6 // seconds
    /// ```
    ///
    /// Remedy: `#`.
    RULE: Warning "foreign-comment", "a comment begins with # or !";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let finding = |at: (usize, &[u8])| {
        Diagnostic::new(&RULE, line.word(at), "this begins no comment").help("write #")
    };
    let mut words = line.bare().enumerate();
    let (_, first) = words.next()?;
    if first.1.starts_with(b"/*") {
        let end = std::iter::once(*line).chain(line.below());
        let end = end
            .take(MOST_LINES)
            .find(|line| line.whole.windows(2).any(|part| part == b"*/"));
        let found = finding(first);
        return Some(match end {
            Some(end) => found
                .context(end.place(), "to here")
                .help("begin each line with #"),
            None => found,
        });
    }
    let begins = [&b"//"[..], b";", b"--"];
    if begins.iter().any(|sign| first.1.starts_with(sign)) {
        return Some(finding(first));
    }
    let tail =
        words.find(|(index, (_, word))| *word == b"//" || (*index > 1 && word.starts_with(b"//")));
    tail.map(|(_, word)| finding(word))
}

/// Lines of one comment, beyond which its end is not looked for.
const MOST_LINES: usize = 1000;
