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
    /// In the order of entry. No key twice.
    entered: Vec<(DestKey, Dest)>,
    /// Places in `entered`, by key: there may be ten thousand pools, each of a few dests.
    sorted: Vec<u32>,
}

impl PartialEq for Pool {
    fn eq(&self, other: &Self) -> bool {
        // Most pools that agree were entered in the same order.
        self.entered == other.entered || self.iter().eq(other.iter())
    }
}

impl Eq for Pool {}

impl Pool {
    /// Empty, with room for so many.
    pub fn with_capacity(dests: usize) -> Self {
        Self {
            entered: Vec::with_capacity(dests),
            sorted: Vec::with_capacity(dests),
        }
    }

    /// Makes room for just so many more.
    pub fn reserve(&mut self, dests: usize) {
        self.entered.reserve_exact(dests);
        self.sorted.reserve_exact(dests);
    }

    /// The place in `sorted` of a key, or where it would stand.
    fn search(&self, key: &DestKey) -> Result<usize, usize> {
        let at = |place: &u32| &self.entered[*place as usize].0;
        // Most come in the order of their keys.
        match self.sorted.last() {
            Some(last) if at(last) < key => Err(self.sorted.len()),
            _ => self.sorted.binary_search_by(|place| at(place).cmp(key)),
        }
    }

    fn place(&self, key: &DestKey) -> Option<usize> {
        let at = self.search(key).ok()?;
        Some(self.sorted[at] as usize)
    }

    /// Sets a dest; a new one goes to the end of the order. Returns what was there.
    pub fn insert(&mut self, key: DestKey, dest: Dest) -> Option<Dest> {
        match self.search(&key) {
            Ok(at) => {
                let place = self.sorted[at] as usize;
                Some(std::mem::replace(&mut self.entered[place].1, dest))
            }
            Err(at) => {
                self.enter(at, key, dest);
                None
            }
        }
    }

    /// Adds a dest at the end of the order, unless there is one by this key.
    pub fn add(&mut self, key: DestKey, dest: Dest) {
        if let Err(at) = self.search(&key) {
            self.enter(at, key, dest);
        }
    }

    fn enter(&mut self, at: usize, key: DestKey, dest: Dest) {
        // A service with more dests than this has no room in the kernel.
        let place = u32::try_from(self.entered.len()).unwrap_or(u32::MAX);
        self.sorted.insert(at, place);
        self.entered.push((key, dest));
    }

    pub fn remove(&mut self, key: &DestKey) -> Option<Dest> {
        let at = self.search(key).ok()?;
        let gone = self.sorted.remove(at);
        for place in self.sorted.iter_mut().filter(|place| **place > gone) {
            *place -= 1;
        }
        Some(self.entered.remove(gone as usize).1)
    }

    pub fn get(&self, key: &DestKey) -> Option<&Dest> {
        self.place(key).map(|place| &self.entered[place].1)
    }

    pub fn get_mut(&mut self, key: &DestKey) -> Option<&mut Dest> {
        self.place(key).map(|place| &mut self.entered[place].1)
    }

    pub fn contains(&self, key: &DestKey) -> bool {
        self.search(key).is_ok()
    }

    pub fn len(&self) -> usize {
        self.entered.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entered.is_empty()
    }

    /// Sorted by key, as is shown.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&DestKey, &Dest)> {
        let places = self.sorted.iter();
        places.map(|place| {
            let (key, dest) = &self.entered[*place as usize];
            (key, dest)
        })
    }

    /// First in, first out: as the file has them, or as they entered the kernel.
    pub fn entered(&self) -> impl ExactSizeIterator<Item = (&DestKey, &Dest)> {
        self.entered.iter().map(|(key, dest)| (key, dest))
    }

    /// Their keys alone.
    pub fn in_order(&self) -> impl ExactSizeIterator<Item = &DestKey> {
        self.entered().map(|(key, _)| key)
    }
}

impl FromIterator<(DestKey, Dest)> for Pool {
    fn from_iter<I: IntoIterator<Item = (DestKey, Dest)>>(dests: I) -> Self {
        let dests = dests.into_iter();
        let mut pool = Self::with_capacity(dests.size_hint().0);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn dest(weight: u32) -> Dest {
        Dest {
            weight: Weight::new(weight).unwrap(),
            method: ForwardingMethod::DirectRoute,
            thresholds: Thresholds::default(),
        }
    }

    fn key(number: u16) -> DestKey {
        DestKey::new([192, 0, 2, 1].into(), number)
    }

    /// Every sequence of a few operations on three keys, beside a map and a list.
    #[test]
    fn a_pool_is_a_map_that_knows_its_order() {
        const OPERATIONS: u32 = 6;
        const LENGTH: u32 = 5;
        for sequence in 0..OPERATIONS.pow(LENGTH) {
            let mut pool = Pool::default();
            let (mut map, mut order) = (BTreeMap::new(), Vec::new());
            for step in 0..LENGTH {
                let operation = sequence / OPERATIONS.pow(step) % OPERATIONS;
                // Keys neither rise nor fall.
                let at = key([7, 9, 8][operation as usize % 3]);
                if operation < 3 {
                    let before = map.insert(at, dest(step));
                    if before.is_none() {
                        order.push(at);
                    }
                    assert_eq!(pool.insert(at, dest(step)), before);
                } else {
                    order.retain(|other| *other != at);
                    assert_eq!(pool.remove(&at), map.remove(&at));
                }
                assert!(pool.iter().eq(&map), "sequence {sequence}");
                assert!(pool.in_order().eq(&order), "sequence {sequence}");
                for number in 6..11 {
                    assert_eq!(pool.get(&key(number)), map.get(&key(number)));
                }
                let other: Pool = map.iter().map(|(key, dest)| (*key, *dest)).collect();
                assert_eq!(pool, other, "order is no part of equality");
            }
        }
    }
}
