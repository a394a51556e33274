//! Virtual servers.

mod sorry_inhibit_differs;

use super::check::Check;

/// Rules of this folder.
pub(super) static CHECKS: &[Check] = &[sorry_inhibit_differs::CHECK];
