use std::net::IpAddr;

use super::check::{self, CheckBlock, Inherited};
use super::details;
use super::keyword::{Inside, Kind};
use super::lowering::{Lowering, Taken};
use super::patience::Patience;
use super::rules;
use super::tree::Node;
use crate::diag::{Diagnostic, Span};
use crate::model::check::Check;
use crate::model::forward::ForwardingMethod;
use crate::model::limits::{Thresholds, Weight};
use crate::model::server::RealServerDetails;
use crate::model::service::Endpoint;
use crate::model::text::Text;

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
    pub(super) details: Option<Box<RealServerDetails>>,
    alpha: Option<bool>,
    patience: Patience,
    checks: Vec<CheckBlock>,
}

/// What a real server takes from its virtual server where it says nothing itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct FromVirtualServer<'a> {
    pub(super) patience: Patience,
    pub(super) alpha: bool,
    /// Port of the service; 0 where there is none.
    pub(super) port: u16,
    pub(super) virtualhost: Option<&'a Text>,
}

/// `None` where the server would be lost, which is a finding.
pub(super) fn read(to: &mut Lowering<'_>, kind: Kind, node: Node<'_>) -> Option<RealServerBlock> {
    let (address, port) = (node.argument(0)?, node.argument(1));
    let (ip, number) = (to.address(&address), to.port(port.as_ref()));
    let mut block = RealServerBlock {
        span: node.span(),
        ip: ip?,
        port: number?,
        port_span: port.map(|word| word.span),
        weight: None,
        method: None,
        thresholds: Thresholds::default(),
        inhibit: None,
        details: None,
        alpha: None,
        patience: Patience::default(),
        checks: Vec::new(),
    };
    let mut thresholds_span = node.span();
    to.walk(kind, node.children(), |to, known, node| {
        if block.patience.read(to, known, node)
            || details::of_real_server(&mut block.details, to, known, node)
        {
            return Taken::Yes;
        }
        match known.word {
            "weight" => {
                let weight = to.number(known, node).and_then(Weight::new);
                block.weight = weight.or(block.weight);
            }
            "lvs_method" => block.method = to.method(node).or(block.method),
            "uthreshold" => {
                thresholds_span = node.span();
                let upper = to.number(known, node);
                block.thresholds.upper = upper.unwrap_or(block.thresholds.upper);
            }
            "lthreshold" => {
                thresholds_span = node.span();
                let lower = to.number(known, node);
                block.thresholds.lower = lower.unwrap_or(block.thresholds.lower);
            }
            "inhibit_on_failure" => block.inhibit = to.boolean(node).or(block.inhibit),
            "alpha" => block.alpha = to.boolean(node).or(block.alpha),
            _ if matches!(known.inside, Inside::Keywords(_)) => {
                check::read(to, known, node, &mut block.checks);
            }
            _ => return Taken::No,
        }
        Taken::Yes
    });
    if block.thresholds.upper > Thresholds::MOST {
        let finding = Diagnostic::new(
            &rules::OUT_OF_RANGE,
            thresholds_span,
            "expected 0 to 2147483647",
        )
        .note("the kernel refuses such a real server, so that it would be missing");
        to.report(finding.refuse());
    } else if block.thresholds.lower > block.thresholds.upper {
        let Thresholds { upper, lower } = block.thresholds;
        let text = format!("{lower} is above {upper}, where 0 is no limit");
        let finding = Diagnostic::new(&rules::LOWER_ABOVE_UPPER, thresholds_span, text)
            .note("the kernel refuses such a real server, so that it would be missing");
        to.report(finding.refuse());
    }
    Some(block)
}

impl RealServerBlock {
    pub(super) fn checks(&self, to: &mut Lowering<'_>, from: FromVirtualServer<'_>) -> Vec<Check> {
        let own = self
            .details
            .as_ref()
            .and_then(|details| details.virtualhost.as_ref());
        let inherited = Inherited {
            patience: self.patience.within(from.patience),
            alpha: self.alpha.unwrap_or(from.alpha),
            server: Endpoint::new(self.ip, self.port),
            service_port: from.port,
            service_delay_loop: from.patience.delay_loop(),
            virtualhost: own.or(from.virtualhost),
        };
        let mut checks = Vec::with_capacity(self.checks.len());
        for check in &self.checks {
            check.lower(to, &inherited, &mut checks);
        }
        checks
    }
}
