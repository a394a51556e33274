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
    /// keepalived says `not found, ignoring` and goes on without: nothing that happens there moves
    /// the priority. It looks at what was defined above this line only. What it removed is
    /// `nothing-to-watch`, and a file it may look for without end: `endless-track-file`.
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
                // What is removed is a finding of its own.
                let removed = named().any(|(place, block)| place < at && lacks(block).is_some());
                let usable = |(place, block): (usize, &Line)| place < at && for_vrrp(block);
                let defined = match kind {
                    "track_file" => look_up(outline, at, line) != Found::No,
                    _ => named().any(usable),
                };
                if defined || removed {
                    continue;
                }
                let text = format!("no {} {} stands before it", blocks[0], line.keyword());
                let finding = Diagnostic::new(&RULE, line.place(), text)
                    .note("keepalived ignores the line: nothing moves the priority");
                found.push(match named().next() {
                    None => finding.help("define it above the instance, or leave the line out"),
                    Some((place, block)) if place < at => finding
                        .context(block.named_place(), "this one is for checks alone")
                        .help("add vrrp to its block"),
                    Some((_, block)) => finding
                        .context(block.named_place(), "this one comes too late")
                        .help("move it above the instance"),
                });
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
