use std::collections::BTreeMap;

use super::machine::State;
use super::manner::Manner;
use super::standing::Standing;
use super::verdict::Weighing;
use crate::model::check::Check;
use crate::model::limits::Weight;
use crate::model::service::{DestKey, VirtualServerKey};

/// What outlives a restart: verdicts, and since when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    pub virtual_servers: BTreeMap<VirtualServerKey, RememberedPool>,
}

/// What is remembered of a virtual server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RememberedPool {
    pub quorum: bool,
    /// By address and port as the file has them.
    pub real_servers: BTreeMap<DestKey, RememberedServer>,
}

/// What is remembered of a real server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedServer {
    pub standing: Standing,
    pub checks: Box<[RememberedCheck]>,
}

/// What is remembered of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedCheck {
    /// What it asks, in words.
    pub asks: String,
    /// It has had a result.
    pub checked: bool,
    /// It passes, or the server is trusted until it is checked.
    pub passes: bool,
    pub weighing: Option<Weighing>,
}

impl FromIterator<(VirtualServerKey, RememberedPool)> for Memory {
    fn from_iter<I: IntoIterator<Item = (VirtualServerKey, RememberedPool)>>(pools: I) -> Self {
        Self {
            virtual_servers: pools.into_iter().collect(),
        }
    }
}

impl RememberedServer {
    /// Its checks took all of its weight.
    pub(super) fn weighs_nothing(&self, configured: Weight) -> bool {
        let weighings = self.checks.iter().filter_map(|check| check.weighing);
        let adds = weighings.map(|weighing| weighing.adds(configured));
        adds.fold(i64::from(configured.get()), i64::saturating_add) <= 0
    }

    /// What is remembered of one of its checks.
    pub(super) fn of(&self, check: &Check) -> Option<&RememberedCheck> {
        let asks = check.probe.to_string();
        self.checks.iter().find(|known| known.asks == asks)
    }
}

impl RememberedCheck {
    pub(super) fn state(&self, check: &Check) -> State {
        match (self.checked, self.passes) {
            (false, up) => State::new(up, Manner::of(&check.probe.kind), &check.policy),
            (true, true) => State::Up { failures: 0 },
            (true, false) => State::down(&check.policy),
        }
    }
}
