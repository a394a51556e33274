//! Groups of virtual servers.

mod duplicate_group;
mod member_lost;
pub(super) mod members;
mod overlapping_members;
mod unused_empty_group;
mod unused_group;

use std::collections::HashSet;

use super::inspection::Inspection;
use super::outline::Outline;
pub(super) use member_lost::surplus;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[
    duplicate_group::INSPECTION,
    member_lost::INSPECTION,
    overlapping_members::INSPECTION,
    unused_empty_group::INSPECTION,
    unused_group::INSPECTION,
];

/// Names of groups that virtual servers use.
fn used(outline: &Outline) -> HashSet<&str> {
    let used = outline
        .named("virtual_server", "group")
        .filter_map(|(_, line)| line.arguments().get(1));
    used.map(|word| &*word.text).collect()
}
