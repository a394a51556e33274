use std::collections::HashSet;
use std::net::IpAddr;

use crate::diag::{Diagnostic, Span, rule};
use crate::lint::group::members;
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// A virtual server with an address that no `vrrp_instance` of the file brings up.
    ///
    /// Nobody answers for such an address, unless something else than keepalived has configured it:
    /// clients get no connection. Mostly one of the two was mistyped or forgotten. Found only in a
    /// file with a `vrrp_instance` that has addresses; `static_ipaddress`, local routes and
    /// loopback addresses count as brought up.
    ///
    /// keepalived says nothing. With `ha_suspend` it waits for the address and checks nothing.
    ///
    /// ```text
    /// vrrp_instance web {
    ///     virtual_ipaddress {
    ///         192.0.2.1/24
    ///     }
    /// }
    /// virtual_server 192.0.2.10 80 {
    /// ```
    ///
    /// Remedy: the address in `virtual_ipaddress`, or `virtual_ipaddress_excluded`.
    RULE: Warning silent "virtual-address-nowhere", "no vrrp_instance of the file brings this address up";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

/// A line of a group that stands for more addresses is a network, which is routed.
const MOST: u128 = 256;

/// What comes up: single addresses, and all of a network.
#[derive(Default)]
struct Up {
    single: HashSet<IpAddr>,
    networks: Vec<(IpAddr, u32)>,
    /// Where the first few stand.
    places: Vec<(IpAddr, Span)>,
}

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    if outline.each("virtual_server").next().is_none() {
        return;
    }
    let Some(up) = brought_up(outline) else {
        return;
    };
    let mut asked = HashSet::new();
    let mut groups = HashSet::new();
    let mut missing: Vec<(Span, IpAddr)> = Vec::new();
    let mut some_up = false;
    for server in outline.each("virtual_server") {
        let Some(word) = server.argument() else {
            continue;
        };
        if &*word.text == "group" {
            groups.extend(server.arguments().get(1).map(|name| &*name.text));
        } else if let Ok(ip) = word.text.parse()
            && asked.insert(ip)
        {
            if up.has(ip) {
                some_up = true;
            } else {
                missing.push((word.span, ip));
            }
        }
    }
    for (_, group) in groups
        .into_iter()
        .filter_map(|name| outline.named("virtual_server_group", name).next())
    {
        let lost = group.inner.iter().find_map(|line| {
            let (first, last) = members::addresses(line)?;
            let all = members::each(first, last, MOST).find(|ip| !up.has(*ip));
            all.map(|ip| (line.place(), ip))
        });
        match lost {
            // One of a group is enough to find the others.
            Some((place, ip)) if asked.insert(ip) => missing.push((place, ip)),
            Some(_) => {}
            None => some_up = true,
        }
    }
    missing.sort_unstable();
    let others = missing.len().saturating_sub(1);
    if !some_up && others > 0 {
        // All of them come from elsewhere, or are to: that is one thing.
        missing.truncate(1);
    }
    for (place, ip) in missing {
        let mut finding = up.finding(place, ip);
        if !some_up && others > 0 {
            finding = finding.note(format!("nor is any of {others} others in this file"));
        }
        let suspending = &outline.facts.suspending;
        if suspending.iter().any(|block| covers(*block, place)) {
            finding = finding.note("with ha_suspend its servers are never checked");
        }
        found.push(finding);
    }
}

fn covers(place: Span, word: Span) -> bool {
    place.source == word.source && place.start <= word.start && word.end <= place.end
}

/// `None` where not all is known, or the file brings nothing up.
fn brought_up(outline: &Outline) -> Option<Up> {
    let mut up = Up::default();
    for instance in outline.each("vrrp_instance") {
        if !instance.whole {
            return None;
        }
        for block in instance.each("virtual_ipaddress") {
            up.add(block, false)?;
        }
        for block in instance.each("virtual_ipaddress_excluded") {
            up.add(block, true)?;
        }
        instance
            .each("virtual_routes")
            .for_each(|block| up.routes(block));
    }
    if up.single.is_empty() {
        return None;
    }
    for block in outline.each("static_ipaddress") {
        up.add(block, true)?;
    }
    outline
        .each("static_routes")
        .for_each(|block| up.routes(block));
    Some(up)
}

impl Up {
    /// Addresses of a block, and their networks where all of one may be meant.
    fn add(&mut self, block: &Line, networks: bool) -> Option<()> {
        if !block.whole {
            return None;
        }
        for line in &block.inner {
            let (ip, length) = network(line.keyword())?;
            if self.places.len() < 100 {
                self.places.push((ip, line.place()));
            }
            self.single.insert(ip);
            if let Some(length) = length.filter(|length| networks || is_start(ip, *length)) {
                self.networks.push((ip, length));
            }
            // Further addresses of a line are lost, and that is found.
            let lost = line.arguments().iter();
            self.single
                .extend(lost.filter_map(|word| Some(network(&word.text)?.0)));
        }
        Some(())
    }

    /// Networks that are routed to the host itself.
    fn routes(&mut self, block: &Line) {
        for line in &block.inner {
            let words = || line.words().iter().map(|word| &*word.text);
            if !words().any(|word| word == "local" || word == "lo") {
                continue;
            }
            let networks = words().filter_map(network);
            self.networks.extend(
                networks.map(|(ip, length)| {
                    (ip, length.unwrap_or(if ip.is_ipv4() { 32 } else { 128 }))
                }),
            );
        }
    }

    fn has(&self, ip: IpAddr) -> bool {
        // An address of none is another finding.
        let other = ip.is_loopback() || super::unusable_virtual_address::unusable(ip).is_some();
        let mut networks = self.networks.iter();
        other
            || self.single.contains(&ip)
            || networks.any(|(start, length)| same_network(*start, ip, *length))
    }

    fn finding(&self, place: Span, ip: IpAddr) -> Diagnostic {
        let text = format!("{ip} is in no virtual_ipaddress");
        let finding = Diagnostic::new(&RULE, place, text);
        // The likeliest to be meant is the one that begins alike.
        let alike = |(other, _): &&(IpAddr, Span)| {
            (
                other.is_ipv4() == ip.is_ipv4(),
                (bits(*other) ^ bits(ip)).leading_zeros(),
            )
        };
        let finding = match self.places.iter().max_by_key(alike) {
            Some((_, place)) => finding.context(*place, "brought up in this file"),
            None => finding,
        };
        finding.help("add it to virtual_ipaddress, unless the host has it from elsewhere")
    }
}

/// An address, and the length of its prefix if there is one.
fn network(text: &str) -> Option<(IpAddr, Option<u32>)> {
    match text.split_once('/') {
        None => Some((text.parse().ok()?, None)),
        Some((ip, length)) => {
            let ip: IpAddr = ip.parse().ok()?;
            let most = if ip.is_ipv4() { 32 } else { 128 };
            let length = length.parse().ok().filter(|length| *length <= most);
            Some((ip, length))
        }
    }
}

/// The bits of an address from the left.
fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(u32::from(ip)) << 96,
        IpAddr::V6(ip) => ip.into(),
    }
}

/// The address is the first of its network, and the network more than it.
fn is_start(ip: IpAddr, length: u32) -> bool {
    let most = if ip.is_ipv4() { 32 } else { 128 };
    length < most && bits(ip) << length == 0
}

fn same_network(one: IpAddr, other: IpAddr, length: u32) -> bool {
    let differ = bits(one) ^ bits(other);
    let rest = 128_u32.saturating_sub(length);
    one.is_ipv4() == other.is_ipv4() && differ.checked_shr(rest).unwrap_or(0) == 0
}
