use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::panic::resume_unwind;
use std::thread;

use rustix::io::Errno;

use super::message::{Reply, Request};
use super::pools::{Large, Reader};
use super::socket::{Link, Tear};
use super::{Error, Info, Ipvs, Outcome, Refusal, decode, read};
use crate::model::director::Timeouts;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Connections, Pool, Service, Settings, Table};
use crate::plan::{Step, holds};

/// Room for the answers of a batch in bytes, many times over.
const ANSWERS: usize = 4 * 1024 * 1024;
/// From so many services on dests are read on two threads.
const MANY: usize = 200;
/// Above so many one reading of all services is cheaper than asking for each.
const FEW: usize = 16;

/// The IPVS table of the network namespace the client was opened in.
///
/// A socket stays in its namespace, but the kernel asks the thread that sends for
/// `CAP_NET_ADMIN` with every request.
pub struct Client {
    first: Reader,
    /// Reads beside the first where there is much to read: the kernel lets dumps of two sockets
    /// overlap, but never two of one.
    second: Option<Reader>,
    large: Large,
    /// Of the services in the last reading of the whole table.
    tear: Tear,
}

impl Client {
    /// Opens a socket in the calling thread's network namespace and proves access.
    pub fn open() -> Result<Self, Error> {
        Self::open_with(ANSWERS)
    }

    /// The same with room for so many bytes of answers; forced past the limit of the host where
    /// that is allowed. What does not fit is lost, and read back.
    pub fn open_with(answers: usize) -> Result<Self, Error> {
        let first = Reader::open(answers)?;
        let second = Some(first.another(answers)?);
        Self::with(first, second)
    }

    /// The same over a socket that is there, whose other side answers as the kernel does: so that
    /// answers of every kind can be tried. It must keep the bounds of messages.
    pub fn over(socket: OwnedFd) -> Result<Self, Error> {
        Self::with(Reader::over(socket)?, None)
    }

    fn with(first: Reader, second: Option<Reader>) -> Result<Self, Error> {
        let mut client = Self {
            first,
            second,
            large: Large::default(),
            tear: Tear::Whole,
        };
        client.info()?;
        Ok(client)
    }

    /// The services with their dests.
    fn with_pools(
        &mut self,
        services: Vec<(ServiceKey, Settings)>,
        likely: &Table,
    ) -> Result<Table, Error> {
        let keys: Vec<ServiceKey> = services.iter().map(|(key, _)| *key).collect();
        let pools = self.pools(&keys, likely)?;
        let found = services.into_iter().zip(pools);
        let found = found.map(|((key, settings), pool)| (key, Service { settings, pool }));
        self.still_there(found.collect())
    }

    /// Without those that went away before their dests were read.
    fn still_there(&mut self, mut table: Table) -> Result<Table, Error> {
        // The kernel knows no difference between the dests of no service and no dests.
        let empty = table.iter().filter(|(_, service)| service.pool.is_empty());
        let empty: Vec<ServiceKey> = empty.map(|(key, _)| *key).collect();
        let there = read::settings(self.link(), &empty)?;
        let there: BTreeSet<ServiceKey> = there.into_iter().map(|(key, _)| key).collect();
        for key in empty.iter().filter(|key| !there.contains(key)) {
            table.remove(key);
        }
        Ok(table)
    }

    /// The dests of each service, in their order.
    fn pools(&mut self, keys: &[ServiceKey], likely: &Table) -> Result<Vec<Pool>, Error> {
        let ours = keys.len() / 2;
        let ((), pools) = self.after(keys, ours, likely, |_| Ok(()))?;
        Ok(pools)
    }

    /// What is read `first`, and the dests of each service. Of many, the first reader takes so many
    /// as are `ours`, the second the others meanwhile.
    fn after<T>(
        &mut self,
        keys: &[ServiceKey],
        ours: usize,
        likely: &Table,
        first: impl FnOnce(&mut Link) -> Result<T, Error>,
    ) -> Result<(T, Vec<Pool>), Error> {
        let (reader, large) = (&mut self.first, &self.large);
        let (found, pools) = match self.second.as_mut().filter(|_| keys.len() >= MANY) {
            None => (first(&mut reader.wide)?, reader.pools(keys, large, likely)?),
            Some(second) => {
                let halves = keys.split_at(ours);
                side_by_side(reader, second, halves, (large, likely), first)?
            }
        };
        for (key, pool) in keys.iter().zip(&pools) {
            self.large.found(*key, pool.len());
        }
        Ok((found, pools))
    }

    /// Where the family is asked, and what changes is sent.
    fn link(&mut self) -> &mut Link {
        &mut self.first.wide
    }

    /// The answers to a batch; those that were lost are looked for in the table.
    fn batch(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
        let requests = steps.iter().map(Request::step);
        let answers = self
            .link()
            .batch("change the table", requests, |_, _| Ok(()))?;
        let refused: BTreeMap<usize, i32> = answers.failed.into_iter().collect();
        let denied = Errno::PERM.raw_os_error();
        if refused.values().any(|errno| *errno == denied) {
            return Err(Error::NotPermitted);
        }
        let mut outcomes = if answers.lost {
            self.read_back(steps)?
        } else {
            vec![Ok(()); steps.len()]
        };
        for (nth, errno) in refused {
            if let Some(outcome) = outcomes.get_mut(nth) {
                *outcome = Err(Refusal::Errno(errno));
            }
        }
        Ok(outcomes)
    }

