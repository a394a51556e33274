//! What concerns the whole file.

mod empty_notification_email;
mod named_list;
mod script_security_off;

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[
    empty_notification_email::INSPECTION,
    named_list::INSPECTION,
    script_security_off::INSPECTION,
];
