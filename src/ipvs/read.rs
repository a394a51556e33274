use std::collections::BTreeSet;

use rustix::io::Errno;

use super::message::{Reply, Request};
use super::socket::{Heard, Link, Tear, refused};
use super::{Error, decode};
use crate::model::service::ServiceKey;
use crate::model::table::Settings;

/// What was read in one go, and whether others may have changed it meanwhile.
pub(super) type Torn<T> = (T, Tear);

/// One question with its answers; `Ok(None)` where the kernel answers `absent`.
pub(super) fn ask<T>(
    link: &mut Link,
    what: &'static str,
    request: Request<'_>,
    reply: Reply,
    absent: Option<Errno>,
    decode: impl Fn(&[u8]) -> Result<T, Error>,
) -> Result<Option<Torn<Vec<T>>>, Error> {
    for resolved in [false, true] {
        let mut answers = Vec::new();
        let heard = link.ask(what, request, reply, |payload| {
            answers.push(decode(payload)?);
            Ok(())
        })?;
        match heard {
            Heard::End(tear) => return Ok(Some((answers, tear))),
            Heard::Refused(errno)
                if absent.is_some_and(|absent| absent.raw_os_error() == errno) =>
            {
                return Ok(None);
            }
            // The family may have come back under another number.
            Heard::Refused(errno) if errno == Errno::NOENT.raw_os_error() && !resolved => {
                link.resolve()?;
            }
            Heard::Refused(errno) => return Err(refused(what, errno)),
        }
    }
    Err(Error::NoFamily)
}

/// The answer to a question that always has one, as long as the family is there.
pub(super) fn dump<T>(
    link: &mut Link,
    what: &'static str,
    request: Request<'_>,
    decode: impl Fn(&[u8]) -> Result<T, Error>,
) -> Result<Torn<Vec<T>>, Error> {
    let found = ask(link, what, request, Reply::Dump, None, decode)?;
    Ok(found.unwrap_or((Vec::new(), Tear::Whole)))
}

/// Settings of a service; `None` where there is none by this key.
pub(super) fn setting(
    link: &mut Link,
    key: &ServiceKey,
) -> Result<Option<(ServiceKey, Settings)>, Error> {
    let (what, absent) = ("read a service", Some(Errno::SRCH));
    let request = Request::service(key);
    let found = ask(link, what, request, Reply::Ack, absent, decode::service)?;
    Ok(found.and_then(|(mut found, _)| found.pop()))
}

/// Settings of those of `keys` that are there, asked for by their keys, many in one send.
pub(super) fn settings(
    link: &mut Link,
    keys: &[ServiceKey],
) -> Result<Vec<(ServiceKey, Settings)>, Error> {
    const WHAT: &str = "read services";
    let mut found = Vec::new();
    for some in keys.chunks(link.batch_size()) {
        let mut answered = BTreeSet::new();
        let requests = some.iter().map(Request::service);
        let answers = link.batch(WHAT, requests, |nth, payload| {
            answered.insert(nth);
            found.push(decode::service(payload)?);
            Ok(())
        })?;
        for (nth, errno) in answers.failed {
            answered.insert(nth);
            if errno != Errno::SRCH.raw_os_error() {
                return Err(refused(WHAT, errno));
            }
        }
        if answers.lost {
            let unheard = some.iter().enumerate();
            for (_, key) in unheard.filter(|(nth, _)| !answered.contains(nth)) {
                found.extend(setting(link, key)?);
            }
        }
    }
    Ok(found)
}
