//! What concerns the whole file.

mod empty_notification_email;
mod named_list;
mod script_security_off;

use super::check::Check;

/// Rules of this folder.
pub(super) static CHECKS: &[Check] = &[
    empty_notification_email::CHECK,
    named_list::CHECK,
    script_security_off::CHECK,
];
