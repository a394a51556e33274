//! `virtual_server_group` blocks: members → service keys.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;

use super::lowering::Lowering;
use super::rules;
use super::tree::{Node, Word};
use super::value::Fault;
use crate::diag::{Diagnostic, Span};
use crate::model::service::{Endpoint, Family, Protocol, ServiceKey};

/// More services than anybody means by one line.
const MOST_ADDRESSES: u128 = 65_536;

/// A group as written.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) span: Span,
    pub(super) members: Vec<Member>,
    /// Lines of it were refused: what it lacks may be in them.
    pub(super) partly_read: bool,
}

/// One line of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// The first and last address, and the port; 0 is every port.
    Addresses(Range, u16),
    /// A mark, and its family where it says one.
    Mark(NonZeroU32, Option<Family>),
}

/// Addresses from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    V4(Ipv4Addr, Ipv4Addr),
    V6(Ipv6Addr, Ipv6Addr),
}

pub(super) fn read(to: &mut Lowering<'_>, node: Node<'_>) -> Group {
    let mut group = Group {
        span: node.span(),
        members: Vec::new(),
        partly_read: false,
    };
    to.nothing_strays(node, node);
    if let Some(extra) = node.argument(1) {
        let text = "a group has one name";
        let finding = Diagnostic::new(&rules::EXTRA_WORD, extra.span, text)
            .note("keepalived ends at this line, its VRRP half included");
        to.report(finding.refuse());
    }
    for line in node.children() {
        if line.opaque() {
            group.partly_read = true;
            continue;
        }
        match member(to, line) {
            Some(member) => group.members.push(member),
            None => group.partly_read = true,
        }
    }
    let has = |family| group.families().any(|other| other == Some(family));
    let both = has(Family::Inet) && has(Family::Inet6);
    if both && group.families().any(|family| family.is_none()) {
        let text = "IPv4, IPv6 and a mark without family do not go together";
        let finding = Diagnostic::new(&rules::MIXED_FAMILIES, group.span, text)
            .note("keepalived drops the group, and every virtual server that uses it")
            .help("add inet or inet6 behind the mark");
        to.report(finding.refuse());
        group.partly_read = true;
    }
    group
}

impl Group {
    /// The family of each member; `None` for a mark that says none.
    pub(super) fn families(&self) -> impl Iterator<Item = Option<Family>> + '_ {
        self.members.iter().map(|member| match member {
            Member::Addresses(Range::V4(..), _) => Some(Family::Inet),
            Member::Addresses(Range::V6(..), _) => Some(Family::Inet6),
            Member::Mark(_, family) => *family,
        })
    }

    /// The port of each member; 0 for a mark, and where every port is meant.
    pub(super) fn ports(&self) -> BTreeSet<u16> {
        let port = |member: &Member| match member {
            Member::Addresses(_, port) => *port,
            Member::Mark(..) => 0,
        };
        self.members.iter().map(port).collect()
    }

    pub(super) fn has_addresses(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|member| matches!(member, Member::Addresses(..)))
    }

    /// Whether a member is an address with every port.
    pub(super) fn has_any_port(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|member| matches!(member, Member::Addresses(_, 0)))
    }

    pub(super) fn has_marks(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|member| matches!(member, Member::Mark(..)))
    }

    /// The services it stands for, each once, in the order of the file: addresses, then marks.
    ///
    /// A mark that says no family is of `family`.
    pub(super) fn keys(&self, protocol: Protocol, family: Family) -> Vec<ServiceKey> {
        let mut keys = Vec::new();
        for member in &self.members {
            if let Member::Addresses(range, port) = member {
                let key = |ip| ServiceKey::Address(protocol, Endpoint::new(ip, *port));
                keys.extend(range.addresses().map(key));
            }
        }
        for member in &self.members {
            if let Member::Mark(mark, said) = member {
                keys.push(ServiceKey::Mark(said.unwrap_or(family), *mark));
            }
        }
        let mut seen = BTreeSet::new();
        keys.retain(|key| seen.insert(*key));
        keys
    }
}

impl Range {
    fn bounds(self) -> (u128, u128) {
        match self {
            Self::V4(first, last) => (u32::from(first).into(), u32::from(last).into()),
            Self::V6(first, last) => (first.into(), last.into()),
        }
    }

    fn addresses(self) -> impl Iterator<Item = IpAddr> {
        let (first, last) = self.bounds();
        (first..=last).map(move |number| match self {
            Self::V4(..) => IpAddr::V4(u32::try_from(number).unwrap_or(u32::MAX).into()),
            Self::V6(..) => IpAddr::V6(number.into()),
        })
    }

