//! Words and lines, whatever they are for.

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[];
