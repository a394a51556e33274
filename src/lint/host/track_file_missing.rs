use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::needs::Needs;
use super::tally::{Place, Tally};
use super::{Host, Inspection, Seen};
use crate::diag::{Diagnostic, rule};

rule! {
    /// The file of a `track_file` block is not on this machine, and keepalived is not told to make
    /// it.
    ///
    /// Found by `lint --host` alone. Whoever writes to the file may well make it later; until then
    /// nothing is tracked.
    ///
    /// keepalived takes a file that is not there for the number 0, and waits for it; where its
    /// folder is not there either, it drops the block and what tracks it. `--config-test` says
    /// nothing.
    ///
    /// ```text
    /// track_file maintenance {
    ///     file /run/maintenance
    /// }
    /// ```
    ///
    /// Remedy: `init_file` in the block, or make the file.
    RULE: Warning silent "track-file-missing", "a tracked file is not on this machine";
}

pub(super) const INSPECTION: Inspection = Inspection { rule: &RULE, look };

fn look(needs: &Needs, host: &dyn Host, found: &mut Vec<Diagnostic>) {
    for (path, place) in absent(host, &needs.track_files) {
        let finding = Diagnostic::new(&RULE, place.first, no(path));
        let finding = match path.parent() {
            Some(folder) if host.about(folder) == Seen::Missing => {
                let folder = folder.display();
                finding.note(format!("without {folder} keepalived tracks nothing"))
            }
            _ => finding.help("add init_file to the block, or make the file"),
        };
        found.push(place.count(finding));
    }
}

/// Files with absolute paths that are not there.
pub(super) fn absent<'n>(
    host: &'n dyn Host,
    files: &'n Tally<Vec<u8>>,
) -> impl Iterator<Item = (&'n Path, Place)> + 'n {
    files.iter().filter_map(|(name, place)| {
        let path = Path::new(OsStr::from_bytes(name));
        let missing = path.is_absolute() && host.about(path) == Seen::Missing;
        missing.then_some((path, place))
    })
}

pub(super) fn no(path: &Path) -> String {
    format!("there is no {}", path.display())
}