    /// `None` where it runs backwards or crosses families.
    fn new(first: IpAddr, last: IpAddr) -> Option<Self> {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => Some(Self::V4(first, last)),
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => Some(Self::V6(first, last)),
            _ => None,
        }
    }
}

fn member(to: &mut Lowering<'_>, line: Node<'_>) -> Option<Member> {
    let first = line.keyword();
    if first.text() == "fwmark" {
        return mark(to, line);
    }
    let range = match range(&first) {
        Ok(range) => range,
        Err(fault) => {
            to.fault(fault, &first);
            return None;
        }
    };
    let (from, last) = range.bounds();
    if last - from >= MOST_ADDRESSES {
        to.lost_value(&first, "at most 65536 addresses in a line");
        return None;
    }
    let port = to.port(line.argument(0).as_ref())?;
    Some(Member::Addresses(range, port))
}

fn mark(to: &mut Lowering<'_>, line: Node<'_>) -> Option<Member> {
    let Some(word) = line.argument(0) else {
        to.missing(&line.keyword(), "fwmark needs a number");
        return None;
    };
    let number = word.text().parse::<u32>().ok().and_then(NonZeroU32::new);
    if number.is_none() {
        to.lost_value(&word, "a mark, 1 to 4294967295, in digits");
    }
    let family = match line.argument(1) {
        None => None,
        Some(word) => match word.text() {
            "inet" => Some(Family::Inet),
            "inet6" => Some(Family::Inet6),
            _ => {
                to.lost_value(&word, "inet or inet6");
                return None;
            }
        },
    };
    Some(Member::Mark(number?, family))
}

/// The first and the last address of a member; `None` where it is none.
pub(crate) fn addresses(word: &Word<'_>) -> Option<(IpAddr, IpAddr)> {
    range(word).ok().map(|range| match range {
        Range::V4(first, last) => (first.into(), last.into()),
        Range::V6(first, last) => (first.into(), last.into()),
    })
}

/// `IP`, `IP-N`, `IP-IP` or `IP/LENGTH`.
fn range(word: &Word<'_>) -> Result<Range, Fault> {
    let text = word.text();
    let bad = |what: &str| Fault::lost(&rules::BAD_ADDRESS, format!("expected {what}"));
    let end = text.find(['-', '/']).unwrap_or(text.len());
    let form = "an address, IP-LAST, IP-IP or IP/LENGTH";
    let first: IpAddr = text[..end].parse().map_err(|_| bad(form))?;
    if let Some((_, length)) = text.split_once('/') {
        return prefix(first, length)
            .ok_or_else(|| bad("a prefix length that leaves no bit of the address over"));
    }
    let Some(last) = text[end..].strip_prefix('-') else {
        return Range::new(first, first).ok_or_else(|| bad(form));
    };
    let last = match first {
        IpAddr::V4(first) if !last.contains('.') => {
            let octet: u8 = last.parse().map_err(|_| bad("a last octet, up to 255"))?;
            let [a, b, c, from] = first.octets();
            if octet <= from {
                return Err(bad("a last octet above the first"));
            }
            IpAddr::V4(Ipv4Addr::new(a, b, c, octet))
        }
        IpAddr::V6(first) if !last.contains(':') => {
            let group =
                u16::from_str_radix(last, 16).map_err(|_| bad("up to four hexadecimal digits"))?;
            let mut segments = first.segments();
            if group <= segments[7] {
                return Err(bad("a last group above the first"));
            }
            segments[7] = group;
            IpAddr::V6(segments.into())
        }
        _ => last.parse().map_err(|_| bad(form))?,
    };
    Range::new(first, last)
        .ok_or_else(|| bad("an end of the same family that is not below the start"))
}

/// `None` where the length is none, or the address has bits behind it.
fn prefix(first: IpAddr, length: &str) -> Option<Range> {
    let length: u32 = length.parse().ok().filter(|length| *length > 0)?;
    match first {
        IpAddr::V4(ip) => {
            let rest = u32::MAX.checked_shr(length).unwrap_or(0);
            let start = u32::from(ip);
            (length <= 32 && start & rest == 0).then(|| Range::V4(ip, (start | rest).into()))
        }
        IpAddr::V6(ip) => {
            let rest = u128::MAX.checked_shr(length).unwrap_or(0);
            let start = u128::from(ip);
            (length <= 128 && start & rest == 0).then(|| Range::V6(ip, (start | rest).into()))
        }
    }
}
