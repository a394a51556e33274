//! Checks of real servers.

mod asking;
mod check_of_other_protocol;
mod check_option_in_vain;
mod check_without_port;
mod implied_check;
mod no_status_code;
mod payload_ends_in_ff;
mod regex_line_in_vain;
mod repeated_setting;
mod sample_digest;
mod scheme_of_other_port;
mod status_code_repeated;
mod strange_url_path;
mod timeout_outlasts_loop;

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[
    check_of_other_protocol::INSPECTION,
    check_option_in_vain::INSPECTION,
    check_without_port::INSPECTION,
    implied_check::INSPECTION,
    no_status_code::INSPECTION,
    payload_ends_in_ff::INSPECTION,
    regex_line_in_vain::INSPECTION,
    repeated_setting::INSPECTION,
    sample_digest::INSPECTION,
    scheme_of_other_port::INSPECTION,
    status_code_repeated::INSPECTION,
    strange_url_path::INSPECTION,
    timeout_outlasts_loop::INSPECTION,
];

/// A line of a `url` block.
fn of_url(known: &crate::conf::keyword::Keyword) -> bool {
    matches!(known.block, "HTTP_GET.url" | "SSL_GET.url")
}
