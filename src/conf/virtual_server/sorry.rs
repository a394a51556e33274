use std::net::IpAddr;

use super::VirtualServerBlock;
use crate::conf::keyword::Keyword;
use crate::conf::lowering::Lowering;
use crate::conf::rules;
use crate::conf::tree::Node;
use crate::diag::{Diagnostic, Span};
use crate::model::forward::ForwardingMethod;
use crate::model::server::SorryServer;
use crate::model::service::{Endpoint, Family};

/// A `sorry_server` line, and the lines behind it that are about it.
#[derive(Debug)]
pub(super) struct SorryServerLine {
    pub(super) span: Span,
    ip: IpAddr,
    /// 0 where none is written.
    port: u16,
    method: Option<ForwardingMethod>,
    inhibit: bool,
}

impl VirtualServerBlock {
    /// The last one counts.
    pub(super) fn sorry_server(&mut self, to: &mut Lowering<'_>, node: Node<'_>) {
        let Some(address) = node.argument(0) else {
            return;
        };
        let (ip, port) = (to.address(&address), to.port(node.argument(1).as_ref()));
        if let (Some(ip), Some(port)) = (ip, port) {
            self.sorry = Some(SorryServerLine {
                span: node.span(),
                ip,
                port,
                // What the virtual server said so far counts, though it says something else below.
                method: self.method,
                inhibit: false,
            });
        }
    }

    /// `sorry_server_inhibit` and `sorry_server_lvs_method`, which must follow their server.
    pub(super) fn sorry_server_option(
        &mut self,
        to: &mut Lowering<'_>,
        known: &Keyword,
        node: Node<'_>,
    ) {
        let inhibit = known.word == "sorry_server_inhibit";
        let method = if inhibit { None } else { to.method(node) };
        let Some(sorry) = &mut self.sorry else {
            let text = "counts only behind sorry_server";
            let finding = Diagnostic::new(&rules::SORRY_OPTION_FIRST, node.span(), text)
                .note("keepalived ignores the line, and so does lvsctl");
            to.report(finding);
            return;
        };
        if inhibit {
            sorry.inhibit = to.always_true(node);
        }
        sorry.method = method.or(sorry.method);
    }

    /// What the line comes to; `None` without one, or where its family cannot serve.
    pub(super) fn lower_sorry(
        &self,
        to: &mut Lowering<'_>,
        default: ForwardingMethod,
        family: Family,
    ) -> Option<SorryServer> {
        let line = self.sorry.as_ref()?;
        let method = line.method.unwrap_or(default);
        let tunnelled = matches!(method, ForwardingMethod::Tunnel(_));
        if !tunnelled && Family::of(line.ip) != family {
            let text = format!("{} cannot serve {}", line.ip, self.name());
            let finding = Diagnostic::new(&rules::MIXED_FAMILIES, line.span, text)
                .note("keepalived drops the sorry server");
            to.report(finding.refuse());
            return None;
        }
        let port = match self.port_of_service() {
            // Masquerading leaves the port as written, and 0 stays 0.
            _ if method.rewrites_port() => line.port,
            Some(port) => self.delivered_port(to, (line.port, line.span), method, port),
            None => self.port_of_group(to, (line.port, line.span), method),
        };
        Some(SorryServer {
            key: Endpoint::new(line.ip, port),
            method,
            inhibit: line.inhibit,
        })
    }
}
