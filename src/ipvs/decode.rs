use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU16, NonZeroU32};

use super::attr::{command, dest, flag, info, service};
use super::message::{INET, INET6};
use super::{Error, Info};
use crate::model::director::Timeouts;
use crate::model::forward::{ForwardingMethod, Tunnel, TunnelChecksum};
use crate::model::limits::{Thresholds, Weight};
use crate::model::name::Name;
use crate::model::persist::{Granularity, Persistence};
use crate::model::schedule::{Scheduler, SchedulerFlags};
use crate::model::service::{DestKey, Endpoint, Family, Protocol, ServiceKey};
use crate::model::table::{Connections, Dest, Settings};

/// Calls `each` with kind and value of every attribute; `None` where one is broken or `each` says
/// so. What is unknown is the caller's to skip.
#[inline]
fn attributes<'a>(
    mut bytes: &'a [u8],
    mut each: impl FnMut(u16, &'a [u8]) -> Option<()>,
) -> Option<()> {
    while !bytes.is_empty() {
        let (kind, value, after) = attribute(bytes)?;
        each(kind, value)?;
        bytes = after;
    }
    Some(())
}

/// The first attribute: its kind, its value, and what follows. `struct nlattr` in
/// `linux/netlink.h`; padded to four bytes.
#[inline]
fn attribute(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    /// `NLA_TYPE_MASK`: the bits above the kind say how the value is to be taken.
    const KIND: u16 = 0x3fff;
    let [length, longer, kind, how] = *bytes.first_chunk()?;
    let length = usize::from(u16::from_ne_bytes([length, longer]));
    let kind = u16::from_ne_bytes([kind, how]) & KIND;
    let value = bytes.get(4..length)?;
    let after = bytes.get(length.next_multiple_of(4)..);
    Some((kind, value, after.unwrap_or_default()))
}

fn array<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    value.first_chunk().copied()
}

fn word(value: &[u8]) -> Option<u32> {
    array(value).map(u32::from_ne_bytes)
}

fn short(value: &[u8]) -> Option<u16> {
    array(value).map(u16::from_ne_bytes)
}

fn port(value: &[u8]) -> Option<u16> {
    array(value).map(u16::from_be_bytes)
}

/// `None` where the kernel sent no usable name.
fn name(value: &[u8]) -> Option<Name> {
    let end = value.iter().position(|&byte| byte == 0);
    let text = std::str::from_utf8(&value[..end.unwrap_or(value.len())]).ok()?;
    Name::new(text)
}

fn family(number: u16) -> Option<Family> {
    match number {
        INET => Some(Family::Inet),
        INET6 => Some(Family::Inet6),
        _ => None,
    }
}

fn address(family: Family, bytes: [u8; 16]) -> IpAddr {
    match family {
        Family::Inet => {
            let [a, b, c, d, ..] = bytes;
            Ipv4Addr::new(a, b, c, d).into()
        }
        Family::Inet6 => Ipv6Addr::from(bytes).into(),
    }
}

/// The value of an attribute of a message that is to hold one of this kind.
fn nest(payload: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut found = None;
    attributes(payload, |kind, value| {
        if kind == wanted {
            found = Some(value);
        }
        Some(())
    })?;
    found
}

/// The service of a message, from its attributes after the generic header.
pub(super) fn service(payload: &[u8]) -> Result<(ServiceKey, Settings), Error> {
    let nest = nest(payload, command::SERVICE);
    let found = nest.and_then(service_nest);
    found.ok_or(Error::Malformed { what: "services" })
}

fn service_nest(nest: &[u8]) -> Option<(ServiceKey, Settings)> {
    let (mut af, mut protocol, mut mark, mut at_port) = (0, 0, None, 0);
    let mut addr = [0; 16];
    let (mut scheduler, mut engine) = (None, None);
    let (mut flags, mut timeout, mut netmask) = (0, 0, [0; 4]);
    attributes(nest, |kind, value| {
        match kind {
            service::AF => af = short(value)?,
            service::PROTOCOL => protocol = short(value)?,
            service::ADDR => addr = array(value)?,
            service::PORT => at_port = port(value)?,
            service::FWMARK => mark = NonZeroU32::new(word(value)?),
            service::SCHED_NAME => scheduler = name(value),
            service::FLAGS => flags = word(value)?,
            service::TIMEOUT => timeout = word(value)?,
            service::NETMASK => netmask = array(value)?,
            service::PE_NAME => engine = name(value),
            _ => {}
        }
        Some(())
    })?;
    let (family, scheduler) = (family(af)?, scheduler?);
    let key = match mark {
        Some(mark) => ServiceKey::Mark(family, mark),
        None => ServiceKey::Address(
            Protocol::from_number(protocol),
            Endpoint::new(address(family, addr), at_port),
        ),
    };
    let is = |bit| flags & bit != 0;
    let granularity = match family {
        Family::Inet => Granularity::Netmask(Ipv4Addr::from(netmask)),
        Family::Inet6 => {
            Granularity::Prefix(u8::try_from(u32::from_ne_bytes(netmask)).unwrap_or(u8::MAX))
        }
    };
    let settings = Settings {
        scheduler: Scheduler::named(scheduler.as_str()).unwrap_or(Scheduler::Other(scheduler)),
        flags: SchedulerFlags {
            flag1: is(flag::SCHED1),
            flag2: is(flag::SCHED2),
            flag3: is(flag::SCHED3),
        },
        one_packet: is(flag::ONE_PACKET),
        persistence: is(flag::PERSISTENT).then_some(Persistence {
            timeout,
            granularity,
        }),
        engine,
    };
    Some((key, settings))
}

