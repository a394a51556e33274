use std::collections::BTreeMap;
use std::net::IpAddr;

use rustix::io::Errno;

use super::{Error, Info, Ipvs, Outcome, Refusal};
use crate::model::director::Timeouts;
use crate::model::forward::{ForwardingMethod, Tunnel};
use crate::model::persist::Granularity;
use crate::model::schedule::Scheduler;
use crate::model::service::{DestKey, Family, ServiceKey};
use crate::model::table::{Connections, Dest, Pool, Service, Settings, Table};
use crate::plan::{Change, Object, Step, replay};

/// An IPVS table that answers as the kernel does, errno by errno.
///
/// The suite `tests/ipvs_cases` runs against both, so that they cannot drift apart.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    table: Table,
    timeouts: Timeouts,
    connections: BTreeMap<(ServiceKey, DestKey), Connections>,
    refused: BTreeMap<Object, Errno>,
    gone: bool,
    executed: Vec<Step>,
    reads: usize,
}

impl Memory {
    pub fn new(table: Table) -> Self {
        let timeouts = Timeouts {
            tcp: 900,
            tcp_fin: 120,
            udp: 300,
        };
        Self {
            table,
            timeouts,
            ..Self::default()
        }
    }

    /// Changes the table as another program would, behind the owner's back.
    pub fn meddle(&mut self, meddle: impl FnOnce(&mut Table)) {
        meddle(&mut self.table);
    }

    /// Gives a dest live connections.
    pub fn connect(&mut self, service: ServiceKey, dest: DestKey, connections: Connections) {
        self.connections.insert((service, dest), connections);
    }

    /// Refuses every change of this object from now on, or no longer.
    pub fn refuse(&mut self, object: Object, errno: Option<Errno>) {
        match errno {
            Some(errno) => self.refused.insert(object, errno),
            None => self.refused.remove(&object),
        };
    }

    /// Takes the family away, as an unloaded module, or gives it back.
    pub fn unload(&mut self, gone: bool) {
        self.gone = gone;
        if gone {
            self.table.clear();
        }
    }

    /// Every step carried out so far.
    pub fn executed(&self) -> &[Step] {
        &self.executed
    }

    /// How often the whole table was read.
    pub fn reads(&self) -> usize {
        self.reads
    }

    fn reachable(&self) -> Result<(), Error> {
        if self.gone {
            Err(Error::NoFamily)
        } else {
            Ok(())
        }
    }

    fn carry_out(&mut self, step: &Step) -> Outcome {
        if let Some(errno) = self.refused.get(&step.object()) {
            return Err(Refusal::Errno(errno.raw_os_error()));
        }
        self.check(step)
            .map_err(|errno| Refusal::Errno(errno.raw_os_error()))?;
        replay(&mut self.table, step);
        self.executed.push(step.clone());
        Ok(())
    }

    fn check(&self, step: &Step) -> Result<(), Errno> {
        let service = self.table.get(&step.service);
        let there = || service.ok_or(Errno::SRCH);
        match &step.change {
            Change::AddService(settings) => {
                acceptable_settings(&step.service, settings)?;
                match service {
                    Some(_) => Err(Errno::EXIST),
                    None => modules(settings),
                }
            }
            Change::EditService { after, .. } => {
                acceptable_settings(&step.service, after)?;
                there()?;
                modules(after)
            }
            Change::RemoveService(_) => there().map(drop),
            Change::AddDest(key, dest) => {
                let pool = &there()?.pool;
                acceptable_dest(&step.service, key, dest)?;
                if pool.contains(key) {
                    return Err(Errno::EXIST);
                }
                unicast(key.ip)
            }
            Change::EditDest { dest, after, .. } => {
                let pool = &there()?.pool;
                acceptable_dest(&step.service, dest, after)?;
                present(pool, dest)
            }
            Change::RemoveDest(dest, _) => present(&there()?.pool, dest),
        }
    }
}

fn present(pool: &Pool, dest: &DestKey) -> Result<(), Errno> {
    if pool.contains(dest) {
        Ok(())
    } else {
        Err(Errno::NOENT)
    }
}

fn acceptable_settings(key: &ServiceKey, settings: &Settings) -> Result<(), Errno> {
    let granularity = settings
        .persistence
        .map(|persistence| persistence.granularity);
    match (key.family(), granularity) {
        (Family::Inet6, Some(Granularity::Prefix(1..=128)) | None) | (Family::Inet, _) => Ok(()),
        (Family::Inet6, Some(_)) => Err(Errno::INVAL),
    }
}

/// Schedulers and engines are modules, and one that cannot be loaded is an unknown name.
fn modules(settings: &Settings) -> Result<(), Errno> {
    let scheduler = match &settings.scheduler {
        Scheduler::Other(name) => name.as_str() == "none",
        _ => true,
    };
    let engine = settings.engine.as_ref();
    let engine = engine.is_none_or(|name| name.as_str() == "sip");
    if scheduler && engine {
        Ok(())
    } else {
        Err(Errno::NOENT)
    }
}

fn acceptable_dest(service: &ServiceKey, key: &DestKey, dest: &Dest) -> Result<(), Errno> {
    let tunnelled = matches!(dest.method, ForwardingMethod::Tunnel(_));
    if Family::of(key.ip) != service.family() && !tunnelled {
        return Err(Errno::INVAL);
    }
    if dest.thresholds.lower > dest.thresholds.upper {
        return Err(Errno::RANGE);
    }
    let portless_gue = Tunnel::Other {
        kind: 1,
        port: 0,
        flags: 0,
    };
    if dest.method == ForwardingMethod::Tunnel(portless_gue) {
        return Err(Errno::INVAL);
    }
    Ok(())
}

/// The kernel asks its routing table; what no host routes as unicast is refused here too.
fn unicast(ip: IpAddr) -> Result<(), Errno> {
    let refused = match ip {
        IpAddr::V4(ip) => ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unspecified() || ip.is_multicast() || ip.is_unicast_link_local(),
    };
    if refused { Err(Errno::INVAL) } else { Ok(()) }
}

impl Ipvs for Memory {
    fn info(&mut self) -> Result<Info, Error> {
        self.reachable()?;
        Ok(Info {
            version: (1, 2, 1),
            connection_buckets: 4096,
        })
    }

    fn table(&mut self) -> Result<Table, Error> {
        self.reachable()?;
        self.reads += 1;
        Ok(self.table.clone())
    }

    fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, Error> {
        self.reachable()?;
        Ok(self.table.get(key).cloned())
    }

    fn connections(&mut self, key: &ServiceKey) -> Result<BTreeMap<DestKey, Connections>, Error> {
        self.reachable()?;
        let Some(service) = self.table.get(key) else {
            return Ok(BTreeMap::new());
        };
        let of = |dest| {
            self.connections
                .get(&(*key, dest))
                .copied()
                .unwrap_or_default()
        };
        Ok(service
            .pool
            .iter()
            .map(|(dest, _)| (*dest, of(*dest)))
            .collect())
    }

    fn execute(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
        self.reachable()?;
        Ok(steps.iter().map(|step| self.carry_out(step)).collect())
    }

    fn timeouts(&mut self) -> Result<Timeouts, Error> {
        self.reachable()?;
        Ok(self.timeouts)
    }

    fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
        self.reachable()?;
        let set = |slot: &mut u32, seconds: u32| {
            if seconds != 0 {
                *slot = seconds;
            }
        };
        set(&mut self.timeouts.tcp, timeouts.tcp);
        set(&mut self.timeouts.tcp_fin, timeouts.tcp_fin);
        set(&mut self.timeouts.udp, timeouts.udp);
        Ok(())
    }
}
