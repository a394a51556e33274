//! `gw` and `or` in a route are old words.
//!
//! keepalived still understands them and says that they are deprecated.
//!
//! ```text
//! virtual_routes {
//!     default gw 192.0.2.1 dev eth0
//! }
//! ```
//!
//! Remedy: `via` for `gw`, `nexthop` for `or`.

use super::route_not_tracked::routes;
use crate::diag::{Diagnostic, Rule};
use crate::lint::check::{Check, warning};
use crate::lint::outline::{Line, Outline};

static RULE: Rule = warning("deprecated-route-word", "a word of a route is deprecated");

pub(super) const CHECK: Check = Check::new(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for word in routes(outline).flat_map(Line::words) {
        let new = match &*word.text {
            "gw" => "via",
            "or" => "nexthop",
            _ => continue,
        };
        let finding = Diagnostic::new(&RULE, word.span, "still understood");
        found.push(finding.help(format!("write {new}")));
    }
}
