//! An instance without an interface, or on the loopback.
//!
//! keepalived says `Unknown interface!` and ends, for a unicast instance too (2.2.7).
//!
//! ```text
//! vrrp_instance web {
//!     virtual_router_id 5
//! }
//! ```
//!
//! Remedy: `interface NAME`.

use super::instance::instances;
use crate::diag::{Diagnostic, Rule};
use crate::lint::check::{Check, error};
use crate::lint::outline::Outline;

static RULE: Rule = error("interface-unset", "an instance has no interface");

pub(super) const CHECK: Check = Check::new(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let (place, text) = match instance.interface() {
            Some(lo) if &*lo.text == "lo" => (lo.span, "keepalived does not take the loopback"),
            None if instance.block.whole => (instance.block.named_place(), "this one"),
            _ => continue,
        };
        let finding = Diagnostic::new(&RULE, place, text).note("keepalived does not start");
        found.push(finding.help("name an interface"));
    }
}
