use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread;

use lvsctl::ipvs::{Client, Ipvs};
use lvsctl::model::director::Timeouts;
use lvsctl::model::table::Table;
use lvsctl::plan::diff;

use crate::apply::{self, Ours};
use crate::keepalived::{self, Theirs};
use crate::memory::copy;
use crate::stage::director::LVSCTL;
use crate::stage::host::Host;

/// Two network namespaces with nothing in their tables, one for each program.
///
/// No packet gets anywhere: all that is not local leaves by an interface without another end. So
/// no check is answered, and none fails at once. Names are not looked up at all.
pub struct Bench {
    pub theirs: Host,
    pub ours: Host,
    pub keepalived: String,
    pub lvsctl: String,
}

/// What a namespace holds after a program has worked on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    pub table: Table,
    pub timeouts: Timeouts,
}

/// What the kernel has where nobody asks for anything else.
const TIMEOUTS: Timeouts = Timeouts {
    tcp: 900,
    tcp_fin: 120,
    udp: 300,
};

/// The id that `@id` lines are compared with. Most files with such lines have this one.
pub const CONFIG_ID: &str = "low";

const NETWORK: &str = "\
link set lo up
link add void type dummy
link set void up
addr add 100.64.0.1/32 dev void
addr add fd00::1/128 dev void nodad
route add default dev void
route add ::/0 dev void
rule add dport 53 prohibit
";

impl Bench {
    pub fn new() -> Self {
        let host = |name| {
            let host = Host::new("oracle", name);
            host.ip(NETWORK);
            host
        };
        Self {
            theirs: host("theirs"),
            ours: host("ours"),
            keepalived: copy("/usr/sbin/keepalived"),
            lvsctl: copy(LVSCTL),
        }
    }

    /// Both at once, because each waits most of the time.
    pub fn fill(&self, file: &str) -> (Theirs, Ours) {
        self.name_namespaces(file);
        thread::scope(|scope| {
            let theirs = scope.spawn(|| {
                clear(&self.theirs);
                keepalived::fill(&self.keepalived, &self.theirs, file)
            });
            clear(&self.ours);
            let ours = apply::fill(&self.lvsctl, &self.ours, file);
            (theirs.join().unwrap(), ours)
        })
    }

    /// Both programs are told their namespace on the command line, which goes before the
    /// `net_namespace` of a file. keepalived takes its `net_namespace_ipvs` all the same: that
    /// name then leads to the same place.
    fn name_namespaces(&self, file: &str) {
        let text = fs::read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut words = text.split_whitespace();
        while words.any(|word| word == "net_namespace_ipvs") {
            let Some(name) = words.next() else { break };
            let path = Path::new("/run/netns").join(name);
            if !name.contains('/') && !path.exists() {
                symlink(Path::new("/run/netns").join(&self.theirs.name), path).unwrap();
            }
        }
    }
}

/// What the namespace of a host holds, read by lvsctl's own reader.
pub fn read(host: &Host) -> Filled {
    host.inside(|| {
        let mut kernel = Client::open().unwrap();
        Filled {
            table: kernel.table().unwrap(),
            timeouts: kernel.timeouts().unwrap(),
        }
    })
}

/// Empties the table of a host and puts the timeouts back.
pub fn clear(host: &Host) {
    host.inside(|| {
        let mut kernel = Client::open().unwrap();
        let steps = diff(&kernel.table().unwrap(), &Table::new());
        let outcomes = kernel.execute(&steps).unwrap();
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        kernel.set_timeouts(&TIMEOUTS).unwrap();
        assert_eq!(kernel.table().unwrap(), Table::new());
    });
}