/// The dest of a message, from its attributes after the generic header. `family` is that of its
/// service, for kernels before 3.18, which do not tell the dest's own.
pub(super) fn dest(
    payload: &[u8],
    service_family: Family,
) -> Result<(DestKey, Dest, Connections), Error> {
    let nest = nest(payload, command::DEST);
    let found = nest.and_then(|nest| dest_nest(nest, service_family));
    found.ok_or(Error::Malformed { what: "dests" })
}

fn dest_nest(nest: &[u8], of_service: Family) -> Option<(DestKey, Dest, Connections)> {
    let mut at_family = of_service;
    let mut addr = [0; 16];
    let (mut at_port, mut method, mut weight) = (0, 0, 0);
    let mut thresholds = Thresholds::default();
    let mut connections = Connections::default();
    let (mut tun_type, mut tun_port, mut tun_flags) = (0, 0, 0);
    attributes(nest, |kind, value| {
        match kind {
            dest::ADDR => addr = array(value)?,
            dest::PORT => at_port = port(value)?,
            dest::FWD_METHOD => method = word(value)? & 7,
            dest::WEIGHT => weight = word(value)?,
            dest::U_THRESH => thresholds.upper = word(value)?,
            dest::L_THRESH => thresholds.lower = word(value)?,
            dest::ACTIVE_CONNS => connections.active = word(value)?,
            dest::INACT_CONNS => connections.inactive = word(value)?,
            dest::PERSIST_CONNS => connections.persistent = word(value)?,
            dest::ADDR_FAMILY => {
                at_family = family(short(value)?).unwrap_or(of_service);
            }
            dest::TUN_TYPE => [tun_type] = array(value)?,
            dest::TUN_PORT => tun_port = port(value)?,
            dest::TUN_FLAGS => tun_flags = short(value)?,
            _ => {}
        }
        Some(())
    })?;
    let key = Endpoint::new(address(at_family, addr), at_port);
    let method = match method {
        0 => ForwardingMethod::Masquerade,
        1 => ForwardingMethod::LocalNode,
        2 => ForwardingMethod::Tunnel(tunnel(tun_type, tun_port, tun_flags)),
        3 => ForwardingMethod::DirectRoute,
        4 => ForwardingMethod::Bypass,
        other => ForwardingMethod::Undefined(u8::try_from(other).unwrap_or(u8::MAX)),
    };
    let to = Dest {
        weight: Weight::new(weight)?,
        method,
        thresholds,
    };
    Some((key, to, connections))
}

fn tunnel(kind: u8, port: u16, flags: u16) -> Tunnel {
    match (kind, NonZeroU16::new(port), flags) {
        (0, None, 0) => Tunnel::Ipip,
        (1, Some(port), 0) => Tunnel::Gue(port, TunnelChecksum::None),
        (1, Some(port), 1) => Tunnel::Gue(port, TunnelChecksum::Full),
        (1, Some(port), 2) => Tunnel::Gue(port, TunnelChecksum::Remote),
        (2, None, 0) => Tunnel::Gre { checksum: false },
        (2, None, 1) => Tunnel::Gre { checksum: true },
        _ => Tunnel::Other { kind, port, flags },
    }
}

pub(super) fn info(payload: &[u8]) -> Result<Info, Error> {
    let (mut version, mut connection_buckets) = (0, 0);
    let whole = attributes(payload, |kind, value| {
        match kind {
            info::VERSION => version = word(value)?,
            info::CONN_TAB_SIZE => connection_buckets = word(value)?,
            _ => {}
        }
        Some(())
    });
    whole.ok_or(Error::Malformed {
        what: "description of itself",
    })?;
    let [_, major, minor, patch] = version.to_be_bytes();
    Ok(Info {
        version: (major, minor, patch),
        connection_buckets,
    })
}

