use super::instance::address;
use super::route_not_tracked::routes;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline, Word};

rule! {
    /// A route that keepalived cannot read.
    ///
    /// It says `unknown route keyword` and drops the route.
    ///
    /// ```text
    /// virtual_routes {
    ///     198.51.100.0/24 via 192.0.2.1 dev eth0 link
    /// }
    /// ```
    ///
    /// Remedy: the words of `ip route`, as far as `lvsctl-keepalived(5)` names them.
    RULE: Error "route-line", "keepalived does not understand this route";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

const TYPES: [&str; 12] = [
    "unicast",
    "local",
    "broadcast",
    "brd",
    "anycast",
    "multicast",
    "nat",
    "blackhole",
    "unreachable",
    "prohibit",
    "throw",
    "xresolve",
];

/// Words that stand alone, or before a destination.
const ALONE: [&str; 8] = [
    "to", "onlink", "inet", "inet6", "no_track", "add", "prepend", "append",
];

/// Words with a value behind them.
#[rustfmt::skip]
const WITH_VALUE: [&str; 37] = [
    "via", "gw", "or", "dev", "oif", "src", "from", "tos", "dsfield", "table", "protocol", "scope",
    "metric", "priority", "preference", "expires", "mtu", "advmss", "rtt", "rttvar", "reordering",
    "cwnd", "ssthresh", "rto_min", "hoplimit", "window", "initcwnd", "initrwnd", "realms",
    "features", "quickack", "congctl", "pref", "ttl-propagate", "fastopen_no_cookie", "vrf",
    "track_group",
];

/// The same, with an address for a value.
const WITH_ADDRESS: [&str; 4] = ["via", "gw", "or", "src"];

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    found.extend(routes(outline).filter_map(strange));
}

/// The first word that has no place there.
fn strange(route: &Line) -> Option<Diagnostic> {
    let mut words = route.words().iter().peekable();
    let mut to = false;
    while let Some(word) = words.next() {
        let text = &*word.text;
        if matches!(text, "nexthop" | "encap") {
            // What follows has a language of its own.
            return None;
        } else if WITH_VALUE.contains(&text) {
            let filler = |next: &&Word| matches!(&*next.text, "lock" | "inet" | "inet6");
            while words.next_if(|next| filler(next)).is_some() {}
            let value = words.next()?;
            if WITH_ADDRESS.contains(&text) && address(&value.text).is_none() {
                let text = format!("{} is no address, the route is lost", value.text);
                return Some(Diagnostic::new(&RULE, value.span, text));
            }
        } else if !to && destination(text) {
            to = true;
        } else if !ALONE.contains(&text) && !TYPES.contains(&text) {
            let text = format!("{text} is unknown here, the route is lost");
            return Some(Diagnostic::new(&RULE, word.span, text));
        }
    }
    None
}

fn destination(text: &str) -> bool {
    matches!(text, "default" | "any" | "all" | "default6") || address(text).is_some()
}
