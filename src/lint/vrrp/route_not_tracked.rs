use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// A route without an interface.
    ///
    /// keepalived watches that its routes are not taken away, but not one that does not name its
    /// interface: `cannot track route`. A `protocol` of another's is replaced for the same reason.
    ///
    /// ```text
    /// virtual_routes {
    ///     198.51.100.0/24 via 192.0.2.1
    /// }
    /// ```
    ///
    /// Remedy: `dev INTERFACE`, or `no_track`.
    RULE: Warning "route-not-tracked", "a route cannot be tracked as it is written";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for route in routes(outline) {
        let mut words = route.words().iter().map(|word| &*word.text);
        if words.clone().any(|word| word == "no_track") {
            continue;
        }
        if !words.any(|word| matches!(word, "dev" | "oif")) || nexthop_first(route) {
            let finding = Diagnostic::new(&RULE, route.place(), "it names no interface");
            found.push(finding.help("add dev, or no_track"));
        }
    }
    for line in routes(outline).chain(policies(outline)) {
        let words = line.words();
        if words.iter().any(|word| &*word.text == "no_track") {
            continue;
        }
        let pairs = words.windows(2).filter(|pair| &*pair[0].text == "protocol");
        for pair in pairs.filter(|pair| !matches!(&*pair[1].text, "keepalived" | "18")) {
            let finding = Diagnostic::new(&RULE, pair[1].span, "keepalived puts its own protocol");
            found.push(finding.help("leave protocol out, or add no_track"));
        }
    }
}

/// Its interface belongs to a next hop and not to the route.
fn nexthop_first(route: &Line) -> bool {
    let mut words = route.words().iter();
    let first = words.find(|word| matches!(&*word.text, "dev" | "oif" | "nexthop"));
    first.is_some_and(|word| &*word.text == "nexthop")
}

/// Lines that hold one route each.
pub(super) fn routes(outline: &Outline) -> impl Iterator<Item = &Line> {
    lines(outline, "static_routes", "virtual_routes")
}

/// Lines that hold one rule of policy routing each.
pub(super) fn policies(outline: &Outline) -> impl Iterator<Item = &Line> {
    lines(outline, "static_rules", "virtual_rules")
}

fn lines<'o>(outline: &'o Outline, fixed: &str, moving: &str) -> impl Iterator<Item = &'o Line> {
    let fixed = outline.each(fixed).flat_map(|block| &block.inner);
    let instances = outline.each("vrrp_instance");
    fixed.chain(instances.flat_map(move |instance| instance.within(moving)))
}
