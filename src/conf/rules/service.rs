//! What can be wrong with a virtual server.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &PROTOCOL_UNSET,
    &SCHEDULER_UNSET,
    &METHOD_UNSET,
    &OPS_NEEDS_UDP,
    &FLAG_NEEDS_SCHEDULER,
    &PORT_ZERO_NEEDS_PERSISTENCE,
    &DUPLICATE_VIRTUAL_SERVER,
    &NO_REAL_SERVER,
    &PROTOCOL_WITH_MARK,
    &HA_SUSPEND_WITH_MARK,
    &QUORUM_OUT_OF_REACH,
    &HYSTERESIS_TOO_LARGE,
    &SORRY_OPTION_FIRST,
];

rule! {
    /// A virtual server by address has no `protocol`, or one that is not known.
    ///
    /// keepalived says that it takes UDP. Of a service that was meant for TCP nothing is forwarded.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     lb_algo rr
    ///     lb_kind DR
    /// }
    /// ```
    ///
    /// Remedy: `protocol TCP`, `protocol UDP` or `protocol SCTP`.
    pub PROTOCOL_UNSET: Error "protocol-unset", "a virtual server without protocol is UDP";
}
rule! {
    /// A virtual server has no `lb_algo`, or one that is not known.
    ///
    /// keepalived says that it takes wlc, weighted least connections.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     lb_kind DR
    ///     protocol TCP
    /// }
    /// ```
    ///
    /// Remedy: an `lb_algo` line; `lb_algo wlc` where that is right.
    pub SCHEDULER_UNSET: Warning "scheduler-unset", "a virtual server without scheduler uses wlc";
}
rule! {
    /// A virtual server has no `lb_kind`, or one that is not known (`dr` in small letters is not), and
    /// one of its real servers has none of its own.
    ///
    /// keepalived says that it takes NAT. Real servers that are set up for DR or TUN answer the client
    /// past the director, and no connection comes about.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     lb_algo rr
    ///     protocol TCP
    /// }
    /// ```
    ///
    /// Remedy: `lb_kind NAT`, `lb_kind DR` or `lb_kind TUN`.
    pub METHOD_UNSET: Warning "method-unset", "a virtual server without forwarding method uses NAT";
}
rule! {
    /// `ops`, one-packet scheduling, in a virtual server that is not UDP.
    ///
    /// keepalived says that it requires UDP and leaves it out.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     protocol TCP
    ///     ops
    /// }
    /// ```
    ///
    /// Remedy: remove the line, or use `protocol UDP` if the service is UDP.
    pub OPS_NEEDS_UDP: Warning "ops-needs-udp", "one-packet scheduling works with UDP only";
}
rule! {
    /// `sh-port`, `sh-fallback`, `mh-port`, `mh-fallback` or `hashed` stands in a virtual server whose
    /// scheduler has no such flag, or above its `lb_algo` line: order counts.
    ///
    /// keepalived says that the flag only applies to that scheduler and ignores the line; of an `mh-`
    /// flag at `lb_algo sh` 2.2.7 says nothing, and it has no effect.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     sh-port
    ///     lb_algo sh
    /// }
    /// ```
    ///
    /// Remedy: put it below `lb_algo sh` or `lb_algo mh`, with the prefix of that scheduler; else remove
    /// it.
    pub FLAG_NEEDS_SCHEDULER: Warning "flag-needs-scheduler", "a scheduler's flag stands before the scheduler, or at another one";
}
rule! {
    /// A virtual server has port 0 or none, which means every port, and no `persistence_timeout`. The
    /// kernel has such a service only with persistence.
    ///
    /// keepalived says `zero port only valid for persistent services` and makes it persistent for 360
    /// seconds: a client stays with its real server.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 {
    ///     protocol TCP
    /// }
    /// ```
    ///
    /// Remedy: name the port, or add `persistence_timeout`.
    pub PORT_ZERO_NEEDS_PERSISTENCE: Error "port-zero-needs-persistence", "a virtual server of every port must be persistent";
}
rule! {
    /// Two virtual servers have the same address, port and protocol, the same mark, or a member of
    /// their groups in common.
    ///
    /// keepalived says nothing. Both blocks change one service of the kernel: what the one sets the
    /// other overwrites, and when a real server of one fails it is gone for the other.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     protocol TCP
    /// }
    /// virtual_server 192.0.2.1 80 {
    ///     protocol TCP
    /// }
    /// ```
    ///
    /// Remedy: one block with the real servers of both.
    pub DUPLICATE_VIRTUAL_SERVER: Error silent "duplicate-virtual-server", "a virtual server occurs twice";
}
rule! {
    /// A virtual server has no `real_server` block. A `sorry_server` is none.
    ///
    /// keepalived says `has no real servers - ignoring` and drops it, its sorry server included.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     protocol TCP
    ///     sorry_server 192.0.2.8 80
    /// }
    /// ```
    ///
    /// Remedy: add a `real_server` block, or remove the virtual server.
    pub NO_REAL_SERVER: Error "no-real-server", "a virtual server has no real server";
}
rule! {
    /// A virtual server by firewall mark says a `protocol`. A mark stands for packets of every protocol
    /// that the firewall marks.
    ///
    /// keepalived says that the protocol will be ignored.
    ///
    /// ```text
    /// virtual_server fwmark 3 {
    ///     protocol TCP
    /// }
    /// ```
    ///
    /// Remedy: remove the line, and mark packets of that protocol alone.
    pub PROTOCOL_WITH_MARK: Warning "protocol-with-mark", "a virtual server by mark has no protocol";
}
rule! {
    /// `ha_suspend` in a virtual server by firewall mark. It does the checks only while the address of
    /// the virtual server is on this host, and a mark has no address.
    ///
    /// keepalived says that it cannot be used with fwmarks and clears it: the checks are always done.
    ///
    /// ```text
    /// virtual_server fwmark 3 {
    ///     ha_suspend
    /// }
    /// ```
    ///
    /// Remedy: remove the line.
    pub HA_SUSPEND_WITH_MARK: Warning "ha-suspend-with-mark", "checks cannot be suspended with a mark's address";
}
rule! {
    /// `quorum` is more than the weights of all real servers together. The quorum counts weight, not
    /// servers.
    ///
    /// keepalived says so and reduces it to that sum: the quorum is lost as soon as one server fails.
    /// Where every weight is 0 it becomes 0.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     quorum 3
    ///     real_server 192.0.2.9 80 {
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: a smaller `quorum`, or greater weights.
    pub QUORUM_OUT_OF_REACH: Warning "quorum-out-of-reach", "the quorum is above the weight of all real servers";
}
rule! {
    /// `hysteresis` is not less than `quorum`. The quorum is lost below `quorum` less `hysteresis`,
    /// which would be at no weight at all.
    ///
    /// keepalived says so and goes on with the quorum less 1; with a quorum of 0 that is 4294967295.
    ///
    /// ```text
    /// quorum 2
    /// hysteresis 2
    /// ```
    ///
    /// Remedy: a `hysteresis` below the quorum, or none.
    pub HYSTERESIS_TOO_LARGE: Warning "hysteresis-too-large", "the hysteresis is not below the quorum";
}
rule! {
    /// `sorry_server_inhibit` or `sorry_server_lvs_method` stands above the `sorry_server` line, or
    /// there is none.
    ///
    /// keepalived says that it was used before or without `sorry_server` and ignores the line.
    ///
    /// ```text
    /// sorry_server_inhibit
    /// sorry_server 192.0.2.8 80
    /// ```
    ///
    /// Remedy: put it below `sorry_server`.
    pub SORRY_OPTION_FIRST: Warning "sorry-option-first", "an option of the sorry server stands before it";
}
