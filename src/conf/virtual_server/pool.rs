use std::collections::HashMap;
use std::collections::hash_map::Entry;

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

impl VirtualServerBlock {
    /// The real servers, each once, and where each stands.
    pub(super) fn pool(
        &self,
        to: &mut Lowering<'_>,
        default: ForwardingMethod,
    ) -> (Vec<RealServer>, Vec<Span>) {
        let mut servers: Vec<RealServer> = Vec::with_capacity(self.real_servers.len());
        let mut spans: Vec<Span> = Vec::with_capacity(self.real_servers.len());
        let mut seen: HashMap<Endpoint, Span> = HashMap::new();
        if self.real_servers.len() > FEW {
            seen.reserve(self.real_servers.len());
        }
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
            if self.is_known(to, key, real, &spans, &servers, &mut seen) {
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

    /// Whether the key is that of an earlier server, which is a finding.
    fn is_known(
        &self,
        to: &mut Lowering<'_>,
        key: Endpoint,
        real: &RealServerBlock,
        spans: &[Span],
        servers: &[RealServer],
        seen: &mut HashMap<Endpoint, Span>,
    ) -> bool {
        let first = if self.real_servers.len() <= FEW {
            let at = servers.iter().position(|server| server.key == key);
            at.map(|at| spans[at])
        } else {
            match seen.entry(key) {
                Entry::Occupied(first) => Some(*first.get()),
                Entry::Vacant(place) => {
                    place.insert(real.span);
                    None
                }
            }
        };
        let Some(first) = first else { return false };
        let text = format!("{key} is already in this virtual server");
        let finding = Diagnostic::new(&rules::DUPLICATE_REAL_SERVER, real.span, text)
            .context(first, "first here")
            .note("keepalived drops the second, and so does lvsctl");
        to.report(finding);
        true
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
