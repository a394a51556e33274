use super::endless_track_file::{Found, look_up};
use super::instance::watchers;
use super::nothing_to_watch::lacks;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// `track_script`, `track_file`, `track_process` or `track_bfd` names nothing that stands
    /// before it.
    ///
    /// keepalived says `not found, ignoring` and goes on without. It looks at what was defined
    /// above this line only, and not at what it removed. A file it may look for without end:
    /// `endless-track-file`.
    ///
    /// ```text
    /// vrrp_instance web {
    ///     track_script {
    ///         check-web
    ///     }
    /// }
    /// vrrp_script check-web { … }
    /// ```
    ///
    /// Remedy: define it, above the instance.
    RULE: Warning "undefined-watch", "what is tracked is not defined before this line";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

/// Blocks that track, and where what they name is defined.
const KINDS: [(&str, &[&str]); 4] = [
    ("track_script", &["vrrp_script"]),
    ("track_file", &["track_file", "vrrp_track_file"]),
    ("track_process", &["vrrp_track_process"]),
    ("track_bfd", &["bfd_instance"]),
];

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for (at, watcher) in watchers(outline) {
        for (kind, blocks) in KINDS {
            for line in watcher.within(kind) {
                let named = || {
                    blocks
                        .iter()
                        .flat_map(|block| outline.named(block, line.keyword()))
                };
                let usable = |(place, block): (usize, &Line)| {
                    place < at && lacks(block).is_none() && for_vrrp(block)
                };
                let defined = match kind {
                    "track_file" => look_up(outline, at, line) != Found::No,
                    _ => named().any(usable),
                };
                if defined {
                    continue;
                }
                let text = format!("{} is not", line.keyword());
                let mut finding = Diagnostic::new(&RULE, line.place(), text);
                if let Some((_, block)) = named().next() {
                    let text = "this comes too late, or is removed";
                    finding = finding.context(block.named_place(), text);
                }
                found.push(finding.note("keepalived ignores the line"));
            }
        }
    }
}

/// A BFD instance may be for the checks alone.
fn for_vrrp(block: &Line) -> bool {
    block.keyword() != "bfd_instance"
        || block.first("checker").is_none()
        || block.first("vrrp").is_some()
}
