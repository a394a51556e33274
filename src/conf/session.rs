use std::net::IpAddr;
use std::num::NonZeroU8;
use std::time::Duration;

use super::keyword::{Keyword, Kind};
use super::tree::Node;
use super::value;
use crate::model::check::{Bfd, Hops};
use crate::model::service::Family;
use crate::model::text::Text;

/// Hop limit that keepalived's packets over IPv6 have; those of all others, and over IPv4, have
/// 255, as RFC 5881 section 5 demands.
const KEEPALIVED_HOPS: u8 = 64;

/// The session that a `bfd_instance` block is about. Mistakes of its lines are found elsewhere: one
/// that is wrong counts for nothing.
///
/// `None` without a neighbour, or where the two ends are of different families.
pub(super) fn read(block: &Keyword, name: Text, node: Node<'_>) -> Option<Bfd> {
    let kind = Kind::named(block.word)?;
    let mut lines = Lines::default();
    for line in node.children() {
        if let Some(known) = kind.find(line.keyword().bytes) {
            lines.line(known, line);
        }
    }
    lines.lower(name)
}

/// The lines of the block, each the last good one of its keyword.
#[derive(Debug, Default)]
struct Lines {
    neighbour: Option<IpAddr>,
    source: Option<IpAddr>,
    min_rx: Option<Duration>,
    min_tx: Option<Duration>,
    idle_tx: Option<Duration>,
    multiplier: Option<NonZeroU8>,
    passive: bool,
    hops: Option<NonZeroU8>,
    /// Routers that a packet may have passed; 255 or -1: any.
    routers: u8,
    multihop: bool,
}

impl Lines {
    fn line(&mut self, known: &Keyword, line: Node<'_>) {
        match known.word {
            "neighbor_ip" | "neighbour_ip" => self.neighbour = address(line).or(self.neighbour),
            "source_ip" => self.source = address(line).or(self.source),
            "min_rx" => self.min_rx = milliseconds(known, line).or(self.min_rx),
            "min_tx" => self.min_tx = milliseconds(known, line).or(self.min_tx),
            "idle_tx" => self.idle_tx = milliseconds(known, line).or(self.idle_tx),
            "multiplier" => self.multiplier = small(known, line).or(self.multiplier),
            "passive" => self.passive = true,
            "ttl" | "hoplimit" => self.hops = small(known, line).or(self.hops),
            "max_hops" => self.routers = routers(known, line).unwrap_or(self.routers),
            "multihop" => self.multihop = boolean(line).unwrap_or(self.multihop),
            _ => {}
        }
    }

    fn lower(self, name: Text) -> Option<Bfd> {
        let neighbour = self.neighbour?;
        let family = Family::of(neighbour);
        if self
            .source
            .is_some_and(|source| Family::of(source) != family)
        {
            return None;
        }
        let sent = self.hops.unwrap_or(NonZeroU8::MAX);
        // A keepalived that says nothing of it sends with another hop limit than lvsctl.
        let heard = match (self.hops, family) {
            (None, Family::Inet6) => KEEPALIVED_HOPS,
            _ => sent.get(),
        };
        Some(Bfd {
            name,
            neighbour,
            source: self.source,
            min_rx: self.min_rx.unwrap_or(Duration::from_millis(10)),
            min_tx: self.min_tx.unwrap_or(Duration::from_millis(10)),
            idle_tx: self.idle_tx.unwrap_or(Duration::from_secs(1)),
            multiplier: self.multiplier.or(NonZeroU8::new(5))?,
            passive: self.passive,
            hops: Hops {
                sent,
                least: heard.saturating_sub(self.routers),
            },
            multihop: self.multihop,
        })
    }
}

fn address(line: Node<'_>) -> Option<IpAddr> {
    let (ip, _) = value::address(&line.argument(0)?).ok()?;
    Some(ip)
}

fn milliseconds(known: &Keyword, line: Node<'_>) -> Option<Duration> {
    let seconds = value::timer(known, &line.argument(0)?).ok()?;
    Some(seconds / 1000)
}

fn small(known: &Keyword, line: Node<'_>) -> Option<NonZeroU8> {
    let number = value::number(known, &line.argument(0)?).ok()?;
    u8::try_from(number).ok().and_then(NonZeroU8::new)
}

fn routers(known: &Keyword, line: Node<'_>) -> Option<u8> {
    match value::integer(known, &line.argument(0)?).ok()? {
        -1 => Some(u8::MAX),
        number => u8::try_from(number).ok(),
    }
}

fn boolean(line: Node<'_>) -> Option<bool> {
    line.argument(0)
        .map_or(Some(true), |word| value::boolean(&word).ok())
}
