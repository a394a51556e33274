//! Virtual servers.

mod sorry_inhibit_differs;

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[sorry_inhibit_differs::INSPECTION];
