use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;

use crate::model::forward::ForwardingMethod;
use crate::model::service::{DestKey, Endpoint, Family, Protocol, ServiceKey};
use crate::model::table::{Service, Table};

/// The table of the calling thread's network namespace, for people.
const TEXT: &str = "/proc/thread-self/net/ip_vs";
/// Lines of its heading.
const HEADING: usize = 3;
/// Offered to each read; the kernel gives a page at a time, more only where one service needs it.
const PIECE: usize = 64 * 1024;

/// The services of `known` that the kernel's text does not show as they are known: far cheaper than
/// the table, but it cannot say more than that. What is not known is passed over.
///
/// Suspicion is no proof: where other namespaces have services too, the kernel leaves some out at
/// the end of a page (`ip_vs_info_seq_next` counts them, `ip_vs_info_array` does not).
///
/// `Ok(None)` where `disturbed` said so before the end.
pub fn glance(
    known: &Table,
    mut disturbed: impl FnMut() -> bool,
) -> io::Result<Option<BTreeSet<ServiceKey>>> {
    let mut text = File::open(TEXT)?;
    let mut piece = vec![0; PIECE];
    let mut glance = Glance::new(known);
    loop {
        match text.read(&mut piece) {
            Ok(0) => return Ok(Some(glance.end()?)),
            Ok(length) => glance.hear(&piece[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if disturbed() {
            return Ok(None);
        }
    }
}

/// The text of `/proc/net/ip_vs`, piece by piece, held against a table.
///
/// It shows of a service key, scheduler and whether it is persistent, of a dest key, method and
/// weight. The family of a mark it leaves out; methods that are only ever read all look like
/// masquerading. What else is in it is written otherwise for each family, and not relied on.
///
/// Source: seen in the laboratory, where a test holds it against what netlink says.
#[derive(Debug)]
pub struct Glance<'a> {
    known: &'a Table,
    /// Services shown as they are known.
    shown: HashSet<ServiceKey>,
    /// What the service that is being read may be.
    candidates: Vec<Candidate<'a>>,
    /// The beginning of a line whose rest is to come.
    torn: Vec<u8>,
    heading: usize,
}

#[derive(Debug)]
struct Candidate<'a> {
    key: ServiceKey,
    service: &'a Service,
    /// Dests shown as they are known.
    dests: usize,
}

impl<'a> Glance<'a> {
    pub fn new(known: &'a Table) -> Self {
        Self {
            known,
            shown: HashSet::with_capacity(known.len()),
            candidates: Vec::new(),
            torn: Vec::new(),
            heading: 0,
        }
    }

    /// Takes the next piece of the text in; an error where it is not written as we know it.
    pub fn hear(&mut self, piece: &[u8]) -> io::Result<()> {
        let mut lines = piece.split(|byte| *byte == b'\n');
        // The last line has no end yet, and the first may be the end of a torn one.
        let rest = lines.next_back().unwrap_or_default();
        if let Some(first) = lines.next() {
            let mut whole = std::mem::take(&mut self.torn);
            whole.extend_from_slice(first);
            self.line(&whole)?;
        }
        for line in lines {
            self.line(line)?;
        }
        self.torn.extend_from_slice(rest);
        Ok(())
    }

    /// What is known and was not shown so.
    pub fn end(mut self) -> io::Result<BTreeSet<ServiceKey>> {
        self.close();
        if !self.torn.is_empty() || self.heading != HEADING {
            return Err(strange("its end"));
        }
        if self.shown.len() == self.known.len() {
            return Ok(BTreeSet::new());
        }
        let unseen = self.known.keys().filter(|key| !self.shown.contains(key));
        Ok(unseen.copied().collect())
    }

    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        let Ok(line) = str::from_utf8(line) else {
            return Err(strange("a line that is no text"));
        };
        if self.heading < HEADING {
            self.heading += 1;
            let first = self.heading == 1;
            return if !first || line.starts_with("IP Virtual Server") {
                Ok(())
            } else {
                Err(strange(line))
            };
        }
        let mut words = line.split_ascii_whitespace();
        let understood = match words.next() {
            Some("->") => self.dest(words),
            Some(kind) => {
                self.close();
                self.service(kind, words)
            }
            None => None,
        };
        understood.ok_or_else(|| strange(line))
    }

    fn service<'w>(&mut self, kind: &str, mut words: impl Iterator<Item = &'w str>) -> Option<()> {
        let place = words.next()?;
        let scheduler = words.next()?;
        let persistent = words.any(|word| word == "persistent");
        let keys = match kind {
            "FWM" => {
                let mark = NonZeroU32::new(u32::from_str_radix(place, 16).ok()?)?;
                let of = |family| ServiceKey::Mark(family, mark);
                [Some(of(Family::Inet)), Some(of(Family::Inet6))]
            }
            _ => [
                Some(ServiceKey::Address(protocol(kind)?, endpoint(place)?)),
                None,
            ],
        };
        let known = keys.into_iter().flatten();
        let known = known.filter_map(|key| Some((key, self.known.get(&key)?)));
        let known = known.filter(|(_, service)| {
            service.settings.scheduler.as_str() == scheduler
                && service.settings.persistence.is_some() == persistent
        });
        self.candidates
            .extend(known.map(|(key, service)| Candidate {
                key,
                service,
                dests: 0,
            }));
        Some(())
    }

    fn dest<'w>(&mut self, mut words: impl Iterator<Item = &'w str>) -> Option<()> {
        let key: DestKey = endpoint(words.next()?)?;
        let method = words.next()?;
        let weight: u32 = words.next()?.parse().ok()?;
        self.candidates.retain_mut(|candidate| {
            candidate.dests += 1;
            let dest = candidate.service.pool.get(&key);
            dest.is_some_and(|dest| dest.weight.get() == weight && word_of(dest.method) == method)
        });
        Some(())
    }

    /// All dests of a service have been shown.
    fn close(&mut self) {
        for candidate in self.candidates.drain(..) {
            let whole = candidate.dests == candidate.service.pool.len();
            if whole && self.shown.insert(candidate.key) {
                break;
            }
        }
        self.candidates.clear();
    }
}

fn strange(what: &str) -> io::Error {
    io::Error::other(format!("{TEXT} is not written as expected: {what}"))
}

fn protocol(word: &str) -> Option<Protocol> {
    let number = match word {
        "TCP" => return Some(Protocol::Tcp),
        "UDP" => return Some(Protocol::Udp),
        "SCTP" => return Some(Protocol::Sctp),
        "IP" => 0,
        "ESP" => 50,
        "AH" => 51,
        _ => word.strip_prefix("IP_")?.parse().ok()?,
    };
    Some(Protocol::from_number(number))
}

/// `C0A80114:0050`, or `[2001:0db8:…]:0050`.
fn endpoint(text: &str) -> Option<Endpoint> {
    let (address, port) = text.rsplit_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let ip = match address.strip_prefix('[') {
        Some(address) => IpAddr::V6(address.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?),
        None => IpAddr::V4(Ipv4Addr::from_bits(u32::from_str_radix(address, 16).ok()?)),
    };
    Some(Endpoint::new(ip, port))
}

fn word_of(method: ForwardingMethod) -> &'static str {
    match method {
        ForwardingMethod::LocalNode => "Local",
        ForwardingMethod::Tunnel(_) => "Tunnel",
        ForwardingMethod::DirectRoute => "Route",
        ForwardingMethod::Masquerade
        | ForwardingMethod::Bypass
        | ForwardingMethod::Undefined(_) => "Masq",
    }
}
