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
    /// Only NAT can change the destination port.
    pub PORT_NEEDS_NAT: Error "port-needs-nat", "only NAT can change the destination port";
}

rule! {
    /// Without NAT a mark or a member decides the port.
    pub PORT_WITH_MARK: Warning "port-with-mark", "without NAT a mark or a member decides the port";
}

rule! {
    /// A real server occurs twice.
    pub DUPLICATE_REAL_SERVER: Error "duplicate-real-server", "a real server occurs twice";
}

rule! {
    /// Only a tunnel can lead to a real server of another address family.
    pub MIXED_FAMILIES: Error "mixed-families", "only a tunnel can lead to a real server of another address family";
}

rule! {
    /// The lower connection threshold is above the upper.
    pub LOWER_ABOVE_UPPER: Error "lower-above-upper", "the lower connection threshold is above the upper";
}
