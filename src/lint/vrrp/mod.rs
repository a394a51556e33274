//! VRRP, on generic blocks: lvsctl leaves it to others, but says what they will find in it.

mod address_line;
mod auth_pass_too_long;
mod auth_type_unset;
mod authentication_in_vain;
mod bfd_families_differ;
mod bfd_without_neighbour;
mod deprecated_route_word;
mod duplicate_block;
mod endless_track_file;
mod family_of_instance;
mod garp_group_in_vain;
pub(super) mod instance;
mod interface_tracked_twice;
mod interface_unset;
mod interval_of_version;
mod ipv4_option_on_ipv6;
mod multicast_group;
mod no_virtual_address;
mod nopreempt_in_vain;
mod nothing_to_watch;
mod owner_begins_as_backup;
mod preempt_delay_in_vain;
mod promote_secondaries_in_vain;
mod route_line;
mod route_not_tracked;
mod router_id_taken;
mod router_id_unset;
mod rule_without_preference;
mod script_outlasts_interval;
mod strict_owner;
mod sync_group_member_missing;
mod sync_group_member_taken;
mod sync_group_too_small;
mod tracks_own_interface;
mod undefined_watch;
mod unicast_to_itself;
mod unicast_without_peer;
mod virtual_address_taken;
mod virtual_interface_name;
mod virtual_interface_taken;
mod vrrp_setting_twice;
mod watch_line;
mod weight_in_sync_group;
mod xmit_base_unset;

use super::inspection::Inspection;

/// Rules of this folder.
pub(super) static INSPECTIONS: &[Inspection] = &[
    address_line::INSPECTION,
    auth_pass_too_long::INSPECTION,
    auth_type_unset::INSPECTION,
    authentication_in_vain::INSPECTION,
    bfd_families_differ::INSPECTION,
    bfd_without_neighbour::INSPECTION,
    deprecated_route_word::INSPECTION,
    duplicate_block::INSPECTION,
    endless_track_file::INSPECTION,
    family_of_instance::INSPECTION,
    garp_group_in_vain::INSPECTION,
    interface_tracked_twice::INSPECTION,
    interface_unset::INSPECTION,
    interval_of_version::INSPECTION,
    ipv4_option_on_ipv6::INSPECTION,
    multicast_group::INSPECTION,
    no_virtual_address::INSPECTION,
    nopreempt_in_vain::INSPECTION,
    nothing_to_watch::INSPECTION,
    owner_begins_as_backup::INSPECTION,
    preempt_delay_in_vain::INSPECTION,
    promote_secondaries_in_vain::INSPECTION,
    route_line::INSPECTION,
    route_not_tracked::INSPECTION,
    router_id_taken::INSPECTION,
    router_id_unset::INSPECTION,
    rule_without_preference::INSPECTION,
    script_outlasts_interval::INSPECTION,
    strict_owner::INSPECTION,
    sync_group_member_missing::INSPECTION,
    sync_group_member_taken::INSPECTION,
    sync_group_too_small::INSPECTION,
    tracks_own_interface::INSPECTION,
    undefined_watch::INSPECTION,
    unicast_to_itself::INSPECTION,
    unicast_without_peer::INSPECTION,
    virtual_address_taken::INSPECTION,
    virtual_interface_name::INSPECTION,
    virtual_interface_taken::INSPECTION,
    vrrp_setting_twice::INSPECTION,
    watch_line::INSPECTION,
    weight_in_sync_group::INSPECTION,
    xmit_base_unset::INSPECTION,
];
