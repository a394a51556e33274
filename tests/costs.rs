//! What is dear in the kernel is asked for sparingly, on the kernel in memory.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use lvsctl::daemon::{Goal, Keeper, Standing};
use lvsctl::ipvs::{self, Info, Ipvs, Memory, Refusal, carry_out};
use lvsctl::model::director::Timeouts;
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::moment::Moment;
use lvsctl::model::name::Name;
use lvsctl::model::patch::Patch;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{DestKey, Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Connections, Dest, Pool, Service, Settings, Table};
use lvsctl::plan::{Change, Step, diff, pace};
use lvsctl::sys::state::Record;

const NOW: Moment = Moment::from_nanos(1 << 40);

fn key(nth: u8) -> ServiceKey {
    ServiceKey::Address(
        Protocol::Tcp,
        Endpoint::new(IpAddr::from([192, 0, 2, nth]), 80),
    )
}

fn server() -> DestKey {
    Endpoint::new(IpAddr::from([198, 51, 100, 1]), 80)
}

fn dest(weight: u32) -> Dest {
    Dest {
        weight: Weight::new(weight).unwrap(),
        method: ForwardingMethod::DirectRoute,
        thresholds: Thresholds::default(),
    }
}

fn scheduler(name: &str) -> Scheduler {
    Scheduler::named(name).unwrap_or_else(|| Scheduler::Other(Name::new(name).unwrap()))
}

/// Services of these numbers, each with one dest.
fn table(numbers: impl IntoIterator<Item = u8>, name: &str) -> Table {
    let service = |nth| {
        let settings = Settings {
            scheduler: scheduler(name),
            flags: SchedulerFlags::default(),
            one_packet: false,
            persistence: None,
            engine: None,
        };
        let pool = Pool::from_iter([(server(), dest(1))]);
        (key(nth), Service { settings, pool })
    };
    numbers.into_iter().map(service).collect()
}

fn is_scheduler(step: &Step) -> bool {
    matches!(&step.change, Change::EditService { .. })
}

#[test]
fn few_changes_of_a_scheduler_are_made_at_a_stretch_and_all_else_at_once() {
    let before = table(0..20, "rr");
    let mut after = table(0..20, "wlc");
    for service in after.values_mut() {
        service.pool.insert(server(), dest(7));
    }
    after.extend(table(50..90, "sh"));
    let all = diff(&before, &after);
    let mut steps = all.clone();
    assert_eq!(pace(&mut steps).len(), 12);
    let others = |steps: &[Step]| -> Vec<Step> {
        steps
            .iter()
            .filter(|step| !is_scheduler(step))
            .cloned()
            .collect()
    };
    assert_eq!(others(&steps), others(&all));
    let schedulers: Vec<Step> = all.into_iter().filter(is_scheduler).collect();
    let taken: Vec<Step> = steps.into_iter().filter(is_scheduler).collect();
    assert_eq!(taken, schedulers[..8]);
}

#[test]
fn another_flag_is_no_change_of_the_scheduler() {
    let before = table(0..20, "sh");
    let mut after = before.clone();
    for service in after.values_mut() {
        service.settings.flags.flag1 = true;
    }
    let mut steps = diff(&before, &after);
    assert_eq!(pace(&mut steps), []);
    assert_eq!(steps.len(), 20);
}

#[test]
fn a_verdict_comes_between_the_changes_of_many_schedulers() {
    let goal = |desired: Table, standing: &Arc<Standing>| Goal {
        desired,
        standing: Arc::clone(standing),
    };
    let named = |table: &Table| table.keys().map(|key| (*key, server())).collect();
    let standing = |table: &Table| {
        Arc::new(Standing {
            named: named(table),
            ..Standing::default()
        })
    };
    let (rr, wlc) = (table(0..20, "rr"), table(0..20, "wlc"));
    let mut keeper = Keeper::new(Memory::default(), Record::default(), Duration::ZERO, |_| {
        Ok(())
    });
    let first = keeper
        .round(&goal(rr.clone(), &standing(&rr)), true, NOW)
        .unwrap();
    assert_eq!(
        first.postponed, 0,
        "what is new has a scheduler from the start"
    );

    let mut goal = goal(wlc.clone(), &standing(&wlc));
    let round = keeper.round(&goal, false, NOW).unwrap();
    assert_eq!((round.done.len(), round.postponed), (8, 12));
    // Of a service whose scheduler was put off.
    let patch = Patch {
        services: Table::new(),
        dests: BTreeMap::from([((key(19), server()), dest(0))]),
    };
    let round = keeper.patch(&mut goal, patch, NOW).unwrap();
    assert_eq!(round.done.len(), 1, "the verdict alone");
    let counts: Vec<(usize, usize)> = (0..3)
        .map(|_| keeper.round(&goal, false, NOW).unwrap())
        .map(|round| (round.done.len(), round.postponed))
        .collect();
    assert_eq!(counts, [(8, 4), (4, 0), (0, 0)]);
    assert_eq!(keeper.kernel().table().unwrap(), goal.desired);
}

