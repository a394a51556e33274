use std::collections::BTreeMap;

use super::forward::ForwardingMethod;
use super::limits::{Thresholds, Weight};
use super::name::Name;
use super::persist::Persistence;
use super::schedule::{Scheduler, SchedulerFlags};
use super::service::{DestKey, ServiceKey};

/// The kernel's IPVS table of one network namespace in canonical form, desired or observed.
///
/// Canonical: no counters and no bit that only the kernel sets, so `==` means *nothing to do*.
pub type Table = BTreeMap<ServiceKey, Service>;

/// One entry of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub settings: Settings,
    pub pool: Pool,
}

/// All of a service that can be edited in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub scheduler: Scheduler,
    pub flags: SchedulerFlags,
    pub one_packet: bool,
    pub persistence: Option<Persistence>,
    pub engine: Option<Name>,
}

/// All of a dest that can be edited in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dest {
    pub weight: Weight,
    pub method: ForwardingMethod,
    pub thresholds: Thresholds,
}

/// The dests of one service, with the order they enter or entered it.
///
/// Order is not part of equality: the kernel offers no way to change it short of taking a dest
/// out, and only `sh` and `mh` depend on it.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    dests: BTreeMap<DestKey, Dest>,
    order: Vec<DestKey>,
}

impl PartialEq for Pool {
    fn eq(&self, other: &Self) -> bool {
        self.dests == other.dests
    }
}

impl Eq for Pool {}

impl Pool {
    /// Sets a dest; a new one goes to the end of the order. Returns what was there.
    pub fn insert(&mut self, key: DestKey, dest: Dest) -> Option<Dest> {
        let before = self.dests.insert(key, dest);
        if before.is_none() {
            self.order.push(key);
        }
        before
    }

    pub fn remove(&mut self, key: &DestKey) -> Option<Dest> {
        let before = self.dests.remove(key);
        if before.is_some() {
            self.order.retain(|other| other != key);
        }
        before
    }

    pub fn get(&self, key: &DestKey) -> Option<&Dest> {
        self.dests.get(key)
    }

    pub fn get_mut(&mut self, key: &DestKey) -> Option<&mut Dest> {
        self.dests.get_mut(key)
    }

    pub fn contains(&self, key: &DestKey) -> bool {
        self.dests.contains_key(key)
    }

    pub fn len(&self) -> usize {
        self.dests.len()
    }

    pub fn is_empty(&self) -> bool {
        self.dests.is_empty()
    }

    /// Sorted by key, as is shown.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&DestKey, &Dest)> {
        self.dests.iter()
    }

    /// First in, first out: as the file has them, or as they entered the kernel.
    pub fn in_order(&self) -> impl ExactSizeIterator<Item = &DestKey> {
        self.order.iter()
    }
}

impl FromIterator<(DestKey, Dest)> for Pool {
    fn from_iter<I: IntoIterator<Item = (DestKey, Dest)>>(dests: I) -> Self {
        let mut pool = Self::default();
        for (key, dest) in dests {
            pool.insert(key, dest);
        }
        pool
    }
}

/// Live counters of a dest, not part of the table. Source: `IPVS_DEST_ATTR_*_CONNS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    pub active: u32,
    pub inactive: u32,
    pub persistent: u32,
}
