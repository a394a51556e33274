//! What can be wrong with a virtual server group and its use.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[&UNDEFINED_GROUP, &EMPTY_GROUP, &GROUP_WITHOUT_GRANULARITY];

rule! {
    /// A virtual server uses a group that is not defined.
    pub UNDEFINED_GROUP: Error "undefined-group", "a virtual server uses a group that is not defined";
}

rule! {
    /// A virtual server group has no member.
    pub EMPTY_GROUP: Error "empty-group", "a virtual server group has no member";
}

rule! {
    /// Persistence_granularity has no effect on the members of a group.
    pub GROUP_WITHOUT_GRANULARITY: Warning "group-without-granularity", "persistence_granularity has no effect on the members of a group";
}
