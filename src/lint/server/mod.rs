//! Real servers.

mod unchecked_server;
mod unchecked_service;
mod weight_beyond_ipvsadm;

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[
    unchecked_server::INSPECTION,
    unchecked_service::INSPECTION,
    weight_beyond_ipvsadm::INSPECTION,
];
