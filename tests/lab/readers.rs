//! The table is read while somebody else changes it. The kernel goes on with a dump by counting, so
//! that what is removed meanwhile makes it pass over what stands still.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use lvsctl::ipvs::{Client, Ipvs, observe};
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{DestKey, Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Dest, Pool, Settings, Table};
use lvsctl::plan::{Change, Step};

use crate::stage::host::Host;
use crate::stage::over::Over;
use crate::stage::topology::prefix;

/// Several datagrams of a dump.
const STILL: u16 = 600;
const STIRRED: u16 = 300;
const ENOUGH: usize = 3;
/// A busy machine may give the writer little of the reader's time.
const PATIENCE: Duration = Duration::from_mins(2);

fn key(third: u8, number: u16) -> ServiceKey {
    let endpoint = Endpoint::new([10, 7, third, 1].into(), number + 1);
    ServiceKey::Address(Protocol::Tcp, endpoint)
}

fn dest_key(third: u8, number: u16) -> DestKey {
    Endpoint::new([10, 8, third, 1].into(), number + 1)
}

fn settings() -> Settings {
    Settings {
        scheduler: Scheduler::Rr,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: None,
        engine: None,
    }
}

fn dest() -> Dest {
    Dest {
        weight: Weight::ONE,
        method: ForwardingMethod::Masquerade,
        thresholds: Thresholds::default(),
    }
}

fn add(service: ServiceKey) -> Step {
    let change = Change::AddService(settings());
    Step { service, change }
}

fn remove(service: ServiceKey) -> Step {
    let change = Change::RemoveService(settings());
    Step { service, change }
}

fn add_dest(service: ServiceKey, at: DestKey) -> Step {
    let change = Change::AddDest(at, dest());
    Step { service, change }
}

fn remove_dest(service: ServiceKey, at: DestKey) -> Step {
    let change = Change::RemoveDest(at, dest());
    Step { service, change }
}

/// Does `read` over and over while `there` and `gone` alternate in the table, until it has said
/// three times that the plain reading passed something over.
fn until_torn(
    host: &Host,
    there: &[Step],
    gone: &[Step],
    mut read: impl FnMut(&mut Client) -> bool + Send,
) {
    let over = Over::default();
    let torn = host.inside(|| {
        thread::scope(|scope| {
            let mut writer = Client::open().unwrap();
            let mut reader = Client::open().unwrap();
            let over = &over;
            let _going = over.going();
            scope.spawn(move || {
                while !over.is_over() {
                    // In small sends: the reader has its turn in between.
                    for some in there.chunks(16).chain(gone.chunks(16)) {
                        writer.execute(some).unwrap();
                    }
                }
            });
            let (mut torn, mut readings) = (0, 0);
            let start = Instant::now();
            while torn < ENOUGH && start.elapsed() < PATIENCE {
                torn += usize::from(read(&mut reader));
                readings += 1;
            }
            println!("{torn} of {readings} plain readings passed something over");
            torn
        })
    });
    assert_eq!(torn, ENOUGH, "nothing was torn: the test shows nothing");
}

#[test]
fn no_service_is_missing_that_stands_still_while_others_are_removed() {
    let host = Host::new(&prefix(), "readers");
    host.ip("link set lo up\n");
    let still: BTreeSet<ServiceKey> = (0..STILL).map(|number| key(1, number)).collect();
    let fill: Vec<Step> = still.iter().copied().map(add).collect();
    host.inside(|| Client::open().unwrap().execute(&fill).unwrap());
    let stirred = || (0..STIRRED).map(|number| key(2, number));
    let (there, gone): (Vec<Step>, Vec<Step>) = (
        stirred().map(add).collect(),
        stirred().map(remove).collect(),
    );
    until_torn(&host, &there, &gone, |kernel| {
        let table = observe(kernel, &Table::new(), &still).unwrap();
        let missing = still.iter().filter(|key| !table.contains_key(key));
        assert_eq!(missing.count(), 0);
        let plain = kernel.table().unwrap();
        still.iter().any(|key| !plain.contains_key(key))
    });
}

#[test]
fn no_dest_is_missing_that_stands_still_while_others_are_removed() {
    let host = Host::new(&prefix(), "wide");
    host.ip("link set lo up\n");
    let service = key(1, 0);
    let still: Vec<DestKey> = (0..STILL).map(|number| dest_key(1, number)).collect();
    let mut fill = vec![add(service)];
    fill.extend(still.iter().map(|at| add_dest(service, *at)));
    host.inside(|| Client::open().unwrap().execute(&fill).unwrap());
    let stirred = || (0..STIRRED).map(|number| dest_key(2, number));
    let there: Vec<Step> = stirred().map(|at| add_dest(service, at)).collect();
    let gone: Vec<Step> = stirred().map(|at| remove_dest(service, at)).collect();
    let missing = |pool: &Pool| still.iter().any(|at| !pool.contains(at));
    until_torn(&host, &there, &gone, |kernel| {
        let read = kernel.service(&service).unwrap().unwrap();
        assert!(!missing(&read.pool));
        // One dump, as it comes.
        let plain = kernel.connections(&service).unwrap();
        still.iter().any(|at| !plain.contains_key(at))
    });
}
