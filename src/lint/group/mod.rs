//! Groups of virtual servers.

mod unused_empty_group;

use super::check::Check;

/// Rules of this folder.
pub(super) static CHECKS: &[Check] = &[unused_empty_group::CHECK];
