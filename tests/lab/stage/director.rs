use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use lvsctl::ipvs::{Client, Ipvs};
use lvsctl::model::table::{Pool, Table};

use super::host::Host;
use super::process::Process;
use super::{VIP, wait_until};

/// The binary under test.
pub const LVSCTL: &str = env!("CARGO_BIN_EXE_lvsctl");

/// How long a start may take where the machine has much else to do.
const START: Duration = Duration::from_secs(90);

/// A host that runs lvsctl, with a state directory of its own.
#[derive(Debug)]
pub struct Director {
    host: Host,
}

impl Deref for Director {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.host
    }
}

/// A file of `examples/dr`.
pub fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/dr")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

impl Director {
    pub fn new(host: Host) -> Self {
        Self { host }
    }

    pub fn state_dir(&self) -> String {
        self.dir.join("state").to_str().unwrap().to_owned()
    }

    /// Runs a command of lvsctl that looks at the kernel.
    pub fn lvsctl(&self, command: &str, arguments: &[&str]) -> Output {
        let state = self.state_dir();
        let mut line = vec![LVSCTL, command, "--state-dir", &state];
        line.extend(arguments);
        self.run(&line)
    }

    /// Starts a daemon that has made its first round when this returns.
    pub fn daemon(&self, file: &str, arguments: &[&str]) -> Process {
        self.daemon_under(&[], file, arguments)
    }

    /// The same with a program in front, such as strace.
    pub fn daemon_under(&self, front: &[&str], file: &str, arguments: &[&str]) -> Process {
        let state = self.state_dir();
        let mut line = front.to_vec();
        line.extend([LVSCTL, "daemon", "--state-dir", &state, file]);
        line.extend(arguments);
        let log = format!(
            "daemon-{}.log",
            std::fs::read_dir(&self.dir).unwrap().count()
        );
        let daemon = self.spawn(&log, &line);
        daemon.says("ready", START);
        daemon
    }

    /// The table of its namespace, read by netlink.
    pub fn table(&self) -> Table {
        self.inside(|| Client::open().unwrap().table().unwrap())
    }

    /// Weights by the address of the real server, over all services.
    pub fn weights(&self) -> BTreeMap<String, u32> {
        let table = self.table();
        let pools = table.values().map(|service| &service.pool);
        let dests = pools.flat_map(Pool::iter);
        dests
            .map(|(key, dest)| (key.ip.to_string(), dest.weight.get()))
            .collect()
    }

    /// The weight of real server 192.168.1.50 + `index`; `None` where it is not in the table.
    pub fn weight(&self, index: usize) -> Option<u32> {
        self.weights()
            .get(&format!("192.168.1.{}", 50 + index))
            .copied()
    }

    /// Another program gives real server 192.168.1.50 + `index` another weight.
    pub fn weigh_by_hand(&self, index: usize, weight: u32) {
        let (service, real) = (format!("{VIP}:80"), format!("192.168.1.{}", 50 + index));
        let weight = weight.to_string();
        self.ask(&[
            "ipvsadm", "-e", "-t", &service, "-r", &real, "-g", "-w", &weight,
        ]);
    }

    /// Waits for a weight and returns how long it took.
    pub fn wait_weight(&self, index: usize, want: Option<u32>, limit: Duration) -> Duration {
        wait_until(limit, || self.weight(index) == want).unwrap_or_else(|after| {
            panic!(
                "after {after:?} the weight is {:?}, not {want:?}",
                self.weight(index)
            )
        })
    }
}
