use std::collections::BTreeSet;
use std::io;

use serde::{Deserialize, Serialize};

use super::{Folder, VERSION};
use crate::model::moment::Moment;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::shape::{DestShape, ServiceShape};
use crate::plan::drain::Draining;
use crate::sys::{clock, netns};

const RECORD: &str = "owned.json";

impl Folder {
    /// What an earlier run left. An unusable record is none, with the reason as a sentence.
    pub fn record(&self) -> (Record, Option<String>) {
        match self.load(RECORD, Record::parse) {
            Ok(record) => (record.unwrap_or_default().until(clock::now()), None),
            Err(reason) => (Record::default(), Some(reason)),
        }
    }

    /// Replaces the record; a reader sees the old one or the new one.
    pub fn write(&self, record: &Record) -> io::Result<()> {
        let text = record.render(netns::boot_id()?);
        self.replace(RECORD, &|to| to.write_all(text.as_bytes()))
    }
}

/// Which services we made, and which dests of them are on their way out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub services: BTreeSet<ServiceKey>,
    pub draining: Draining,
}

#[derive(Serialize, Deserialize)]
struct RecordShape {
    version: u32,
    boot: String,
    services: Vec<ServiceShape>,
    #[serde(default)]
    draining: Vec<DrainingShape>,
}

#[derive(Serialize, Deserialize)]
struct DrainingShape {
    service: ServiceShape,
    dest: DestShape,
    /// Nanoseconds since boot.
    since: u64,
}

impl Record {
    fn parse(text: &str) -> Result<Self, String> {
        let shape: RecordShape = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let damaged = || "it names a service that cannot be".to_owned();
        let services = shape
            .services
            .iter()
            .map(|service| service.key().ok_or_else(damaged));
        let draining = shape.draining.iter().map(|entry| {
            let service = entry.service.key().ok_or_else(damaged)?;
            let dest = DestKey::from(entry.dest);
            Ok(((service, dest), Moment::from_nanos(entry.since)))
        });
        Ok(Self {
            services: services.collect::<Result<_, String>>()?,
            draining: draining.collect::<Result<_, String>>()?,
        })
    }

    /// Nothing began to drain later than `now`: a grace that was counted from there would not end.
    fn until(mut self, now: Moment) -> Self {
        for since in self.draining.values_mut() {
            *since = now.min(*since);
        }
        self
    }

    fn render(&self, boot: String) -> String {
        let draining = self
            .draining
            .iter()
            .map(|((service, dest), since)| DrainingShape {
                service: service.into(),
                dest: dest.into(),
                since: since.as_nanos(),
            });
        let shape = RecordShape {
            version: VERSION,
            boot,
            services: self.services.iter().map(ServiceShape::from).collect(),
            draining: draining.collect(),
        };
        serde_json::to_string(&shape).expect("strings and numbers are always JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::super::head;
    use super::*;
    use crate::model::service::{Endpoint, Family, Protocol};
    use std::num::NonZeroU32;

    fn record() -> Record {
        let endpoint = Endpoint::new([192, 0, 2, 1].into(), 80);
        let service = ServiceKey::Address(Protocol::Tcp, endpoint);
        let mark = ServiceKey::Mark(Family::Inet6, NonZeroU32::MIN);
        Record {
            services: [service, mark].into(),
            draining: [((service, endpoint), Moment::from_nanos(7))].into(),
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let text = record().render(netns::boot_id().unwrap());
        assert_eq!(head(&text), Ok(()));
        assert_eq!(Record::parse(&text), Ok(record()));
    }

    #[test]
    fn a_drain_that_has_not_begun_yet_begins_now() {
        let now = Moment::from_nanos(3);
        let since: Vec<Moment> = record().until(now).draining.into_values().collect();
        assert_eq!(since, [now]);
        assert_eq!(record().until(Moment::from_nanos(8)), record());
    }

    #[test]
    fn a_record_of_another_boot_a_newer_version_or_a_damaged_one_is_not_used() {
        let boot = netns::boot_id().unwrap();
        let good = record().render(boot);
        let cases = [
            record().render("another".to_owned()),
            good.replace("\"version\":1", "\"version\":2"),
            good[..good.len() / 2].to_owned(),
            good.replace("\"tcp\"", "\"carrots\""),
            String::new(),
        ];
        for text in cases {
            let read = head(&text).and_then(|()| Record::parse(&text));
            assert!(read.is_err(), "{text}");
        }
    }
}
