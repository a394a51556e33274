use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::OwnedFd;

use rustix::io::Errno;

use super::message::{Reply, Request};
use super::socket::{Heard, Link, refused};
use super::{Error, Info, Ipvs, Outcome, Refusal, decode};
use crate::model::director::Timeouts;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Connections, Pool, Service, Table};
use crate::plan::{Step, holds};

/// So many changes go to the kernel in one send. Its answers to a batch fit the smallest receive
/// buffer a host may impose, about 230 of them.
const BATCH: usize = 128;
/// Room for the answers of a batch in bytes, many times over.
const ANSWERS: usize = 4 * 1024 * 1024;

/// The IPVS table of the network namespace the client was opened in.
///
/// A socket stays in its namespace, but the kernel asks the thread that sends for
/// `CAP_NET_ADMIN` with every request.
pub struct Client {
    link: Link,
}

impl Client {
    /// Opens a socket in the calling thread's network namespace and proves access.
    pub fn open() -> Result<Self, Error> {
        Self::open_with(ANSWERS)
    }

    /// The same with room for so many bytes of answers; forced past the limit of the host where
    /// that is allowed. What does not fit is lost, and read back.
    pub fn open_with(answers: usize) -> Result<Self, Error> {
        let mut client = Self {
            link: Link::open(answers)?,
        };
        client.info()?;
        Ok(client)
    }

    /// The same over a socket that is there, whose other side answers as the kernel does: so that
    /// answers of every kind can be tried. It must keep the bounds of messages.
    pub fn over(socket: OwnedFd) -> Result<Self, Error> {
        let mut client = Self {
            link: Link::over(socket)?,
        };
        client.info()?;
        Ok(client)
    }

    /// One question with its answers; `Ok(None)` where the kernel answers `absent`.
    fn ask<T>(
        &mut self,
        what: &'static str,
        request: &Request,
        reply: Reply,
        absent: Option<Errno>,
        decode: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Result<Option<Vec<T>>, Error> {
        for resolved in [false, true] {
            let mut answers = Vec::new();
            let heard = self.link.ask(what, request.clone(), reply, |payload| {
                answers.push(decode(payload)?);
                Ok(())
            })?;
            match heard {
                Heard::End => return Ok(Some(answers)),
                Heard::Refused(errno)
                    if absent.is_some_and(|absent| absent.raw_os_error() == errno) =>
                {
                    return Ok(None);
                }
                // The family may have come back under another number.
                Heard::Refused(errno) if errno == Errno::NOENT.raw_os_error() && !resolved => {
                    self.link.resolve()?;
                }
                Heard::Refused(errno) => return Err(refused(what, errno)),
            }
        }
        Err(Error::NoFamily)
    }

    fn pool(&mut self, key: &ServiceKey) -> Result<Pool, Error> {
        let family = key.family();
        let dests = self.ask(
            "read dests",
            &Request::dests(key),
            Reply::Dump,
            None,
            |payload| decode::dest(payload, family),
        )?;
        // The kernel lists the newest first.
        let dests = dests.unwrap_or_default().into_iter().rev();
        Ok(dests.map(|(key, dest, _)| (key, dest)).collect())
    }

    /// The answers to a batch; where they were lost, the table is asked instead.
    fn batch(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
        let requests = steps.iter().map(Request::step);
        match self.link.batch("change the table", requests) {
            Ok(failed) => {
                let mut outcomes = vec![Ok(()); steps.len()];
                for (nth, errno) in failed {
                    if errno == Errno::PERM.raw_os_error() {
                        return Err(Error::NotPermitted);
                    }
                    if let Some(outcome) = outcomes.get_mut(nth) {
                        *outcome = Err(Refusal::Errno(errno));
                    }
                }
                Ok(outcomes)
            }
            Err(Error::Transport { source, .. }) if lost(&source) => {
                self.link.drain();
                self.read_back(steps)
            }
            Err(error) => Err(error),
        }
    }

    fn read_back(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
        let keys: BTreeSet<ServiceKey> = steps.iter().map(|step| step.service).collect();
        let mut now = Table::new();
        for key in keys {
            if let Some(service) = self.service(&key)? {
                now.insert(key, service);
            }
        }
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
        self.link.resolve()
    }
}

/// Answers dropped for want of room, or none in time: the changes may have been carried out.
fn lost(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error())
        || error.kind() == io::ErrorKind::WouldBlock
}

impl Ipvs for Client {
    fn info(&mut self) -> Result<Info, Error> {
        let what = "ask IPVS for its version";
        let info = self.ask(what, &Request::info(), Reply::Ack, None, decode::info)?;
        let mut info = info.unwrap_or_default().into_iter();
        info.next().ok_or(Error::Malformed {
            what: "description of itself",
        })
    }

    fn table(&mut self) -> Result<Table, Error> {
        let request = Request::services();
        let services = self.ask(
            "read services",
            &request,
            Reply::Dump,
            None,
            decode::service,
        )?;
        let mut table = Table::new();
        for (key, settings) in services.unwrap_or_default() {
            let pool = self.pool(&key)?;
            table.insert(key, Service { settings, pool });
        }
        Ok(table)
    }

    fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, Error> {
        let request = Request::service(key);
        let absent = Some(Errno::SRCH);
        let found = self.ask(
            "read a service",
            &request,
            Reply::Ack,
            absent,
            decode::service,
        )?;
        let Some((_, settings)) = found.and_then(|mut found| found.pop()) else {
            return Ok(None);
        };
        let pool = self.pool(key)?;
        Ok(Some(Service { settings, pool }))
    }

    fn connections(&mut self, key: &ServiceKey) -> Result<BTreeMap<DestKey, Connections>, Error> {
        let family = key.family();
        let what = "read connections";
        let dests = self.ask(what, &Request::dests(key), Reply::Dump, None, |payload| {
            decode::dest(payload, family)
        })?;
        let dests = dests.unwrap_or_default().into_iter();
        Ok(dests
            .map(|(key, _, connections)| (key, connections))
            .collect())
    }

    fn execute(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(steps.len());
        for batch in steps.chunks(BATCH) {
            let mut answers = self.batch(batch)?;
            if self.has_moved(&answers)? {
                answers = self.batch(batch)?;
            }
            outcomes.append(&mut answers);
        }
        Ok(outcomes)
    }

    fn timeouts(&mut self) -> Result<Timeouts, Error> {
        let what = "read timeouts";
        let found = self.ask(
            what,
            &Request::timeouts(),
            Reply::Ack,
            None,
            decode::timeouts,
        )?;
        let mut found = found.unwrap_or_default().into_iter();
        found.next().ok_or(Error::Malformed { what: "timeouts" })
    }

    fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
        let request = Request::set_timeouts(timeouts);
        self.ask("set timeouts", &request, Reply::Ack, None, |_| Ok(()))?;
        Ok(())
    }
}
