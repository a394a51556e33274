use std::collections::BTreeSet;
use std::os::fd::OwnedFd;

use super::datagrams::Room;
use super::message::Request;
use super::read::{Torn, dump};
use super::socket::{Link, Tear};
use super::{Error, decode};
use crate::model::service::ServiceKey;
use crate::model::table::{Pool, Table};

/// So often are dests read anew at most, while others change them without a pause.
const READINGS: usize = 5;
/// So many dests fit a narrow datagram, with room left for another.
const FEW: usize = 18;
/// The kernel's smallest datagram of a dump is a page: where that is more, narrow ones do not exist.
const PAGE: usize = 4096;

/// Services with more dests than fit a narrow datagram, as far as is known.
#[derive(Debug, Default)]
pub(super) struct Large(BTreeSet<ServiceKey>);

impl Large {
    /// A service was found with so many dests.
    pub(super) fn found(&mut self, service: ServiceKey, dests: usize) {
        self.grows(service, dests);
        if dests <= FEW && !self.0.is_empty() {
            self.0.remove(&service);
        }
    }

    /// Forgets services that are not there.
    pub(super) fn keep(&mut self, is_there: impl Fn(&ServiceKey) -> bool) {
        self.0.retain(is_there);
    }

    /// A service is to have so many at least.
    pub(super) fn grows(&mut self, service: ServiceKey, dests: usize) {
        if dests > FEW {
            self.0.insert(service);
        }
    }
}

/// Speaks to the kernel and reads dests: by one socket for what is long, by one for what is short.
pub(super) struct Reader {
    pub(super) wide: Link,
    /// Almost every service is read by it. It costs the kernel half.
    narrow: Option<Link>,
}

impl Reader {
    /// In the calling thread's namespace, with room for so many bytes of answers.
    pub(super) fn open(answers: usize) -> Result<Self, Error> {
        let mut wide = Link::open(answers, Room::Wide)?;
        wide.resolve()?;
        Self::with(wide, answers)
    }

    /// Another, in the calling thread's namespace, which must be that of the first.
    pub(super) fn another(&self, answers: usize) -> Result<Self, Error> {
        Self::with(self.wide.another(answers, Room::Wide)?, answers)
    }

    fn with(wide: Link, answers: usize) -> Result<Self, Error> {
        let narrow = if rustix::param::page_size() == PAGE {
            Some(wide.another(answers, Room::Narrow)?)
        } else {
            None
        };
        Ok(Self { wide, narrow })
    }

    /// Over a socket that is there.
    pub(super) fn over(socket: OwnedFd) -> Result<Self, Error> {
        let mut wide = Link::over(socket, Room::Wide);
        wide.resolve()?;
        let narrow = None;
        Ok(Self { wide, narrow })
    }

    /// The dests of several services, in their order.
    pub(super) fn pools(
        &mut self,
        keys: &[ServiceKey],
        large: &Large,
        likely: &Table,
    ) -> Result<Vec<Pool>, Error> {
        let pool = |key| self.pool(key, large.0.contains(key), likely);
        keys.iter().map(pool).collect()
    }

    /// The dests of a service; read again until two readings agree, where one may be torn. What is
    /// likely stands for an earlier reading.
    ///
    /// Where others change them without a pause, what one of the readings had counts as there.
    fn pool(&mut self, key: &ServiceKey, is_large: bool, likely: &Table) -> Result<Pool, Error> {
        if let Some(narrow) = self.narrow.as_mut().filter(|_| !is_large)
            && let (pool, Tear::Whole) = once(narrow, key)?
        {
            return Ok(pool);
        }
        let (mut last, tear) = once(&mut self.wide, key)?;
        let is_likely = || likely.get(key).is_some_and(|service| service.pool == last);
        if tear == Tear::Whole || is_likely() {
            return Ok(last);
        }
        let mut seen = last.clone();
        for _ in 0..READINGS {
            let (again, _) = once(&mut self.wide, key)?;
            if again == last {
                return Ok(again);
            }
            for (dest, now) in again.iter() {
                seen.insert(*dest, *now);
            }
            last = again;
        }
        Ok(seen)
    }
}

fn once(link: &mut Link, key: &ServiceKey) -> Result<Torn<Pool>, Error> {
    let family = key.family();
    let (mut dests, tear) = dump(link, "read dests", Request::dests(key), |payload| {
        decode::dest(payload, family).map(|(key, dest, _)| (key, dest))
    })?;
    // The kernel lists the newest first.
    dests.reverse();
    Ok((dests.into_iter().collect(), tear))
}
