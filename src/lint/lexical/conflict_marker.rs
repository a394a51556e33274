use super::line::Line;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A line that `git` writes where two versions of a file contradict each other: `<<<<<<<`,
    /// `=======` or `>>>>>>>`. Both versions stand in the file, one behind the other.
    ///
    /// keepalived ignores the marks as unknown keywords and goes on with both versions: of what
    /// stands twice it takes the last, or the first, or both. What stands between the marks is
    /// looked at once they are gone.
    ///
    /// ```text
    /// <<<<<<< HEAD
    /// priority 100
    /// =======
    /// priority 150
    /// >>>>>>> backup
    /// ```
    ///
    /// Remedy: choose one version, and take the three marks away.
    RULE: Error "conflict-marker", "a merge was not finished";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let mark = mark(line.whole)?;
    let text = match mark {
        b'<' => "one version begins here",
        _ => "this is a mark of git",
    };
    let mut finding = Diagnostic::new(&RULE, line.span(0, 7), text)
        .note("keepalived ignores the marks and reads both versions")
        .help("keep one version, and delete the marks");
    if mark == b'<' {
        for below in line.below() {
            match self::mark(below.whole) {
                Some(b'=') => finding = finding.context(below.span(0, 7), "the other begins here"),
                Some(b'>') => return Some(finding.context(below.span(0, 7), "and ends here")),
                Some(b'<') => break,
                _ => {}
            }
        }
    }
    Some(finding)
}

/// The sign a mark is made of: seven of them, and then a blank or nothing.
fn mark(line: &[u8]) -> Option<u8> {
    let (mark, rest) = line.split_at_checked(7)?;
    let sign = mark[0];
    let whole = matches!(sign, b'<' | b'=' | b'>' | b'|') && mark.iter().all(|byte| *byte == sign);
    (whole && matches!(rest.first(), None | Some(b' '))).then_some(sign)
}
