//! What can be wrong with a virtual server group and its use.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[&UNDEFINED_GROUP, &EMPTY_GROUP, &GROUP_WITHOUT_GRANULARITY];

rule! {
    /// `virtual_server group NAME`, and no `virtual_server_group NAME` stands in the file. It may stand
    /// before or after its use.
    ///
    /// keepalived drops the virtual server and says nothing.
    ///
    /// ```text
    /// virtual_server group web {
    ///     protocol TCP
    /// }
    /// virtual_server_group Web {
    ///     192.0.2.1 80
    /// }
    /// ```
    ///
    /// Remedy: define the group, or correct the name; case counts.
    pub UNDEFINED_GROUP: Error silent "undefined-group", "a virtual server uses a group that is not defined";
}
rule! {
    /// A virtual server uses a group that has no member.
    ///
    /// keepalived says `has no entries - removing` of the group, and drops the virtual server.
    ///
    /// ```text
    /// virtual_server_group web {
    /// }
    /// virtual_server group web {
    /// }
    /// ```
    ///
    /// Remedy: add a member, `ADDRESS PORT` or `fwmark NUMBER`, or remove both.
    pub EMPTY_GROUP: Error "empty-group", "a virtual server group has no member";
}
rule! {
    /// A virtual server by group has a `persistence_granularity` other than single clients.
    ///
    /// keepalived forgets it for the members of a group and says nothing: each client is persistent for
    /// itself. lvsctl programs the same.
    ///
    /// ```text
    /// virtual_server group web {
    ///     persistence_timeout 300
    ///     persistence_granularity 255.255.255.0
    /// }
    /// ```
    ///
    /// Remedy: remove the line, or write a virtual server for each member.
    pub GROUP_WITHOUT_GRANULARITY: Warning silent "group-without-granularity", "persistence_granularity has no effect on the members of a group";
}
