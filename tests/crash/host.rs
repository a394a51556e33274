//! A host whose kernel and disk outlive the processes on it, and fail as they are told.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use lvsctl::ipvs::{Error, Info, Ipvs, Memory, Outcome, Refusal};
use lvsctl::model::director::Timeouts;
use lvsctl::model::service::{DestKey, ServiceKey};
use lvsctl::model::table::{Connections, Service, Table};
use lvsctl::plan::Step;
use lvsctl::sys::state::Record;
use rustix::io::Errno;

/// What becomes of one thing that a process wants of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Granted,
    /// A step is refused, anything else fails.
    Refused(Errno),
    /// It is done, and nobody hears of it.
    DoneUnheard,
    /// Nothing is done, and nobody hears of it.
    Lost,
}

/// Decides over each step, each reading and each writing of the record, in the order they come.
pub(crate) type Fates = Box<dyn FnMut() -> Fate + Send>;

/// How things stood after something was done.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) table: Table,
    pub(crate) disk: Record,
    /// What was done; `None` where the record was written.
    pub(crate) step: Option<Step>,
}

pub(crate) struct Inside {
    pub(crate) kernel: Memory,
    pub(crate) disk: Record,
    pub(crate) history: Vec<Moment>,
    fates: Fates,
}

/// Shared by the processes that live one after the other.
#[derive(Clone)]
pub(crate) struct Host(Arc<Mutex<Inside>>);

impl Host {
    pub(crate) fn new(kernel: Memory, disk: Record) -> Self {
        Self(Arc::new(Mutex::new(Inside {
            kernel,
            disk,
            history: Vec::new(),
            fates: Box::new(|| Fate::Granted),
        })))
    }

    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    pub(crate) fn decide(&self, fates: impl FnMut() -> Fate + Send + 'static) {
        self.inside().fates = Box::new(fates);
    }

    /// After `left` more events whoever asks is dead: nothing is done any more.
    pub(crate) fn dies_after(&self, mut left: usize) {
        self.decide(move || {
            if left == 0 {
                return Fate::Lost;
            }
            left -= 1;
            Fate::Granted
        });
    }

    /// Writes the record to the disk, or not.
    pub(crate) fn store(&self, record: &Record) -> io::Result<()> {
        let mut inside = self.inside();
        let fate = (inside.fates)();
        if matches!(fate, Fate::Granted | Fate::DoneUnheard) {
            inside.disk = record.clone();
            inside.note(None);
        }
        match fate {
            Fate::Granted => Ok(()),
            _ => Err(Errno::NOSPC.into()),
        }
    }
}

impl Inside {
    fn note(&mut self, step: Option<Step>) {
        let table = self.kernel.table().unwrap_or_default();
        self.history.push(Moment {
            table,
            disk: self.disk.clone(),
            step,
        });
    }

    /// Whether a question is answered.
    fn ask<T>(&mut self, answer: impl FnOnce(&mut Memory) -> Result<T, Error>) -> Result<T, Error> {
        match (self.fates)() {
            Fate::Granted => answer(&mut self.kernel),
            Fate::Refused(errno) => Err(lost(errno)),
            Fate::DoneUnheard => {
                let _ = answer(&mut self.kernel);
                Err(lost(Errno::NOBUFS))
            }
            Fate::Lost => Err(lost(Errno::AGAIN)),
        }
    }
}

fn lost(errno: Errno) -> Error {
    Error::Transport {
        what: "speak to the kernel",
        source: errno.into(),
    }
}

impl Ipvs for Host {
    fn info(&mut self) -> Result<Info, Error> {
        self.inside().ask(Memory::info)
    }

    fn table(&mut self) -> Result<Table, Error> {
        self.inside().ask(Memory::table)
    }

    fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, Error> {
        self.inside().ask(|kernel| kernel.service(key))
    }

    fn connections(&mut self, key: &ServiceKey) -> Result<BTreeMap<DestKey, Connections>, Error> {
        self.inside().ask(|kernel| kernel.connections(key))
    }

    fn execute(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error> {
        let mut inside = self.inside();
        let mut outcomes = Vec::new();
        for step in steps {
            let fate = (inside.fates)();
            match fate {
                Fate::Granted | Fate::DoneUnheard => {
                    let mut outcome = inside.kernel.execute(std::slice::from_ref(step))?;
                    if outcome == [Ok(())] {
                        inside.note(Some(step.clone()));
                    }
                    outcomes.append(&mut outcome);
                }
                Fate::Refused(errno) => {
                    outcomes.push(Err(Refusal::Errno(errno.raw_os_error())));
                }
                Fate::Lost => {}
            }
            if matches!(fate, Fate::DoneUnheard | Fate::Lost) {
                return Err(lost(Errno::NOBUFS));
            }
        }
        Ok(outcomes)
    }

    fn timeouts(&mut self) -> Result<Timeouts, Error> {
        self.inside().ask(Memory::timeouts)
    }

    fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
        self.inside().ask(|kernel| kernel.set_timeouts(timeouts))
    }
}
