use std::thread::sleep;
use std::time::{Duration, Instant};

use lvsctl::ipvs::{Client, Ipvs};
use lvsctl::model::service::{DestKey, ServiceKey};
use lvsctl::model::table::Table;

use crate::stage::director::Director;
use crate::stage::process::Process;

/// The last dest of a file, which everybody writes last, and the weight it comes to.
pub struct Awaited {
    kernel: Client,
    service: ServiceKey,
    dest: DestKey,
}

impl Awaited {
    pub fn last(host: &Director, table: &Table) -> Self {
        let (service, entry) = table.last_key_value().unwrap();
        let dest = entry.pool.in_order().last().unwrap();
        Self {
            kernel: host.inside(|| Client::open().unwrap()),
            service: *service,
            dest: *dest,
        }
    }

    /// Until the kernel has it at this weight.
    pub fn weight(&mut self, want: u32, by: &Process) {
        let start = Instant::now();
        loop {
            let read = self.kernel.service(&self.service).unwrap();
            let weight = read.and_then(|read| Some(read.pool.get(&self.dest)?.weight.get()));
            if weight == Some(want) {
                break;
            }
            let late = start.elapsed() > Duration::from_mins(20);
            assert!(!late, "never at weight {want}: {}", by.log());
            sleep(Duration::from_millis(5));
        }
    }
}
