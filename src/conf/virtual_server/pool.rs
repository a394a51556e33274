use std::collections::HashMap;

use super::VirtualServerBlock;
use super::header::Header;
use crate::conf::lowering::Lowering;
use crate::conf::real_server::{FromVirtualServer, RealServerBlock};
use crate::conf::rules;
use crate::diag::{Diagnostic, Span};
use crate::model::forward::ForwardingMethod;
use crate::model::limits::Weight;
use crate::model::server::RealServer;
use crate::model::service::Endpoint;

/// So many servers are looked through faster than they are hashed.
const FEW: usize = 16;

/// The keys of servers so far, for finding one that stands twice.
#[derive(Default)]
struct Keys {
    /// One is not above the one before it, as it mostly is: until then none stands twice.
    mixed: bool,
    seen: HashMap<Endpoint, usize>,
}

impl Keys {
    /// Which of `servers`, all that were added so far, has the key.
    fn first(&mut self, key: Endpoint, servers: &[RealServer]) -> Option<usize> {
        self.mixed |= servers.last().is_some_and(|last| last.key >= key);
        if !self.mixed {
            return None;
        }
        if servers.len() <= FEW {
            return servers.iter().position(|server| server.key == key);
        }
        let new = self.seen.len()..servers.len();
        let keys = servers[new.clone()].iter().map(|server| server.key);
        self.seen.extend(keys.zip(new));
        self.seen.get(&key).copied()
    }
}

fn report_again(to: &mut Lowering<'_>, key: Endpoint, real: &RealServerBlock, first: Span) {
    let text = format!("{key} is already in this virtual server");
    let finding = Diagnostic::new(&rules::DUPLICATE_REAL_SERVER, real.span, text)
        .context(first, "first here")
        .note("keepalived drops the second, and so does lvsctl");
    to.report(finding);
}

impl VirtualServerBlock {
    /// The real servers, each once, and where each stands.
    pub(super) fn pool(
        &self,
        to: &mut Lowering<'_>,
        default: ForwardingMethod,
    ) -> (Vec<RealServer>, Vec<Span>) {
        let mut servers: Vec<RealServer> = Vec::with_capacity(self.real_servers.len());
        let mut spans: Vec<Span> = Vec::with_capacity(self.real_servers.len());
        let mut keys = Keys::default();
        let from = FromVirtualServer {
            patience: self.patience,
            alpha: self.alpha,
            port: self.port_of_service().unwrap_or(0),
            virtualhost: self.virtualhost(),
        };
        for real in &self.real_servers {
            let method = real.method.unwrap_or(default);
            let port = self.dest_port(to, real, method);
            let key = Endpoint::new(real.ip, port);
            if let Some(first) = keys.first(key, &servers) {
                report_again(to, key, real, spans[first]);
                continue;
            }
            spans.push(real.span);
            servers.push(RealServer {
                key,
                weight: real.weight.or(self.weight).unwrap_or(Weight::ONE),
                method,
                thresholds: real.thresholds,
                inhibit: real.inhibit.unwrap_or(self.inhibit),
                checks: real.checks(to, from),
                details: real.details.clone(),
            });
        }
        (servers, spans)
    }

    /// The one port its packets arrive for; `None` for a group, which has one for each member.
    pub(super) fn port_of_service(&self) -> Option<u16> {
        match &self.header {
            Header::Address(_, port) => Some(*port),
            Header::Mark(_) => Some(0),
            Header::Group(..) => None,
        }
    }

    fn dest_port(
        &self,
        to: &mut Lowering<'_>,
        real: &RealServerBlock,
        method: ForwardingMethod,
    ) -> u16 {
        let written = (real.port, real.port_span.unwrap_or(real.span));
        match self.port_of_service() {
            Some(port) if method.rewrites_port() => {
                if real.port == 0 {
                    port
                } else {
                    real.port
                }
            }
            Some(port) => self.delivered_port(to, written, method, port),
            None => self.port_of_group(to, written, method),
        }
    }

    /// A packet that is not rewritten arrives for the port of the service.
    pub(super) fn delivered_port(
        &self,
        to: &mut Lowering<'_>,
        (written, span): (u16, Span),
        method: ForwardingMethod,
        port: u16,
    ) -> u16 {
        if written == 0 || written == port {
            return port;
        }
        if matches!(self.header, Header::Mark(_)) {
            let text = format!("{method} delivers to the port that was marked");
            let finding = Diagnostic::new(&rules::PORT_WITH_MARK, span, text)
                .note("keepalived clears the port, and so does lvsctl")
                .help("leave the port out, or use NAT");
            to.report(finding);
            return port;
        }
        if port == 0 && self.timeout.is_none() {
            // The port was forgotten above, which is found there.
            return port;
        }
        let text = format!("{method} delivers to port {port}");
        let finding = Diagnostic::new(&rules::PORT_NEEDS_NAT, span, text)
            .context(self.span, "packets arrive for this port")
            .note("keepalived goes on with the port of the virtual server, and so does lvsctl")
            .help(format!("use port {port}, or lvs_method NAT"));
        to.report(finding);
        port
    }

    /// In a group the members decide; without masquerading the port as written counts for nothing.
    pub(super) fn port_of_group(
        &self,
        to: &mut Lowering<'_>,
        (written, span): (u16, Span),
        method: ForwardingMethod,
    ) -> u16 {
        if method.rewrites_port() || written == 0 {
            return written;
        }
        let odd = self.member_ports.iter().find(|port| **port != written);
        if let Some(port) = odd {
            let (rule, text) = match port {
                0 => (
                    &rules::PORT_WITH_MARK,
                    format!("{method} delivers to the port that was asked"),
                ),
                port => (
                    &rules::PORT_NEEDS_NAT,
                    format!("{method} delivers to port {port}"),
                ),
            };
            let finding = Diagnostic::new(rule, span, text)
                .note("keepalived goes on with the port of the member, and so does lvsctl");
            to.report(finding);
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::limits::Thresholds;

    fn server(last: u8) -> RealServer {
        RealServer {
            key: Endpoint::new([192, 0, 2, last].into(), 80),
            weight: Weight::ONE,
            method: ForwardingMethod::Masquerade,
            thresholds: Thresholds::default(),
            inhibit: false,
            checks: Vec::new(),
            details: None,
        }
    }

    #[test]
    fn a_key_is_found_again_wherever_it_stood() {
        let rising: Vec<u8> = (1..60).collect();
        let falling: Vec<u8> = (1..60).rev().collect();
        let mixed: Vec<u8> = (1..60).map(|nth| nth * 4 % 61).collect();
        for all in [rising, falling, mixed] {
            for again in 0..all.len() {
                let mut keys = Keys::default();
                let mut servers = Vec::new();
                for last in &all {
                    let new = server(*last);
                    assert_eq!(keys.first(new.key, &servers), None);
                    servers.push(new);
                    if let Some(known) = servers.get(again) {
                        assert_eq!(keys.first(known.key, &servers), Some(again));
                    }
                }
            }
        }
    }
}
