//! A small world: few services, few real servers, every way they may differ.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use lvsctl::daemon::{Goal, Standing};
use lvsctl::ipvs::Memory;
use lvsctl::model::director::Timeouts;
use lvsctl::model::forward::ForwardingMethod;
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::moment::Moment;
use lvsctl::model::patch::Patch;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{DestKey, Endpoint, Family, Protocol, ServiceKey};
use lvsctl::model::table::{Connections, Dest, Service, Settings, Table};
use lvsctl::sys::state::Record;

use crate::random::Random;

pub(crate) const START: Moment = Moment::from_nanos(1 << 40);

fn endpoint(last: u8) -> Endpoint {
    Endpoint::new(IpAddr::from([192, 0, 2, last]), 80)
}

/// Services that a file may name.
fn ours() -> [ServiceKey; 3] {
    [
        ServiceKey::Address(Protocol::Tcp, endpoint(1)),
        ServiceKey::Address(Protocol::Udp, endpoint(1)),
        ServiceKey::Mark(Family::Inet, NonZeroU32::MIN),
    ]
}

/// Services that no file and no record names.
fn foreign() -> [ServiceKey; 2] {
    [
        ServiceKey::Address(Protocol::Tcp, endpoint(9)),
        ServiceKey::Mark(Family::Inet6, NonZeroU32::MIN),
    ]
}

fn service(random: &mut Random) -> Service {
    let settings = Settings {
        scheduler: random.one_of(&[Scheduler::Rr, Scheduler::Wlc]),
        flags: SchedulerFlags::default(),
        one_packet: random.once_in(4),
        persistence: None,
        engine: None,
    };
    let mut lasts = [50, 51, 52];
    random.shuffle(&mut lasts);
    let dests = lasts.into_iter().filter_map(|last| {
        let dest = Dest {
            weight: Weight::new(random.one_of(&[0, 1, 1, 3])).unwrap(),
            method: random.one_of(&[ForwardingMethod::DirectRoute, ForwardingMethod::Masquerade]),
            thresholds: Thresholds::default(),
        };
        (!random.once_in(3)).then_some((endpoint(last), dest))
    });
    let pool = dests.collect();
    Service { settings, pool }
}

fn table(random: &mut Random, keys: &[ServiceKey]) -> Table {
    let mut table = Table::new();
    for key in keys {
        if !random.once_in(4) {
            table.insert(*key, service(random));
        }
    }
    table
}

/// What is in the kernel, who is connected, and what an earlier life wrote down.
pub(crate) fn beginning(random: &mut Random) -> (Memory, Record) {
    let table = [
        table(random, &ours()),
        foreign().map(|key| (key, service(random))).into(),
    ];
    let table: Table = table.into_iter().flatten().collect();
    let mut record = Record::default();
    let mut kernel = Memory::new(table.clone());
    for (key, service) in &table {
        if ours().contains(key) && !random.once_in(3) {
            record.services.insert(*key);
        }
        for (dest, _) in service.pool.iter() {
            let active = u32::from(random.once_in(2));
            kernel.connect(
                *key,
                *dest,
                Connections {
                    active,
                    ..Connections::default()
                },
            );
        }
    }
    (kernel, record)
}

/// What a file and the verdicts say. Some servers of the file may be out of the table.
pub(crate) fn goal(random: &mut Random) -> Goal {
    let desired = table(random, &ours());
    let mut named: BTreeSet<(ServiceKey, DestKey)> = BTreeSet::new();
    for (key, service) in &desired {
        named.extend(service.pool.iter().map(|(dest, _)| (*key, *dest)));
        if random.once_in(4) {
            named.insert((*key, endpoint(52)));
        }
    }
    let timeouts = Timeouts {
        tcp: random.one_of(&[0, 60]),
        ..Timeouts::default()
    };
    let standing = Standing {
        named: named.into_iter().collect(),
        timeouts,
        ..Standing::default()
    };
    Goal {
        desired,
        standing: Arc::new(standing),
    }
}

/// Other verdicts on servers of the same file.
pub(crate) fn turned(random: &mut Random, goal: &Goal) -> Goal {
    let mut turned = goal.clone();
    for service in turned.desired.values_mut() {
        let keys: Vec<DestKey> = service.pool.iter().map(|(key, _)| *key).collect();
        for key in keys {
            if random.once_in(2) {
                let weight = Weight::new(random.one_of(&[0, 1, 3])).unwrap();
                service.pool.get_mut(&key).unwrap().weight = weight;
            }
        }
    }
    turned
}

/// The way from one to the other, as whole services or as the dests that differ.
pub(crate) fn patch(random: &mut Random, from: &Goal, to: &Goal) -> Patch {
    let mut patch = Patch::default();
    for (key, service) in &to.desired {
        if random.once_in(3) {
            patch.services.insert(*key, service.clone());
            continue;
        }
        for (dest, want) in service.pool.iter() {
            if from.desired[key].pool.get(dest) != Some(want) {
                patch.dests.insert((*key, *dest), *want);
            }
        }
    }
    patch
}
