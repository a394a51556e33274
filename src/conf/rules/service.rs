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
    /// A virtual server without protocol is UDP.
    pub PROTOCOL_UNSET: Error "protocol-unset", "a virtual server without protocol is UDP";
}

rule! {
    /// A virtual server without scheduler uses wlc.
    pub SCHEDULER_UNSET: Warning "scheduler-unset", "a virtual server without scheduler uses wlc";
}

rule! {
    /// A virtual server without forwarding method uses NAT.
    pub METHOD_UNSET: Warning "method-unset", "a virtual server without forwarding method uses NAT";
}

rule! {
    /// One-packet scheduling works with UDP only.
    pub OPS_NEEDS_UDP: Warning "ops-needs-udp", "one-packet scheduling works with UDP only";
}

rule! {
    /// A scheduler's flag stands before the scheduler, or at another one.
    pub FLAG_NEEDS_SCHEDULER: Warning "flag-needs-scheduler", "a scheduler's flag stands before the scheduler, or at another one";
}

rule! {
    /// A virtual server of every port must be persistent.
    pub PORT_ZERO_NEEDS_PERSISTENCE: Error "port-zero-needs-persistence", "a virtual server of every port must be persistent";
}

rule! {
    /// A virtual server occurs twice.
    pub DUPLICATE_VIRTUAL_SERVER: Error "duplicate-virtual-server", "a virtual server occurs twice";
}

rule! {
    /// A virtual server has no real server.
    pub NO_REAL_SERVER: Error "no-real-server", "a virtual server has no real server";
}

rule! {
    /// A virtual server by mark has no protocol.
    pub PROTOCOL_WITH_MARK: Warning "protocol-with-mark", "a virtual server by mark has no protocol";
}

rule! {
    /// Checks cannot be suspended with a mark's address.
    pub HA_SUSPEND_WITH_MARK: Warning "ha-suspend-with-mark", "checks cannot be suspended with a mark's address";
}

rule! {
    /// The quorum is above the weight of all real servers.
    pub QUORUM_OUT_OF_REACH: Warning "quorum-out-of-reach", "the quorum is above the weight of all real servers";
}

rule! {
    /// The hysteresis is not below the quorum.
    pub HYSTERESIS_TOO_LARGE: Warning "hysteresis-too-large", "the hysteresis is not below the quorum";
}

rule! {
    /// An option of the sorry server stands before it.
    pub SORRY_OPTION_FIRST: Warning "sorry-option-first", "an option of the sorry server stands before it";
}
