use std::net::IpAddr;

use super::lowering::Lowering;
use super::patience::Patience;
use super::real_server::{self, Inherited, RealServerBlock};
use super::rules;
use super::tree::{Node, Word};
use crate::diag::{Diagnostic, Rule, Span};
use crate::model::forward::ForwardingMethod;
use crate::model::limits::Weight;
use crate::model::name::Name;
use crate::model::persist::{Granularity, Persistence};
use crate::model::schedule::{Scheduler, SchedulerFlags};
use crate::model::server::{RealServer, VirtualServer};
use crate::model::service::{DestKey, Endpoint, Family, Protocol, ServiceKey};

const BLOCK: &str = "virtual_server";
/// Seconds, where persistence is asked for without a time.
const PERSISTENCE: u32 = 360;

/// A `virtual_server` block as written.
#[derive(Debug)]
struct VirtualServerBlock {
    span: Span,
    ip: IpAddr,
    port: u16,
    protocol: Option<Protocol>,
    scheduler: Option<Scheduler>,
    method: Option<ForwardingMethod>,
    flags: SchedulerFlags,
    ops: Option<Span>,
    timeout: Option<u32>,
    granularity: Option<Granularity>,
    engine: Option<Name>,
    weight: Option<Weight>,
    alpha: bool,
    inhibit: bool,
    patience: Patience,
    real_servers: Vec<RealServerBlock>,
    /// Lines of it were refused or need an expansion: what it lacks may be in them.
    partly_read: bool,
}

/// A virtual server, and where it and its real servers stand.
pub(super) struct Lowered {
    pub(super) server: VirtualServer,
    pub(super) key: ServiceKey,
    pub(super) span: Span,
    pub(super) real_spans: Vec<(DestKey, Span)>,
}

pub(super) fn read(to: &mut Lowering, node: &Node) -> Option<Lowered> {
    let (address, port) = (node.arguments().first()?, node.arguments().get(1));
    if matches!(address.text.as_str(), "fwmark" | "group") {
        let text = format!("a virtual server by {} is not implemented", address.text);
        to.refuse(&rules::NOT_SUPPORTED, address.span, &text);
        return None;
    }
    let (ip, number) = (to.address(address), to.port(port));
    let mut block = VirtualServerBlock {
        span: node.span(),
        ip: ip?,
        port: number?,
        protocol: None,
        scheduler: None,
        method: None,
        flags: SchedulerFlags::default(),
        ops: None,
        timeout: None,
        granularity: None,
        engine: None,
        weight: None,
        alpha: false,
        inhibit: false,
        patience: Patience::default(),
        real_servers: Vec::new(),
        partly_read: node.children().iter().any(|node| node.unexpanded),
    };
    to.walk(BLOCK, node.children(), |to, word, node| {
        block.line(to, word, node);
    });
    block.lower(to)
}

impl VirtualServerBlock {
    fn line(&mut self, to: &mut Lowering, word: &str, node: &Node) {
        if self.patience.read(to, BLOCK, word, node) {
            return;
        }
        let argument = node.arguments().first();
        match word {
            "lb_algo" | "lvs_sched" => {
                self.scheduler = scheduler(to, argument).or(self.scheduler.take());
            }
            "lb_kind" | "lvs_method" => self.method = to.method(node).or(self.method),
            "protocol" => self.protocol = protocol(to, argument).or(self.protocol),
            "persistence_timeout" => {
                let timeout = match argument {
                    None => Some(PERSISTENCE),
                    Some(_) => to.number(BLOCK, node),
                };
                self.timeout = timeout.or(self.timeout);
            }
            "persistence_granularity" => {
                self.granularity = self.granularity(to, argument).or(self.granularity);
            }
            "persistence_engine" => self.engine = engine(to, argument).or(self.engine.take()),
            "ops" => self.ops = Some(node.span()),
            "flag-1" => self.flags.flag1 = true,
            "flag-2" => self.flags.flag2 = true,
            "flag-3" => self.flags.flag3 = true,
            "sh-fallback" | "mh-fallback" => self.flags.flag1 |= self.flag_applies(to, word, node),
            "sh-port" | "mh-port" => self.flags.flag2 |= self.flag_applies(to, word, node),
            "weight" => {
                let weight = to.number(BLOCK, node).and_then(Weight::new);
                self.weight = weight.or(self.weight);
            }
            "alpha" => self.alpha = to.always_true(node),
            "inhibit_on_failure" => self.inhibit = to.always_true(node),
            "ip_family" => self.family_word(to, argument),
            "real_server" => match real_server::read(to, node) {
                Some(real) => self.real_servers.push(real),
                None => self.partly_read = true,
            },
            _ => {}
        }
    }

