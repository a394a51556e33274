use super::instance::watchers;
use super::nothing_to_watch::lacks;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// `track_file` names a file that is not defined, behind one that is.
    ///
    /// keepalived 2.2.7 looks for the name in an endless loop: it neither starts nor ends, and its
    /// `--config-test` hangs. Where no file stands before the line it ignores the line:
    /// `undefined-watch`.
    ///
    /// ```text
    /// track_file load {
    ///     file "/run/load"
    /// }
    /// vrrp_instance web {
    ///     track_file {
    ///         laod
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: define it, above the instance.
    RULE: Error "endless-track-file", "keepalived never ends to look for this file";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for (at, watcher) in watchers(outline) {
        for line in watcher.within("track_file") {
            if look_up(outline, at, line) == Found::Never {
                let text = format!("there is no track_file {}", line.keyword());
                let finding = Diagnostic::new(&RULE, line.place(), text);
                found.push(finding.note("keepalived 2.2.7 hangs, its --config-test too"));
            }
        }
    }
}

/// What keepalived makes of a line of a `track_file` block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Yes,
    No,
    Never,
}

/// Looks a file up for a block at `at`. Where one is defined before, keepalived looks through those
/// of the whole text.
pub(super) fn look_up(outline: &Outline, at: usize, line: &Line) -> Found {
    let kinds = ["track_file", "vrrp_track_file"];
    let usable = |block: &Line| lacks(block).is_none();
    let mut all = kinds.iter().flat_map(|kind| outline.each_at(kind));
    if !all.any(|(place, block)| place < at && usable(block)) {
        return Found::No;
    }
    let mut named = kinds
        .iter()
        .flat_map(|kind| outline.named(kind, line.keyword()));
    if named.any(|(_, block)| usable(block)) {
        Found::Yes
    } else {
        Found::Never
    }
}
