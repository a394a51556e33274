//! Check blocks of a real server: one file a kind, and here what they have in common.

mod tcp;

use std::net::IpAddr;

use super::keyword::{Keyword, Kind};
use super::lowering::{Lowering, Taken};
use super::patience::Patience;
use super::rules;
use super::tree::Node;
use crate::diag::{Diagnostic, Span};
use crate::model::check::Check;
use crate::model::service::{Endpoint, Family};

/// A check block as written; what its servers say is not yet in it.
#[derive(Debug)]
pub(super) struct CheckBlock {
    span: Span,
    common: Common,
    asks: Asks,
}

/// What one kind of check says beside the common words.
#[derive(Debug)]
enum Asks {
    Tcp,
}

/// The words that several kinds of check share.
#[derive(Debug, Default)]
struct Common {
    ip: Option<IpAddr>,
    port: Option<u16>,
    bind: Option<(IpAddr, Span)>,
    alpha: Option<bool>,
    patience: Patience,
}

/// What a check takes from the servers it stands in where it says nothing itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inherited {
    pub(super) patience: Patience,
    pub(super) alpha: bool,
    /// The real server's, as written; port 0 where none is.
    pub(super) server: Endpoint,
    /// Port of the service; 0 where there is none.
    pub(super) service_port: u16,
}

/// Reads a check block; `None` for one that is not typed yet or as written would be lost.
pub(super) fn read(
    to: &mut Lowering<'_>,
    known: &'static Keyword,
    node: Node<'_>,
) -> Option<CheckBlock> {
    let kind = Kind::named(known.word)?;
    if known.word == "TCP_CHECK" {
        return Some(tcp::read(to, kind, node));
    }
    to.judge(known, node);
    None
}

impl Common {
    /// Takes a line up if it is one of these words.
    fn read(&mut self, to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> Taken {
        if self.patience.read(to, known, node) {
            return Taken::Yes;
        }
        match known.word {
            "connect_ip" => {
                let ip = node.argument(0).and_then(|word| to.address(&word));
                self.ip = ip.or(self.ip);
            }
            "connect_port" => {
                let port = to
                    .number(known, node)
                    .and_then(|port| u16::try_from(port).ok());
                self.port = port.or(self.port);
            }
            "bindto" => {
                let ip = node.argument(0).and_then(|word| to.address(&word));
                self.bind = ip.map(|ip| (ip, node.span())).or(self.bind);
            }
            "alpha" => self.alpha = to.boolean(node).or(self.alpha),
            _ => return Taken::No,
        }
        Taken::Yes
    }

    /// Where the question goes; `None` where nothing says a port, which is a finding at `span`.
    fn target(&self, to: &mut Lowering<'_>, inherited: &Inherited, span: Span) -> Option<Endpoint> {
        let ip = self.ip.unwrap_or(inherited.server.ip);
        // The port as written; a real server without one is asked on its service's.
        let written = Some(inherited.server.port).filter(|port| *port != 0);
        let port = self.port.or(written).unwrap_or(inherited.service_port);
        if port == 0 {
            let text = "neither the check nor its servers name a port";
            let finding = Diagnostic::new(&rules::BAD_PORT, span, text).help("add connect_port");
            to.report(finding.refuse());
            return None;
        }
        if let Some((bind, span)) = self.bind
            && Family::of(bind) != Family::of(ip)
        {
            let text = format!("{bind} cannot reach {ip}");
            let finding = Diagnostic::new(&rules::BIND_FAMILY, span, text)
                .note("keepalived drops the check, and the server is up for ever");
            to.report(finding.refuse());
            return None;
        }
        Some(Endpoint::new(ip, port))
    }
}

impl CheckBlock {
    /// The check, with what its servers say; `None` where it cannot be made, which is a finding.
    pub(super) fn lower(&self, to: &mut Lowering<'_>, inherited: &Inherited) -> Option<Check> {
        let patience = self.common.patience.within(inherited.patience);
        let alpha = self.common.alpha.unwrap_or(inherited.alpha);
        match &self.asks {
            Asks::Tcp => {
                let target = self.common.target(to, inherited, self.span)?;
                Some(tcp::lower(&self.common, target, patience, alpha))
            }
        }
    }
}
