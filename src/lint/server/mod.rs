//! Real servers and their checks.

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[];
