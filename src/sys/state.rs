//! What is remembered of one network namespace: who works on it, and what is ours in it.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::netns;
use crate::model::moment::Moment;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::shape::{DestShape, ServiceShape};
use crate::plan::drain::Draining;

/// The folder of one network namespace under the state directory.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// Held until dropped, or until the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock was not given.
#[derive(Debug)]
pub enum LockError {
    /// Another process works on the namespace; its number where it could be read.
    Held {
        process: Option<u32>,
    },
    Failed(io::Error),
}

impl Folder {
    /// `net-INODE` of the calling thread's namespace, and `-INSTANCE` behind it if there is one.
    /// It need not be there: then there is no record and no lock.
    pub fn find(state_dir: &Path, instance: Option<&str>) -> io::Result<Self> {
        let inode = netns::identity()?;
        let name = match instance {
            Some(instance) => format!("net-{inode}-{}", instance.replace('/', "_")),
            None => format!("net-{inode}"),
        };
        Ok(Self(state_dir.join(name)))
    }

    /// The same, made if it is not there.
    pub fn open(state_dir: &Path, instance: Option<&str>) -> io::Result<Self> {
        let folder = Self::find(state_dir, instance)?;
        let path = &folder.0;
        DirBuilder::new().recursive(true).mode(0o755).create(path)?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Takes the namespace for this process.
    pub fn lock(&self) -> Result<Lock, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            .open(self.0.join("lock"))
            .map_err(LockError::Failed)?;
        match flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let process = holder(&mut file);
                return Err(LockError::Held { process });
            }
            Err(errno) => return Err(LockError::Failed(errno.into())),
        }
        let written = file
            .set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(LockError::Failed)?;
        Ok(Lock { _file: file })
    }

    /// Who holds the lock; `None` where nobody does. Takes and changes nothing.
    pub fn held_by(&self) -> Option<Option<u32>> {
        let mut file = File::open(self.0.join("lock")).ok()?;
        match flock(file.as_fd(), FlockOperation::NonBlockingLockShared) {
            Err(rustix::io::Errno::WOULDBLOCK) => Some(holder(&mut file)),
            _ => None,
        }
    }

    /// What an earlier run left. An unusable record is none, with the reason as a sentence.
    pub fn record(&self) -> (Record, Option<String>) {
        let path = self.0.join(RECORD);
        let shown = path.display();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return (Record::default(), None);
            }
            Err(error) => {
                return (
                    Record::default(),
                    Some(format!("cannot read {shown}: {error}")),
                );
            }
        };
        match Record::parse(&text) {
            Ok(record) => (record, None),
            Err(reason) => (
                Record::default(),
                Some(format!("{shown} is not used: {reason}")),
            ),
        }
    }

    /// Replaces the record; a reader sees the old one or the new one.
    pub fn write(&self, record: &Record) -> io::Result<()> {
        let new = self.0.join(format!("{RECORD}.new"));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o644)
            .open(&new)?;
        file.write_all(record.render(netns::boot_id()?).as_bytes())?;
        file.sync_data()?;
        fs::rename(new, self.0.join(RECORD))
    }
}

const RECORD: &str = "owned.json";

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
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
        /// The part that every version has.
        #[derive(Deserialize)]
        struct Head {
            version: u32,
            boot: String,
        }
        let head: Head = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if head.version != 1 {
            return Err(format!(
                "it is of version {}, newer than this lvsctl",
                head.version
            ));
        }
        let boot = netns::boot_id().map_err(|error| error.to_string())?;
        if head.boot != boot {
            return Err("it is from an earlier boot".to_owned());
        }
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
            version: 1,
            boot,
            services: self.services.iter().map(ServiceShape::from).collect(),
            draining: draining.collect(),
        };
        serde_json::to_string(&shape).expect("strings and numbers are always JSON")
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(Record::parse(&text), Ok(record()));
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
            assert!(Record::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_lock_is_given_once_and_names_its_holder() {
        let dir = std::env::temp_dir().join(format!("lvsctl-lock-{}", std::process::id()));
        let folder = Folder::open(&dir, Some("a/b")).unwrap();
        assert_eq!(folder.held_by(), None);
        let lock = folder.lock().unwrap();
        let us = Some(std::process::id());
        assert!(matches!(folder.lock(), Err(LockError::Held { process }) if process == us));
        assert_eq!(folder.held_by(), Some(us));
        drop(lock);
        assert_eq!(folder.held_by(), None);
        folder.lock().unwrap();
        fs::remove_dir_all(dir).unwrap();
    }
}