pub(super) fn timeouts(payload: &[u8]) -> Result<Timeouts, Error> {
    let mut timeouts = Timeouts::default();
    let whole = attributes(payload, |kind, value| {
        match kind {
            command::TIMEOUT_TCP => timeouts.tcp = word(value)?,
            command::TIMEOUT_TCP_FIN => timeouts.tcp_fin = word(value)?,
            command::TIMEOUT_UDP => timeouts.udp = word(value)?,
            _ => {}
        }
        Some(())
    });
    whole.ok_or(Error::Malformed { what: "timeouts" })?;
    Ok(timeouts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::{Reply, Request};
    use crate::plan::{Change, Step};

    /// The attributes of a request, behind both headers.
    fn attributes_of(step: &Step) -> Vec<u8> {
        let mut bytes = Vec::new();
        Request::step(step).encode(34, 7, Reply::Ack, &mut bytes);
        assert_eq!(bytes.len() % 4, 0);
        bytes.split_off(20)
    }

    fn keys() -> [ServiceKey; 4] {
        let at = |ip: &str, port| Endpoint::new(ip.parse().unwrap(), port);
        [
            ServiceKey::Address(Protocol::Tcp, at("192.0.2.1", 80)),
            ServiceKey::Address(Protocol::Udp, at("2001:db8::1", 53)),
            ServiceKey::Address(Protocol::Other(51), at("192.0.2.1", 0)),
            ServiceKey::Mark(Family::Inet6, NonZeroU32::new(0xdead_beef).unwrap()),
        ]
    }

    fn settings(family: Family) -> Vec<Settings> {
        let granularity = match family {
            Family::Inet => Granularity::Netmask([255, 255, 240, 0].into()),
            Family::Inet6 => Granularity::Prefix(48),
        };
        let plain = Settings {
            scheduler: Scheduler::Mh,
            flags: SchedulerFlags {
                flag1: true,
                flag2: false,
                flag3: true,
            },
            one_packet: false,
            persistence: None,
            engine: None,
        };
        let persistent = Settings {
            scheduler: Scheduler::Other(Name::new("fifteen-letters").unwrap()),
            persistence: Some(Persistence {
                timeout: 2_678_400,
                granularity,
            }),
            engine: Name::new("sip"),
            one_packet: true,
            flags: SchedulerFlags::default(),
        };
        vec![plain, persistent]
    }

    fn dests() -> Vec<Dest> {
        let port = NonZeroU16::new(5555).unwrap();
        let methods = [
            ForwardingMethod::Masquerade,
            ForwardingMethod::LocalNode,
            ForwardingMethod::DirectRoute,
            ForwardingMethod::Bypass,
            ForwardingMethod::Undefined(6),
            ForwardingMethod::Tunnel(Tunnel::Ipip),
            ForwardingMethod::Tunnel(Tunnel::Gue(port, TunnelChecksum::Remote)),
            ForwardingMethod::Tunnel(Tunnel::Gre { checksum: true }),
            ForwardingMethod::Tunnel(Tunnel::Other {
                kind: 9,
                port: 3,
                flags: 4,
            }),
        ];
        let thresholds = Thresholds {
            upper: 100,
            lower: 7,
        };
        let dest = |method| Dest {
            weight: Weight::MAX,
            method,
            thresholds,
        };
        methods.map(dest).into()
    }

    #[test]
    fn what_is_sent_is_what_is_read() {
        for key in keys() {
            for settings in settings(key.family()) {
                let change = Change::AddService(settings.clone());
                let step = Step {
                    service: key,
                    change,
                };
                assert_eq!(service(&attributes_of(&step)).unwrap(), (key, settings));
            }
            for to in dests() {
                for at in ["192.0.2.9", "2001:db8::9"] {
                    let at = Endpoint::new(at.parse().unwrap(), 8080);
                    let change = Change::AddDest(at, to);
                    let step = Step {
                        service: key,
                        change,
                    };
                    let (found, read, connections) =
                        dest(&attributes_of(&step), key.family()).unwrap();
                    assert_eq!((found, read), (at, to));
                    assert_eq!(connections, Connections::default());
                }
            }
        }
    }

    #[test]
    fn no_answer_breaks_the_reader() {
        let key = keys()[0];
        let mut answers = Vec::new();
        for settings in settings(key.family()) {
            let change = Change::AddService(settings);
            answers.push(attributes_of(&Step {
                service: key,
                change,
            }));
        }
        for to in dests() {
            let change = Change::AddDest(Endpoint::new([192, 0, 2, 9].into(), 80), to);
            answers.push(attributes_of(&Step {
                service: key,
                change,
            }));
        }
        let read = |bytes: &[u8]| {
            let _ = service(bytes);
            let _ = dest(bytes, Family::Inet);
            let _ = info(bytes);
            let _ = timeouts(bytes);
        };
        for answer in answers {
            for at in 0..answer.len() {
                read(&answer[..at]);
                for bit in 0..8 {
                    let mut flipped = answer.clone();
                    flipped[at] ^= 1 << bit;
                    read(&flipped);
                }
            }
        }
    }
}
