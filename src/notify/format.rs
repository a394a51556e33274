//! How a change is worded: as keepalived does, so that scripts and filters written for it go on
//! working.
//!
//! Source: `format_vs` and `format_rs` in keepalived's `check_data.c`, `notify_fifo_vs`,
//! `notify_fifo_rs` and `do_vs_notifies` in `ipwrapper.c`, `smtp_alert` in `smtp.c` and its callers,
//! at version 2.2.7.

use crate::health::{About, Cause, News, Part};
use crate::model::check::ProbeKind;
use crate::model::director::Director;
use crate::model::quorum::Quorum;
use crate::model::server::{RealServer, VirtualServer};
use crate::model::service::{Endpoint, Protocol, ServiceKey, VirtualServerKey};

/// `UP` or `DOWN`.
const fn state(up: bool) -> &'static str {
    if up { "UP" } else { "DOWN" }
}

/// What a FIFO is written, with its newline: `RS [10.0.0.2]:tcp:80 [192.0.2.1]:tcp:80 DOWN`.
///
/// `None` for a check, of which FIFOs hear nothing.
pub fn line(news: &News) -> Option<String> {
    let service = virtual_server(&news.about)?;
    let state = state(news.up);
    match news.about.part {
        Part::Check { .. } => None,
        Part::RealServer(place) => {
            let real = real_server(&news.about, place)?;
            Some(format!("RS {real} {service} {state}\n"))
        }
        Part::Quorum { .. } => Some(format!("VS {service} {state}\n")),
    }
}

/// The subject of a mail from the host called `router`, where `up` is the state it tells of.
pub fn subject(router: &str, about: &About, up: bool) -> Option<String> {
    let service = virtual_server(about)?;
    let state = state(up);
    let (Part::Check {
        real_server: place, ..
    }
    | Part::RealServer(place)) = about.part
    else {
        return Some(format!("[{router}] Virtualserver {service} - {state}"));
    };
    let real = real_server(about, place)?;
    Some(format!(
        "[{router}] Realserver {real} of virtual server {service} - {state}"
    ))
}

/// The one line that a mail says.
pub fn body(news: &News) -> Option<String> {
    let server = news.about.server()?;
    let said = match (&news.cause, news.about.part) {
        (Cause::Stopping, _) => "Shutting down".to_owned(),
        (Cause::Configured, Part::Quorum { weight }) => {
            let verb = if news.up {
                "Starting with quorum up"
            } else {
                "Starting with quorum down"
            };
            quorum(verb, server.quorum, weight, news.up)
        }
        (_, Part::Quorum { weight }) => {
            let verb = if news.up {
                "Gained quorum"
            } else {
                "Lost quorum"
            };
            quorum(verb, server.quorum, weight, news.up)
        }
        (Cause::Removed, _) => "Removing".to_owned(),
        (
            Cause::Checked(reason),
            Part::Check {
                real_server, check, ..
            },
        ) => {
            let real = server.real_servers.get(real_server)?;
            let kind = &real.checks.get(check)?.probe.kind;
            checked(kind, reason, news.up)
        }
        (Cause::Checked(reason), Part::RealServer(_)) => reason.to_string(),
        (Cause::Configured, _) => return None,
    };
    Some(format!("=> {said} <="))
}

fn checked(kind: &ProbeKind, reason: &str, up: bool) -> String {
    let succeed = if up { "succeed" } else { "failed" };
    let succeeded = if up { "succeeded" } else { "failed" };
    match kind {
        ProbeKind::Tcp => format!("TCP CHECK {succeed} on service"),
        ProbeKind::Http(_) | ProbeKind::Smtp(_) if up => "CHECK succeed on service".to_owned(),
        ProbeKind::Http(_) => "CHECK failed on service : HTTP request failed".to_owned(),
        ProbeKind::Smtp(_) => format!("CHECK failed on service : {reason}"),
        ProbeKind::Dns(_) => format!("DNS_CHECK: {succeed} on service"),
        ProbeKind::Udp(_) => format!("UDP CHECK {succeed} on service"),
        ProbeKind::Ping => format!("ICMP CHECK {succeed} on service"),
        ProbeKind::Misc(_) => format!("MISC CHECK {succeeded} on service"),
        ProbeKind::File(_) => format!("FILE CHECK {succeeded} on service"),
        ProbeKind::Bfd(name) => format!("BFD CHECK {name} {succeeded} on service"),
    }
}

fn quorum(verb: &str, quorum: Quorum, weight: u64, up: bool) -> String {
    let Quorum {
        minimum,
        hysteresis,
    } = quorum;
    let (least, hysteresis) = (u64::from(minimum), u64::from(hysteresis));
    if up {
        let needed = least + hysteresis;
        format!("{verb} {least}+{hysteresis}={needed} <= {weight}")
    } else {
        let needed = least.saturating_sub(hysteresis);
        format!("{verb} {least}-{hysteresis}={needed} > {weight}")
    }
}

/// `[192.0.2.1]:tcp:80`, `FWM 5`, or `[web]:1` for the second virtual server of the group `web`.
fn virtual_server(about: &About) -> Option<String> {
    let server = about.server()?;
    Some(match &server.key {
        VirtualServerKey::Address(protocol, endpoint) => trio(*endpoint, protocol_word(*protocol)),
        VirtualServerKey::Mark(_, mark) => format!("FWM {mark}"),
        VirtualServerKey::Group(name, _) => {
            let number = earlier_of_group(&about.director, about.virtual_server);
            format!("[{name}]:{number}")
        }
    })
}

/// How many virtual servers of the same group stand before this one.
fn earlier_of_group(director: &Director, place: usize) -> usize {
    let group = |server: &VirtualServer| match &server.key {
        VirtualServerKey::Group(name, _) => Some(name.clone()),
        VirtualServerKey::Address(..) | VirtualServerKey::Mark(..) => None,
    };
    let servers = &director.virtual_servers;
    let own = servers.get(place).and_then(|server| group(server));
    let before = servers.iter().take(place);
    before.filter(|server| group(server) == own).count()
}

/// `[10.0.0.2]:tcp:80`, with the protocol of its virtual server.
fn real_server(about: &About, place: usize) -> Option<String> {
    let server = about.server()?;
    let real: &RealServer = server.real_servers.get(place)?;
    let protocol = server.keys.iter().find_map(|key| match key {
        ServiceKey::Address(protocol, _) => Some(*protocol),
        ServiceKey::Mark(..) => None,
    });
    Some(trio(real.key, protocol.map_or("none", protocol_word)))
}

fn protocol_word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Sctp => "sctp",
        Protocol::Other(_) => "?",
    }
}

fn trio(endpoint: Endpoint, protocol: &str) -> String {
    format!("[{}]:{protocol}:{}", endpoint.ip, endpoint.port)
}