/// A kernel in memory that counts what it is asked with a scheduler it does not have.
#[derive(Default)]
struct Counting {
    kernel: Memory,
    futile: usize,
}

impl Ipvs for Counting {
    fn info(&mut self) -> Result<Info, ipvs::Error> {
        self.kernel.info()
    }

    fn table(&mut self) -> Result<Table, ipvs::Error> {
        self.kernel.table()
    }

    fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, ipvs::Error> {
        self.kernel.service(key)
    }

    fn connections(
        &mut self,
        key: &ServiceKey,
    ) -> Result<BTreeMap<DestKey, Connections>, ipvs::Error> {
        self.kernel.connections(key)
    }

    fn execute(&mut self, steps: &[Step]) -> Result<Vec<ipvs::Outcome>, ipvs::Error> {
        let outcomes = self.kernel.execute(steps)?;
        self.futile += outcomes.iter().filter(|outcome| outcome.is_err()).count();
        Ok(outcomes)
    }

    fn timeouts(&mut self) -> Result<Timeouts, ipvs::Error> {
        self.kernel.timeouts()
    }

    fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), ipvs::Error> {
        self.kernel.set_timeouts(timeouts)
    }
}

#[test]
fn a_module_that_is_missing_is_asked_for_once_and_every_service_is_told() {
    let mut kernel = Counting::default();
    let old = table(0..10, "rr");
    carry_out(&mut kernel, diff(&Table::new(), &old)).unwrap();

    // Two that the kernel lacks, new and edited, among others.
    let mut want = table(0..10, "nosuch");
    want.extend(table(10..100, "nosuch"));
    want.extend(table(100..120, "neither"));
    want.extend(table(120..150, "wrr"));
    let report = carry_out(&mut kernel, diff(&old, &want)).unwrap();
    assert_eq!(kernel.futile, 2, "one for each");
    let enoent = Refusal::Errno(rustix::io::Errno::NOENT.raw_os_error());
    assert!(report.refused.iter().all(|(_, refusal)| *refusal == enoent));
    let refused: BTreeSet<ServiceKey> = report
        .refused
        .iter()
        .map(|(step, _)| step.service)
        .collect();
    assert_eq!(refused, (0..120).map(key).collect());
    assert_eq!(report.refused.len(), 120);
    let skipped: BTreeSet<ServiceKey> = report.skipped.iter().map(|step| step.service).collect();
    assert_eq!(
        skipped,
        (10..120).map(key).collect(),
        "dests of services that are not there"
    );
    let mut left = old;
    left.extend(table(120..150, "wrr"));
    assert_eq!(kernel.table().unwrap(), left);
}

/// Twenty services get a scheduler that the kernel lacks: it is asked once in the first stretch and
/// once for the rest, again at each look, and not between.
#[test]
fn a_module_that_is_missing_is_asked_for_at_looks_alone() {
    let file = |name: &str| {
        let desired = table(0..20, name);
        let named = desired.keys().map(|key| (*key, server())).collect();
        let standing = Arc::new(Standing {
            named,
            ..Standing::default()
        });
        Goal { desired, standing }
    };
    let kernel = Counting::default();
    let mut keeper = Keeper::new(kernel, Record::default(), Duration::ZERO, |_| Ok(()));
    keeper.round(&file("rr"), true, NOW).unwrap();
    let goal = file("nosuch");
    let mut said = 0;
    for (look, asked) in [(false, 1), (false, 2), (false, 2), (true, 3), (true, 4)] {
        let round = keeper.round(&goal, look, NOW).unwrap();
        assert_eq!(keeper.kernel().futile, asked);
        assert_eq!(round.refusals.over, []);
        said += round.refusals.refused.len();
    }
    assert_eq!(said, 20, "each is told once");
}
