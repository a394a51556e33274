//! No step ever follows from a reading that others tore: on the kernel in memory, over every way to
//! miss some of a few services. `tests/lab/readers.rs` has a real kernel torn by a real writer.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};

use lvsctl::ipvs::{self, Info, Ipvs, Memory, Outcome, observe, verify};
use lvsctl::model::director::Timeouts;
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{DestKey, Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Connections, Dest, Service, Settings, Table};
use lvsctl::plan::{Step, diff, scope};

/// A kernel whose readings of many services pass over some.
struct Torn {
    kernel: Memory,
    passed_over: BTreeSet<ServiceKey>,
}

impl Torn {
    fn torn(&self, mut table: Table) -> Table {
        table.retain(|key, _| !self.passed_over.contains(key));
        table
    }
}

impl Ipvs for Torn {
    fn info(&mut self) -> Result<Info, ipvs::Error> {
        self.kernel.info()
    }

    fn table(&mut self) -> Result<Table, ipvs::Error> {
        let table = self.kernel.table()?;
        Ok(self.torn(table))
    }

    fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, ipvs::Error> {
        self.kernel.service(key)
    }

    fn services(
        &mut self,
        keys: &BTreeSet<ServiceKey>,
        likely: &Table,
    ) -> Result<Table, ipvs::Error> {
        let table = self.kernel.services(keys, likely)?;
        Ok(self.torn(table))
    }

    fn connections(
        &mut self,
        key: &ServiceKey,
    ) -> Result<BTreeMap<DestKey, Connections>, ipvs::Error> {
        self.kernel.connections(key)
    }

    fn execute(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, ipvs::Error> {
        self.kernel.execute(steps)
    }

    fn timeouts(&mut self) -> Result<Timeouts, ipvs::Error> {
        self.kernel.timeouts()
    }

    fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), ipvs::Error> {
        self.kernel.set_timeouts(timeouts)
    }
}

fn endpoint(last: u8) -> Endpoint {
    Endpoint::new([192, 0, 2, last].into(), 80)
}

fn service(last: u8) -> ServiceKey {
    ServiceKey::Address(Protocol::Tcp, endpoint(last))
}

/// Nothing, or one dest at this weight.
const STATES: [Option<u32>; 3] = [None, Some(0), Some(1)];

fn entry(weight: u32) -> Service {
    let dest = Dest {
        weight: Weight::new(weight).unwrap(),
        method: ForwardingMethod::DirectRoute,
        thresholds: Thresholds::default(),
    };
    Service {
        settings: Settings {
            scheduler: Scheduler::Rr,
            flags: SchedulerFlags::default(),
            one_packet: false,
            persistence: None,
            engine: None,
        },
        pool: [(endpoint(50), dest)].into_iter().collect(),
    }
}

/// All tables of at most three services.
fn universe() -> Vec<Table> {
    let count = STATES.len();
    let table = |number: usize| {
        let states = [
            number % count,
            number / count % count,
            number / count / count,
        ];
        let services = (1..).zip(states);
        let services =
            services.filter_map(|(last, state)| Some((service(last), entry(STATES[state]?))));
        services.collect::<Table>()
    };
    (0..count.pow(3)).map(table).collect()
}

fn subsets(table: &Table) -> Vec<BTreeSet<ServiceKey>> {
    let keys: Vec<ServiceKey> = table.keys().copied().collect();
    let subset = |bits: usize| {
        let chosen = keys.iter().enumerate();
        let chosen = chosen.filter(|(nth, _)| bits >> nth & 1 == 1);
        chosen.map(|(_, key)| *key).collect()
    };
    (0..1 << keys.len()).map(subset).collect()
}

#[test]
fn no_step_follows_from_what_a_torn_reading_passed_over() {
    let mut torn = 0;
    for observed in universe() {
        for passed_over in subsets(&observed) {
            for desired in universe() {
                // What an earlier file named is ours by record.
                for owned in [BTreeSet::new(), observed.keys().copied().collect()] {
                    let mut kernel = Torn {
                        kernel: Memory::new(observed.clone()),
                        passed_over: passed_over.clone(),
                    };
                    let expected = desired.keys().chain(&owned);
                    let read = observe(&mut kernel, &Table::new(), expected).unwrap();
                    let steps = |read| diff(&scope(read, &desired, &owned).ours, &desired);
                    let (got, want) = (steps(read), steps(observed.clone()));
                    assert_eq!(got, want, "{observed:?} without {passed_over:?}");
                    torn += usize::from(!passed_over.is_empty());
                }
            }
        }
    }
    assert!(torn > 5_000, "{torn}");
}

#[test]
fn what_a_torn_reading_passed_over_is_no_mismatch() {
    for table in universe() {
        let touched = table.keys().copied().collect();
        for passed_over in subsets(&table) {
            let mut kernel = Torn {
                kernel: Memory::new(table.clone()),
                passed_over,
            };
            let mismatches = verify(&mut kernel, &touched, &table).unwrap();
            assert_eq!(mismatches, []);
        }
    }
}
