//! An instance without `virtual_router_id`.
//!
//! keepalived says `the virtual router id must be set` and ends.
//!
//! ```text
//! vrrp_instance web {
//!     interface eth0
//! }
//! ```
//!
//! Remedy: `virtual_router_id N`, the same on all routers of the group.

use super::instance::instances;
use crate::diag::{Diagnostic, Rule};
use crate::lint::check::{Check, error};
use crate::lint::outline::Outline;

static RULE: Rule = error("router-id-unset", "an instance has no virtual_router_id");

pub(super) const CHECK: Check = Check::new(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        if instance.block.whole && instance.router_id().is_none() {
            let finding = Diagnostic::new(&RULE, instance.block.named_place(), "this one")
                .note("keepalived does not start");
            found.push(finding.help("add virtual_router_id, 1 to 255"));
        }
    }
}
