use std::time::Duration;

use super::{Asks, CheckBlock, Common};
use crate::conf::keyword::Kind;
use crate::conf::lowering::Lowering;
use crate::conf::patience::{Habits, Patience};
use crate::conf::tree::Node;
use crate::model::check::{Check, Probe, ProbeKind};
use crate::model::service::Endpoint;

const HABITS: Habits = Habits {
    retry: 1,
    delay_before_retry: Some(Duration::from_secs(1)),
};

pub(super) fn read(to: &mut Lowering<'_>, kind: Kind, node: Node<'_>) -> CheckBlock {
    let mut common = Common::default();
    to.walk(kind, node.children(), |to, known, node| {
        common.read(to, known, node)
    });
    CheckBlock {
        span: node.span(),
        common,
        asks: Asks::Tcp,
    }
}

pub(super) fn lower(common: &Common, target: Endpoint, patience: Patience, alpha: bool) -> Check {
    Check {
        probe: Probe {
            kind: ProbeKind::Tcp,
            target,
            bind: common.bind.map(|(bind, _)| bind),
            timeout: patience.timeout(),
        },
        policy: patience.policy(HABITS, alpha),
    }
}
