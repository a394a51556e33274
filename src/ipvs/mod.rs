//! The kernel's IPVS table: read and changed over generic netlink, or in memory.

mod attr;
mod client;
mod converge;
mod datagrams;
mod decode;
mod error;
mod family;
mod glance;
mod memory;
mod message;
mod modules;
mod observe;
mod piece;
mod pools;
mod read;
mod socket;

use std::collections::{BTreeMap, BTreeSet};

pub use client::Client;
pub use converge::{Report, carry_out, verify};
pub use error::{Error, Reason, Refusal};
pub use family::{FamilyWatch, Presence};
pub use glance::{Glance, glance};
pub use memory::Memory;
pub use message::{Reply, Request};
pub use observe::observe;

use crate::model::director::Timeouts;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Connections, Service, Table};
use crate::plan::Step;

/// One network namespace's IPVS table. Blocking; owned by one thread.
pub trait Ipvs: Send {
    /// What the kernel says of itself; the cheapest proof of access.
    fn info(&mut self) -> Result<Info, Error>;

    /// The whole table. While others change it, services may be missing that are there.
    fn table(&mut self) -> Result<Table, Error>;

    /// The same, where one would expect it to be as is `likely`: what is read so need not be read
    /// again, though others may have changed it meanwhile.
    fn table_like(&mut self, likely: &Table) -> Result<Table, Error> {
        let _ = likely;
        self.table()
    }

    /// Those of `missing` that are there all the same, where the last `table` may have overlooked
    /// some.
    fn overlooked(&mut self, missing: &[ServiceKey]) -> Result<Table, Error> {
        let mut table = Table::new();
        for key in missing {
            if let Some(service) = self.service(key)? {
                table.insert(*key, service);
            }
        }
        Ok(table)
    }

    /// One service with its dests; `None` where the kernel has none by this key.
    fn service(&mut self, key: &ServiceKey) -> Result<Option<Service>, Error>;

    /// Those of `keys` that are there, each as [`Ipvs::service`] has it. Of many some may be missing
    /// that are there, while others change the table.
    ///
    /// `likely` as in [`Ipvs::table_like`].
    fn services(&mut self, keys: &BTreeSet<ServiceKey>, likely: &Table) -> Result<Table, Error> {
        let _ = likely;
        let mut table = Table::new();
        for key in keys {
            if let Some(service) = self.service(key)? {
                table.insert(*key, service);
            }
        }
        Ok(table)
    }

    /// Live connections of each dest of one service; empty where there is no such service.
    fn connections(&mut self, key: &ServiceKey) -> Result<BTreeMap<DestKey, Connections>, Error>;

    /// Sends all `steps`, in order, many per send, and answers for each, in the same order.
    ///
    /// A refused step does not stop those after it. Where an answer was lost the table is read
    /// back, and the step counts as done if and only if its object is as the step wants it.
    fn execute(&mut self, steps: &[Step]) -> Result<Vec<Outcome>, Error>;

    /// Connection timeouts of the namespace in force.
    fn timeouts(&mut self) -> Result<Timeouts, Error>;

    /// Sets those that are not 0.
    fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error>;
}

/// The kernel's answer to one step.
pub type Outcome = Result<(), Refusal>;

/// Answer to `IPVS_CMD_GET_INFO`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Major, minor, patch; the same for ages.
    pub version: (u8, u8, u8),
    /// Buckets of the connection table.
    pub connection_buckets: u32,
}