    /// `sh-…` counts only after `lb_algo sh`, `mh-…` after `lb_algo mh`.
    fn flag_applies(&self, to: &mut Lowering, word: &str, node: &Node) -> bool {
        let scheduler = if word.starts_with("sh") {
            Scheduler::Sh
        } else {
            Scheduler::Mh
        };
        let applies = self.scheduler.as_ref() == Some(&scheduler);
        if !applies {
            let text = format!("counts only after lb_algo {scheduler}");
            let finding = Diagnostic::new(&rules::FLAG_NEEDS_SCHEDULER, node.span(), text)
                .note("keepalived ignores the line, and so does lvsctl");
            to.report(finding);
        }
        applies
    }

    fn granularity(&self, to: &mut Lowering, argument: Option<&Word>) -> Option<Granularity> {
        let word = argument?;
        match Family::of(self.ip) {
            Family::Inet => to.netmask(word).map(Granularity::Netmask),
            Family::Inet6 => {
                let length = word.text.parse().ok();
                let length = length.filter(|length| (1..=128).contains(length));
                if length.is_none() {
                    to.bad_value(word, "a prefix length, 1 to 128");
                }
                length.map(Granularity::Prefix)
            }
        }
    }

    fn family_word(&self, to: &mut Lowering, argument: Option<&Word>) {
        let family = Family::of(self.ip).as_str();
        if let Some(word) = argument.filter(|word| word.text != family) {
            to.bad_value(word, &format!("{family}, the family of {}", self.ip));
        }
    }

    fn lower(mut self, to: &mut Lowering) -> Option<Lowered> {
        let protocol = self.protocol_or_default(to);
        let scheduler = self.scheduler_or_default(to);
        let method = self.method_or_default(to);
        if let Some(span) = self.ops
            && protocol != Protocol::Udp
        {
            let text = format!("switched off for {protocol}");
            to.report(Diagnostic::new(&rules::OPS_NEEDS_UDP, span, text));
            self.ops = None;
        }
        let persistence = self.persistence(to);
        let key = ServiceKey::Address(protocol, Endpoint::new(self.ip, self.port));
        let (real_servers, real_spans) = self.pool(to, method);
        if self.real_servers.is_empty() && self.partly_read {
            return None;
        }
        if self.real_servers.is_empty() {
            let text = "its block names none";
            let finding = Diagnostic::new(&rules::NO_REAL_SERVER, self.span, text)
                .note("keepalived drops the virtual server");
            to.report(finding.refuse());
            return None;
        }
        let server = VirtualServer {
            keys: vec![key],
            scheduler,
            flags: self.flags,
            one_packet: self.ops.is_some(),
            persistence,
            engine: self.engine,
            real_servers,
        };
        Some(Lowered {
            server,
            key,
            span: self.span,
            real_spans,
        })
    }

    fn protocol_or_default(&self, to: &mut Lowering) -> Protocol {
        self.protocol.unwrap_or_else(|| {
            let text = "add a protocol line";
            self.report_unset(to, &rules::PROTOCOL_UNSET, text);
            Protocol::Udp
        })
    }

    fn report_unset(&self, to: &mut Lowering, rule: &'static Rule, text: &str) {
        if !self.partly_read {
            to.report(Diagnostic::new(rule, self.span, text));
        }
    }

    fn scheduler_or_default(&self, to: &mut Lowering) -> Scheduler {
        self.scheduler.clone().unwrap_or_else(|| {
            let text = "add an lb_algo line";
            self.report_unset(to, &rules::SCHEDULER_UNSET, text);
            Scheduler::Wlc
        })
    }

    fn method_or_default(&self, to: &mut Lowering) -> ForwardingMethod {
        self.method.unwrap_or_else(|| {
            let text = "add an lb_kind line";
            self.report_unset(to, &rules::METHOD_UNSET, text);
            ForwardingMethod::Masquerade
        })
    }

