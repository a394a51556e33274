//! Groups of virtual servers.

mod unused_empty_group;

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[unused_empty_group::INSPECTION];
