//! Virtual servers.

mod delay_loop_unset;
mod engine_in_vain;
mod failover_of_equals;
mod ha_suspend_with_group;
mod hash_table_too_small;
mod hash_without_fallback;
mod idle_quorum;
mod inhibit_differs;
mod nat_to_loopback;
mod odd_granularity;
mod one_destination;
mod ops_with_nat;
mod overflow_at_weight;
mod persistence_over_hash;
mod persistence_undoes_ops;
mod persistent_clients_stay;
mod quorum_never_regained;
mod repeated_keyword;
mod server_is_virtual_address;
mod sorry_inhibit_differs;
mod sorry_is_real_server;
mod udp_clients_stay;
mod unknown_engine;
mod unusable_virtual_address;
mod virtual_address_nowhere;

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[
    delay_loop_unset::INSPECTION,
    engine_in_vain::INSPECTION,
    failover_of_equals::INSPECTION,
    ha_suspend_with_group::INSPECTION,
    hash_table_too_small::INSPECTION,
    hash_without_fallback::INSPECTION,
    idle_quorum::INSPECTION,
    inhibit_differs::INSPECTION,
    nat_to_loopback::INSPECTION,
    odd_granularity::INSPECTION,
    one_destination::INSPECTION,
    ops_with_nat::INSPECTION,
    overflow_at_weight::INSPECTION,
    persistence_over_hash::INSPECTION,
    persistence_undoes_ops::INSPECTION,
    persistent_clients_stay::INSPECTION,
    quorum_never_regained::INSPECTION,
    repeated_keyword::INSPECTION,
    server_is_virtual_address::INSPECTION,
    sorry_inhibit_differs::INSPECTION,
    sorry_is_real_server::INSPECTION,
    udp_clients_stay::INSPECTION,
    unknown_engine::INSPECTION,
    unusable_virtual_address::INSPECTION,
    virtual_address_nowhere::INSPECTION,
];
