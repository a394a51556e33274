use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetStatus,
};

use super::Confined;

/// What is asked for: rights that this version of the interface knows. A kernel that knows less
/// gives what it has.
const KNOWN: ABI = ABI::V5;

/// Everything but reading. What is read is up to who owns it: an include may name any file, and
/// so may a check, and a reload others than the start.
fn forbidden() -> BitFlags<AccessFs> {
    AccessFs::from_all(KNOWN) & !(AccessFs::ReadFile | AccessFs::ReadDir)
}

fn allowed() -> BitFlags<AccessFs> {
    AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::MakeFifo
        | AccessFs::RemoveFile
}

/// The rules that let a thread write in these folders, or, of one that is missing, in the nearest
/// above it.
pub(super) fn open(folders: &[PathBuf]) -> Result<RulesetCreated, String> {
    let ruleset = Ruleset::default().handle_access(forbidden());
    let ruleset = ruleset
        .and_then(Ruleset::create)
        .map_err(|error| error.to_string())?;
    folders.iter().try_fold(ruleset, |ruleset, folder| {
        let place = PathFd::new(nearest(folder)).map_err(|error| error.to_string())?;
        ruleset
            .add_rule(PathBeneath::new(place, allowed()))
            .map_err(|error| error.to_string())
    })
}

/// Holds the calling thread to them.
pub(super) fn confine(rules: RulesetCreated) -> Result<Confined, String> {
    let status = rules.restrict_self().map_err(|error| error.to_string())?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Confined::Yes,
        RulesetStatus::PartiallyEnforced => Confined::Partly,
        RulesetStatus::NotEnforced => Confined::No,
    })
}

fn nearest(folder: &Path) -> &Path {
    let mut above = folder.ancestors();
    above.find(|place| place.is_dir()).unwrap_or(folder)
}
