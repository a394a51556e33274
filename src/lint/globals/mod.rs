//! What concerns the whole file.

pub(in crate::lint) mod command;
mod empty_notification_email;
mod mail_incomplete;
mod named_list;
mod process_name_too_long;
mod relative_script;
mod reload_check_config_ends;
mod sample_mail;
mod script_in_public_place;
mod script_security_off;
mod strange_script_user;
mod sync_daemon_instance;
mod sync_daemon_line;

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[
    empty_notification_email::INSPECTION,
    mail_incomplete::INSPECTION,
    named_list::INSPECTION,
    process_name_too_long::INSPECTION,
    relative_script::INSPECTION,
    reload_check_config_ends::INSPECTION,
    sample_mail::INSPECTION,
    script_in_public_place::INSPECTION,
    script_security_off::INSPECTION,
    strange_script_user::INSPECTION,
    sync_daemon_instance::INSPECTION,
    sync_daemon_line::INSPECTION,
];
