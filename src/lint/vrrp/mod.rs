//! VRRP, on generic blocks: lvsctl leaves it to others, but says what they will find in it.

mod address_line;
mod auth_pass_too_long;
mod authentication_in_vain;
mod bfd_without_neighbour;
mod deprecated_route_word;
mod duplicate_block;
mod endless_track_file;
mod garp_group_in_vain;
mod instance;
mod interface_tracked_twice;
mod interface_unset;
mod interval_of_version;
mod ipv4_option_on_ipv6;
mod no_virtual_address;
mod nopreempt_in_vain;
mod nothing_to_watch;
mod promote_secondaries_in_vain;
mod route_line;
mod route_not_tracked;
mod router_id_taken;
mod router_id_unset;
mod rule_without_preference;
mod strict_owner;
mod sync_group_member_missing;
mod sync_group_too_small;
mod tracks_own_interface;
mod undefined_watch;
mod unicast_without_peer;
mod virtual_interface_taken;
mod watch_line;
mod weight_in_sync_group;
mod xmit_base_unset;

use super::check::Check;

/// Rules of this folder.
pub(super) static CHECKS: &[Check] = &[
    address_line::CHECK,
    auth_pass_too_long::CHECK,
    authentication_in_vain::CHECK,
    bfd_without_neighbour::CHECK,
    deprecated_route_word::CHECK,
    duplicate_block::CHECK,
    endless_track_file::CHECK,
    garp_group_in_vain::CHECK,
    interface_tracked_twice::CHECK,
    interface_unset::CHECK,
    interval_of_version::CHECK,
    ipv4_option_on_ipv6::CHECK,
    no_virtual_address::CHECK,
    nopreempt_in_vain::CHECK,
    nothing_to_watch::CHECK,
    promote_secondaries_in_vain::CHECK,
    route_line::CHECK,
    route_not_tracked::CHECK,
    router_id_taken::CHECK,
    router_id_unset::CHECK,
    rule_without_preference::CHECK,
    strict_owner::CHECK,
    sync_group_member_missing::CHECK,
    sync_group_too_small::CHECK,
    tracks_own_interface::CHECK,
    undefined_watch::CHECK,
    unicast_without_peer::CHECK,
    virtual_interface_taken::CHECK,
    watch_line::CHECK,
    weight_in_sync_group::CHECK,
    xmit_base_unset::CHECK,
];