    fn persistence(&self, to: &mut Lowering) -> Option<Persistence> {
        let timeout = self.timeout.or(self.granularity.map(|_| PERSISTENCE));
        let timeout = timeout.or_else(|| {
            (self.port == 0).then(|| {
                let text = format!("made persistent for {PERSISTENCE} s");
                let finding = Diagnostic::new(&rules::PORT_ZERO_NEEDS_PERSISTENCE, self.span, text)
                    .help("name a port, or add persistence_timeout");
                to.report(finding);
                PERSISTENCE
            })
        })?;
        let host = Granularity::host(Family::of(self.ip));
        Some(Persistence {
            timeout,
            granularity: self.granularity.unwrap_or(host),
        })
    }

    fn pool(
        &self,
        to: &mut Lowering,
        default: ForwardingMethod,
    ) -> (Vec<RealServer>, Vec<(DestKey, Span)>) {
        let mut servers: Vec<RealServer> = Vec::new();
        let mut spans: Vec<(DestKey, Span)> = Vec::new();
        let mut seen = std::collections::BTreeMap::new();
        for real in &self.real_servers {
            let method = real.method.unwrap_or(default);
            let port = self.dest_port(to, real, method);
            let key = Endpoint::new(real.ip, port);
            let tunnelled = matches!(method, ForwardingMethod::Tunnel(_));
            if Family::of(real.ip) != Family::of(self.ip) && !tunnelled {
                let text = format!("{} cannot serve {}", real.ip, self.ip);
                let finding = Diagnostic::new(&rules::MIXED_FAMILIES, real.span, text)
                    .note("keepalived drops the real server");
                to.report(finding.refuse());
            }
            if let Some(first) = seen.insert(key, real.span) {
                let text = format!("{key} is already in this virtual server");
                let finding = Diagnostic::new(&rules::DUPLICATE_REAL_SERVER, real.span, text)
                    .context(first, "first here")
                    .note("keepalived drops the second, and so does lvsctl");
                to.report(finding);
                seen.insert(key, first);
                continue;
            }
            let inherited = Inherited {
                patience: self.patience,
                alpha: self.alpha,
                port: self.port,
            };
            spans.push((key, real.span));
            servers.push(RealServer {
                key,
                weight: real.weight.or(self.weight).unwrap_or(Weight::ONE),
                method,
                thresholds: real.thresholds,
                inhibit: real.inhibit.unwrap_or(self.inhibit),
                checks: real.checks(to, inherited),
            });
        }
        (servers, spans)
    }

    /// A packet that is not rewritten arrives for the port of the service.
    fn dest_port(
        &self,
        to: &mut Lowering,
        real: &RealServerBlock,
        method: ForwardingMethod,
    ) -> u16 {
        if real.port == 0 || real.port == self.port {
            return self.port;
        }
        if method.rewrites_port() {
            return real.port;
        }
        let text = format!("{method} delivers to port {}", self.port);
        let span = real.port_span.unwrap_or(real.span);
        let finding = Diagnostic::new(&rules::PORT_NEEDS_NAT, span, text)
            .context(self.span, "packets arrive for this port")
            .note("keepalived goes on with the port of the virtual server, and so does lvsctl")
            .help(format!("use port {}, or lvs_method NAT", self.port));
        to.report(finding);
        self.port
    }
}

fn scheduler(to: &mut Lowering, argument: Option<&Word>) -> Option<Scheduler> {
    let word = argument?;
    let scheduler = Scheduler::named(&word.text);
    if scheduler.is_none() {
        let names: Vec<String> = Scheduler::NAMED.iter().map(ToString::to_string).collect();
        to.bad_value(word, &format!("one of {}", names.join(" ")));
    }
    scheduler
}

fn protocol(to: &mut Lowering, argument: Option<&Word>) -> Option<Protocol> {
    let word = argument?;
    let protocol = match word.text.to_ascii_uppercase().as_str() {
        "TCP" => Some(Protocol::Tcp),
        "UDP" => Some(Protocol::Udp),
        "SCTP" => Some(Protocol::Sctp),
        _ => None,
    };
    if protocol.is_none() {
        to.bad_value(word, "TCP, UDP or SCTP");
    }
    protocol
}

fn engine(to: &mut Lowering, argument: Option<&Word>) -> Option<Name> {
    let word = argument?;
    let engine = Name::new(&word.text);
    if engine.is_none() {
        to.bad_value(word, "a name of 1 to 15 bytes, such as sip");
    }
    engine
}
