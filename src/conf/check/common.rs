use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use super::Inherited;
use crate::conf::keyword::Keyword;
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::patience::Patience;
use crate::conf::rules;
use crate::conf::tree::Node;
use crate::diag::{Diagnostic, Span};
use crate::model::check::Origin;
use crate::model::name::Name;
use crate::model::service::{Endpoint, Family};

/// The words that several kinds of check share.
#[derive(Debug, Default)]
pub(super) struct Common {
    pub(super) connection: Connection,
    pub(super) patience: Patience,
    pub(super) alpha: Option<bool>,
    pub(super) log_all_failures: bool,
}

/// From where and to where a question goes.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Connection {
    ip: Option<IpAddr>,
    port: Option<u16>,
    bind: Option<(IpAddr, Span)>,
    bind_port: Option<NonZeroU16>,
    interface: Option<Name>,
    mark: Option<NonZeroU32>,
    pub(super) timeout: Option<Duration>,
}

/// Whether a question goes to a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    Needed,
    Unused,
}

impl Common {
    /// Takes a line up if it is one of these words.
    pub(super) fn read(&mut self, to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> Taken {
        // It comes before `patience`, which knows connect_timeout too.
        if self.connection.read(to, known, node) == Taken::Yes
            || self.patience.read(to, known, node)
        {
            return Taken::Yes;
        }
        match known.word {
            "alpha" => self.alpha = to.boolean(node).or(self.alpha),
            "log_all_failures" => {
                self.log_all_failures = to.boolean(node).unwrap_or(self.log_all_failures);
            }
            _ => return Taken::No,
        }
        Taken::Yes
    }
}

impl Connection {
    /// Takes a line up if it is one of these words.
    pub(super) fn read(&mut self, to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> Taken {
        match known.word {
            "connect_ip" => {
                let ip = node.argument(0).and_then(|word| to.address(&word));
                self.ip = ip.or(self.ip);
            }
            "connect_port" => self.port = port(to, known, node).map(NonZeroU16::get).or(self.port),
            "bindto" => {
                let ip = node.argument(0).and_then(|word| to.address(&word));
                self.bind = ip.map(|ip| (ip, node.span())).or(self.bind);
            }
            "bind_port" => self.bind_port = port(to, known, node).or(self.bind_port),
            "bind_if" => self.interface = interface(to, node).or(self.interface.take()),
            "fwmark" => {
                if let Some(mark) = mark(to, node) {
                    self.mark = NonZeroU32::new(mark);
                }
            }
            "connect_timeout" => self.timeout = to.timer(known, node).or(self.timeout),
            _ => return Taken::No,
        }
        Taken::Yes
    }

    /// Nothing of it is said.
    pub(super) fn is_silent(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn bind(&self) -> Option<IpAddr> {
        self.bind.map(|(ip, _)| ip)
    }

    pub(super) fn origin(&self) -> Option<Box<Origin>> {
        let origin = Origin {
            // keepalived binds an address, with or without a port, and never a port alone.
            port: self.bind_port.filter(|_| self.bind.is_some()),
            interface: self.interface.clone(),
            mark: self.mark,
        };
        (origin != Origin::default()).then(|| Box::new(origin))
    }

    /// Where the question goes; `None` where it cannot go, which is a finding at `check`.
    pub(super) fn target(
        &self,
        to: &mut Lowering<'_>,
        inherited: &Inherited<'_>,
        check: Span,
        port: Port,
    ) -> Option<Endpoint> {
        let ip = self.ip.unwrap_or(inherited.server.ip);
        let port = match port {
            Port::Unused => 0,
            Port::Needed => self.target_port(to, inherited, check)?,
        };
        if let Some((bind, span)) = self.bind
            && Family::of(bind) != Family::of(ip)
        {
            let text = format!("{bind} cannot reach {ip}");
            let finding = Diagnostic::new(&rules::BIND_FAMILY, span, text)
                .note("keepalived leaves the line out and asks from another address");
            to.report(finding.refuse());
            return None;
        }
        if link_local(ip) && self.interface.is_none() {
            let text = format!("{ip} is on every interface");
            let finding = Diagnostic::new(&rules::LINK_LOCAL_NEEDS_INTERFACE, check, text)
                .note("keepalived drops the check, and the server is up for ever")
                .help("add bind_if with the name of the interface");
            to.report(finding.refuse());
            return None;
        }
        Some(Endpoint::new(ip, port))
    }

    fn target_port(
        &self,
        to: &mut Lowering<'_>,
        inherited: &Inherited<'_>,
        check: Span,
    ) -> Option<u16> {
        // The port as written; a real server without one is asked on its service's.
        let written = Some(inherited.server.port).filter(|port| *port != 0);
        let port = self.port.or(written).unwrap_or(inherited.service_port);
        if port == 0 {
            let text = "neither the check nor its servers name a port";
            let finding = Diagnostic::new(&rules::BAD_PORT, check, text).help("add connect_port");
            to.report(finding.refuse());
            return None;
        }
        Some(port)
    }
}

fn link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

fn port(to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> Option<NonZeroU16> {
    let port = to.number(known, node)?;
    u16::try_from(port).ok().and_then(NonZeroU16::new)
}

fn mark(to: &mut Lowering<'_>, node: Node<'_>) -> Option<u32> {
    let word = node.argument(0)?;
    let mark = word.text().parse().ok();
    if mark.is_none() {
        to.bad_value(&word, "a number, 0 to 4294967295");
    }
    mark
}

fn interface(to: &mut Lowering<'_>, node: Node<'_>) -> Option<Name> {
    let word = node.argument(0)?;
    let name = std::str::from_utf8(word.bytes).ok().and_then(Name::new);
    if name.is_none() {
        to.bad_value(&word, "the name of an interface, 1 to 15 bytes");
    }
    name
}
