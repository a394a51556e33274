//! What can be wrong with a real server.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &PORT_NEEDS_NAT,
    &PORT_WITH_MARK,
    &DUPLICATE_REAL_SERVER,
    &MIXED_FAMILIES,
    &LOWER_ABOVE_UPPER,
];

rule! {
    /// A real server or sorry server behind DR or TUN has another port than its virtual server. These
    /// methods hand the packet on as it came, and only NAT can change the port in it.
    ///
    /// keepalived says `ports don't match - resetting` and goes on with the port of the virtual
    /// server. Checks still ask the port that is written, so that they watch another service than the
    /// one that gets the traffic.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     lb_kind DR
    ///     real_server 192.0.2.9 8080 {
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: the port of the virtual server, or `lvs_method NAT`; `connect_port` for a check of another
    /// port.
    pub PORT_NEEDS_NAT: Error "port-needs-nat", "only NAT can change the destination port";
}
rule! {
    /// A real server or sorry server behind DR or TUN has a port, and its virtual server is a firewall
    /// mark or a group whose members have different ports or none. The packet arrives for the port that
    /// the client asked for.
    ///
    /// keepalived says `has port specified` and clears or ignores the port.
    ///
    /// ```text
    /// virtual_server fwmark 3 {
    ///     lb_kind DR
    ///     real_server 192.0.2.9 80 {
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: leave the port out and give checks their `connect_port`, or use NAT.
    pub PORT_WITH_MARK: Warning "port-with-mark", "without NAT a mark or a member decides the port";
}
rule! {
    /// Two real servers of one virtual server have the same address and port, perhaps because the port
    /// of one was reset (`port-needs-nat`).
    ///
    /// keepalived says `is duplicated - removing second rs`: weight and checks of the second are lost.
    ///
    /// ```text
    /// real_server 192.0.2.9 80 {
    ///     weight 1
    /// }
    /// real_server 192.0.2.9 80 {
    ///     weight 3
    /// }
    /// ```
    ///
    /// Remedy: remove one, or correct its address.
    pub DUPLICATE_REAL_SERVER: Error "duplicate-real-server", "a real server occurs twice";
}
rule! {
    /// IPv4 and IPv6 meet where only a tunnel could join them: a real server or sorry server of another
    /// family than its virtual server or than the servers before it, or a group with members of
    /// both and servers behind NAT or DR.
    ///
    /// keepalived says `Address family … don't match - skipping real server`. A virtual server whose
    /// group has members of another family than its servers it drops without a word; a group with IPv4,
    /// IPv6 and a mark without family it drops too, and says so.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     lb_kind DR
    ///     real_server 2001:db8::9 80 {
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: a virtual server of its own for each family, or `lvs_method TUN` at that server. Behind a
    /// mark in a group write `inet` or `inet6`.
    pub MIXED_FAMILIES: Error "mixed-families", "only a tunnel can lead to a real server of another address family";
}
rule! {
    /// `lthreshold` is above `uthreshold`, or there is no `uthreshold`, which is 0 and no limit.
    ///
    /// keepalived says nothing. The kernel refuses such a real server, and it is missing from the
    /// table.
    ///
    /// ```text
    /// uthreshold 100
    /// lthreshold 200
    /// ```
    ///
    /// Remedy: an `lthreshold` not above `uthreshold`. New connections stop above the upper one, and come
    /// again below the lower.
    pub LOWER_ABOVE_UPPER: Error silent "lower-above-upper", "the lower connection threshold is above the upper";
}