    fn read_back(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
        let keys = steps.iter().map(|step| step.service).collect();
        let now = self.services(&keys, &Table::new())?;
        let outcome = |step| {
            if holds(&now, step) {
                Ok(())
            } else {
                Err(Refusal::Lost)
            }
        };
        Ok(steps.iter().map(outcome).collect())
    }

    /// Whether the family has moved to another number, so that nothing we sent was carried out.
    fn has_moved(&mut self, outcomes: &[Outcome]) -> Result<bool, Error> {
        let absent = Err(Refusal::Errno(Errno::NOENT.raw_os_error()));
        if outcomes.iter().any(|outcome| *outcome != absent) {
            return Ok(false);
        }
        self.link().resolve()
    }
}

/// Every service, each once.
fn every_service(link: &mut Link) -> Result<(BTreeMap<ServiceKey, Settings>, Tear), Error> {
    let request = Request::services();
    let (services, tear) = read::dump(link, "read services", request, decode::service)?;
    Ok((services.into_iter().collect(), tear))
}

fn side_by_side<T>(
    reader: &mut Reader,
    second: &mut Reader,
    (ours, others): (&[ServiceKey], &[ServiceKey]),
    (large, likely): (&Large, &Table),
    first: impl FnOnce(&mut Link) -> Result<T, Error>,
) -> Result<(T, Vec<Pool>), Error> {
    thread::scope(|scope| {
        let thread = thread::Builder::new();
        let thread = thread.spawn_scoped(scope, || second.pools(others, large, likely));
        let found = first(&mut reader.wide)?;
        let mut pools = reader.pools(ours, large, likely)?;
        let rest = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // As where no more threads may be started.
            Err(_) => reader.pools(others, large, likely),
        };
        pools.extend(rest?);
        Ok((found, pools))
    })
}

impl Ipvs for Client {
    fn info(&mut self) -> Result<Info, Error> {
        let what = "ask IPVS for its version";
        let request = Request::info();
        let info = read::ask(self.link(), what, request, Reply::Ack, None, decode::info)?;
        let info = info.and_then(|(mut info, _)| info.pop());
        info.ok_or(Error::Malformed {
            what: "description of itself",
        })
    }

    fn table(&mut self) -> Result<Table, Error> {
        self.table_like(&Table::new())
    }

    fn table_like(&mut self, likely: &Table) -> Result<Table, Error> {
        let (services, tear) = every_service(self.link())?;
        self.tear = tear;
        self.large.keep(|key| services.contains_key(key));
        self.with_pools(services.into_iter().collect(), likely)
    }

    fn overlooked(&mut self, missing: &[ServiceKey]) -> Result<Table, Error> {
        if self.tear == Tear::Whole {
            return Ok(Table::new());
        }
        let there = read::settings(self.link(), missing)?;
        self.with_pools(there, &Table::new())
    }

    fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, Error> {
        let Some((_, settings)) = read::setting(self.link(), key)? else {
            return Ok(None);
        };
        let table = self.with_pools(vec![(*key, settings)], &Table::new())?;
        Ok(table.into_values().next())
    }

    fn services(&mut self, keys: &BTreeSet<ServiceKey>, likely: &Table) -> Result<Table, Error> {
        let keys: Vec<ServiceKey> = keys.iter().copied().collect();
        if keys.len() <= FEW {
            let there = read::settings(self.link(), &keys)?;
            return self.with_pools(there, likely);
        }
        // To read the services takes as long as the dests of every tenth or so.
        let ours = keys.len() * 9 / 20;
        let ((mut services, _), pools) = self.after(&keys, ours, likely, every_service)?;
        let found = keys.into_iter().zip(pools);
        let found = found.filter_map(|(key, pool)| {
            let settings = services.remove(&key)?;
            Some((key, Service { settings, pool }))
        });
        self.still_there(found.collect())
    }

    fn connections(&mut self, key: &ServiceKey) -> Result<BTreeMap<DestKey, Connections>, Error> {
        let family = key.family();
        let what = "read connections";
        let request = Request::dests(key);
        let (dests, _) = read::dump(self.link(), what, request, |payload| {
            decode::dest(payload, family).map(|(key, _, connections)| (key, connections))
        })?;
        Ok(dests.into_iter().collect())
    }

    fn execute(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(steps.len());
        for service in steps.chunk_by(|one, next| one.service == next.service) {
            self.large.grows(service[0].service, service.len());
        }
        for batch in steps.chunks(self.link().batch_size()) {
            let mut answers = self.batch(batch)?;
            if self.has_moved(&answers)? {
                answers = self.batch(batch)?;
            }
            outcomes.append(&mut answers);
        }
        Ok(outcomes)
    }

    fn timeouts(&mut self) -> Result<Timeouts, Error> {
        let (what, request) = ("read timeouts", Request::timeouts());
        let link = self.link();
        let found = read::ask(link, what, request, Reply::Ack, None, decode::timeouts)?;
        let found = found.and_then(|(mut found, _)| found.pop());
        found.ok_or(Error::Malformed { what: "timeouts" })
    }

    fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
        let request = Request::set_timeouts(timeouts);
        let link = self.link();
        read::ask(link, "set timeouts", request, Reply::Ack, None, |_| Ok(()))?;
        Ok(())
    }
}
