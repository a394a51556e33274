use super::route_not_tracked::routes;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// `gw` and `or` in a route are old words.
    ///
    /// keepalived still understands them and says that they are deprecated.
    ///
    /// ```text
    /// virtual_routes {
    ///     default gw 192.0.2.1 dev eth0
    /// }
    /// ```
    ///
    /// Remedy: `via` for `gw`, `nexthop` for `or`.
    RULE: Warning "deprecated-route-word", "a word of a route is deprecated";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

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
