use std::net::IpAddr;

use super::lowering::Lowering;
use super::patience::Patience;
use super::rules;
use super::tree::Node;
use crate::diag::{Diagnostic, Span};
use crate::model::check::{Check, Probe, ProbeKind};
use crate::model::forward::ForwardingMethod;
use crate::model::limits::{Thresholds, Weight};
use crate::model::service::{Endpoint, Family};

/// A `real_server` block as written; what its virtual server says is not yet in it.
#[derive(Debug)]
pub(super) struct RealServerBlock {
    pub(super) span: Span,
    pub(super) ip: IpAddr,
    /// 0 where none is written.
    pub(super) port: u16,
    pub(super) port_span: Option<Span>,
    pub(super) weight: Option<Weight>,
    pub(super) method: Option<ForwardingMethod>,
    pub(super) thresholds: Thresholds,
    pub(super) inhibit: Option<bool>,
    alpha: Option<bool>,
    patience: Patience,
    checks: Vec<CheckBlock>,
}

/// A `TCP_CHECK` block.
#[derive(Debug)]
struct CheckBlock {
    span: Span,
    ip: Option<IpAddr>,
    port: Option<u16>,
    bind: Option<(IpAddr, Span)>,
    alpha: Option<bool>,
    patience: Patience,
}

/// What a real server takes from its virtual server where it says nothing itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inherited {
    pub(super) patience: Patience,
    pub(super) alpha: bool,
    /// Port of the service.
    pub(super) port: u16,
}

pub(super) fn read(to: &mut Lowering, node: &Node) -> Option<RealServerBlock> {
    let (address, port) = (node.arguments().first()?, node.arguments().get(1));
    let (ip, number) = (to.address(address), to.port(port));
    let mut block = RealServerBlock {
        span: node.span(),
        ip: ip?,
        port: number?,
        port_span: port.map(|word| word.span),
        weight: None,
        method: None,
        thresholds: Thresholds::default(),
        inhibit: None,
        alpha: None,
        patience: Patience::default(),
        checks: Vec::new(),
    };
    let mut thresholds_span = node.span();
    to.walk("real_server", node.children(), |to, word, node| {
        if block.patience.read(to, "real_server", word, node) {
            return;
        }
        match word {
            "weight" => {
                let weight = to.number("real_server", node).and_then(Weight::new);
                block.weight = weight.or(block.weight);
            }
            "lvs_method" => block.method = to.method(node).or(block.method),
            "uthreshold" => {
                thresholds_span = node.span();
                let upper = to.number("real_server", node);
                block.thresholds.upper = upper.unwrap_or(block.thresholds.upper);
            }
            "lthreshold" => {
                thresholds_span = node.span();
                let lower = to.number("real_server", node);
                block.thresholds.lower = lower.unwrap_or(block.thresholds.lower);
            }
            "inhibit_on_failure" => block.inhibit = to.boolean(node).or(block.inhibit),
            "alpha" => block.alpha = to.boolean(node).or(block.alpha),
            "TCP_CHECK" => block.checks.push(check(to, node)),
            _ => {}
        }
    });
    if block.thresholds.lower > block.thresholds.upper {
        let Thresholds { upper, lower } = block.thresholds;
        let text = format!("{lower} is above {upper}, where 0 is no limit");
        let finding = Diagnostic::new(&rules::LOWER_ABOVE_UPPER, thresholds_span, text)
            .note("the kernel refuses such a real server, so that it would be missing");
        to.report(finding.refuse());
    }
    Some(block)
}

fn check(to: &mut Lowering, node: &Node) -> CheckBlock {
    const BLOCK: &str = "TCP_CHECK";
    let mut check = CheckBlock {
        span: node.span(),
        ip: None,
        port: None,
        bind: None,
        alpha: None,
        patience: Patience::default(),
    };
    to.walk(BLOCK, node.children(), |to, word, node| {
        if check.patience.read(to, BLOCK, word, node) {
            return;
        }
        let argument = node.arguments().first();
        match word {
            "connect_ip" => check.ip = argument.and_then(|word| to.address(word)),
            "connect_port" => {
                let port = to.number(BLOCK, node);
                check.port = port.and_then(|port| u16::try_from(port).ok());
            }
            "bindto" => {
                let ip = argument.and_then(|word| to.address(word));
                check.bind = ip.map(|ip| (ip, node.span()));
            }
            "alpha" => check.alpha = to.boolean(node).or(check.alpha),
            _ => {}
        }
    });
    check
}

impl RealServerBlock {
    pub(super) fn checks(&self, to: &mut Lowering, inherited: Inherited) -> Vec<Check> {
        let patience = self.patience.within(inherited.patience);
        let alpha = self.alpha.unwrap_or(inherited.alpha);
        let mut checks = Vec::new();
        for check in &self.checks {
            let patience = check.patience.within(patience);
            let ip = check.ip.unwrap_or(self.ip);
            // The port as written; a real server without one is asked on its service's.
            let written = Some(self.port).filter(|port| *port != 0);
            let port = check.port.or(written).unwrap_or(inherited.port);
            if port == 0 {
                let text = "neither the check nor its servers name a port";
                let finding =
                    Diagnostic::new(&rules::BAD_PORT, check.span, text).help("add connect_port");
                to.report(finding.refuse());
                continue;
            }
            if let Some((bind, span)) = check.bind
                && Family::of(bind) != Family::of(ip)
            {
                let text = format!("{bind} cannot reach {ip}");
                let finding = Diagnostic::new(&rules::BIND_FAMILY, span, text)
                    .note("keepalived drops the check, and the server is up for ever");
                to.report(finding.refuse());
                continue;
            }
            checks.push(Check {
                probe: Probe {
                    kind: ProbeKind::Tcp,
                    target: Endpoint::new(ip, port),
                    bind: check.bind.map(|(bind, _)| bind),
                    timeout: patience.timeout(),
                },
                policy: patience.tcp_policy(check.alpha.unwrap_or(alpha)),
            });
        }
        checks
    }
}
