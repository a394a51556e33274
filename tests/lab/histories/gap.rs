use crate::sequence::Seen;

/// Moments at which a service has nobody who takes a connection, between others at which it has.
/// A service with a sorry server has none in lvsctl; keepalived removes before it adds.
pub fn gaps(tables: &[Seen]) -> Vec<&str> {
    let mut gaps = Vec::new();
    for (nth, seen) in tables.iter().enumerate() {
        let (Some(before), Some(after)) = (nth.checked_sub(1), tables.get(nth + 1)) else {
            continue;
        };
        let around = serves(&tables[before].what) && serves(&after.what);
        if around && !serves(&seen.what) {
            gaps.push(seen.what.as_str());
        }
    }
    gaps
}

/// A line of a table in which a dest has a weight.
fn serves(line: &str) -> bool {
    let dests = line.rsplit_once(": ").map_or("", |(_, dests)| dests);
    let weight = |dest: &str| dest.rsplit(' ').next().and_then(|last| last.parse().ok());
    dests
        .split(", ")
        .any(|dest| weight(dest).unwrap_or(0_u32) > 0)
}
