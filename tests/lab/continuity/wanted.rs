use std::collections::BTreeMap;
use std::fmt::Write as _;

use lvsctl::model::service::{Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::{Service, Table};

use crate::change::Change;
use crate::random::Random;
use crate::stage::VIP;

/// Where the real servers keep a connection open.
pub const PORT: u16 = 81;
/// Where nobody asks.
const NEIGHBOUR: u16 = 8080;
/// All real servers there are.
pub const SERVERS: usize = 3;
const HEAVIEST: usize = 9;
/// Without the hashing ones none would be refused at weight 0.
const SCHEDULERS: [&str; 8] = ["rr", "wrr", "lc", "wlc", "sed", "nq", "sh", "mh"];

/// What the file asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub scheduler: &'static str,
    /// By the number of the real server, from 0.
    pub weights: BTreeMap<usize, u32>,
    pub persistence: Option<u32>,
    /// More connections than ever come.
    pub threshold: Option<u32>,
    /// Whether there is another virtual server.
    pub neighbour: bool,
}

impl Wanted {
    pub fn new() -> Self {
        Self {
            scheduler: "rr",
            weights: (0..SERVERS).map(|server| (server, 1)).collect(),
            persistence: None,
            threshold: None,
            neighbour: false,
        }
    }

    /// Asks for something else; what that was.
    pub fn change(&mut self, kind: Change, random: &mut Random) -> String {
        match kind {
            Change::Weights => self.weigh(random),
            Change::Servers => self.add_or_remove(random),
            Change::Scheduler => {
                let others: Vec<&str> = SCHEDULERS
                    .into_iter()
                    .filter(|other| *other != self.scheduler)
                    .collect();
                let before = std::mem::replace(&mut self.scheduler, random.one_of(&others));
                format!("scheduler {before} -> {}", self.scheduler)
            }
            Change::Persistence => {
                self.persistence = self.persistence.is_none().then_some(60);
                format!("persistence {:?}", self.persistence)
            }
            Change::Thresholds => {
                self.threshold = self.threshold.is_none().then_some(100_000);
                format!("thresholds {:?}", self.threshold)
            }
            Change::Services => {
                self.neighbour = !self.neighbour;
                format!("another service: {}", self.neighbour)
            }
        }
    }

    fn weigh(&mut self, random: &mut Random) -> String {
        for weight in self.weights.values_mut() {
            // Never the same, so that each reload has something to do.
            let step = 1 + u32::try_from(random.below(HEAVIEST - 1)).unwrap();
            *weight = 1 + (*weight - 1 + step) % u32::try_from(HEAVIEST).unwrap();
        }
        format!("weights {:?}", self.weights.values().collect::<Vec<_>>())
    }

    fn add_or_remove(&mut self, random: &mut Random) -> String {
        let absent = (0..SERVERS).find(|server| !self.weights.contains_key(server));
        if let Some(server) = absent {
            self.weights.insert(server, 1);
            return format!("{} added", name(server));
        }
        let server = random.below(SERVERS);
        self.weights.remove(&server);
        format!("{} removed", name(server))
    }

    /// The file.
    pub fn text(&self) -> String {
        // The kernel forgets a closed connection soon, so that a drain comes to its end.
        let mut text = format!(
            "global_defs {{\nlvs_timeouts tcpfin 3\n}}\n\
             virtual_server {VIP} {PORT} {{\nprotocol TCP\nlb_kind DR\n"
        );
        let _ = writeln!(text, "lb_algo {}\ndelay_loop 3", self.scheduler);
        if let Some(seconds) = self.persistence {
            let _ = writeln!(text, "persistence_timeout {seconds}");
        }
        for (server, weight) in &self.weights {
            let _ = writeln!(
                text,
                "real_server {} {PORT} {{\nweight {weight}",
                address(*server)
            );
            if let Some(most) = self.threshold {
                let _ = writeln!(text, "uthreshold {most}");
            }
            // Patient, because a host that is slow to answer is not what is looked for.
            text.push_str("TCP_CHECK {\nconnect_timeout 20\nretry 3\n}\n}\n");
        }
        text.push_str("}\n");
        if self.neighbour {
            let _ = writeln!(
                text,
                "virtual_server {VIP} {NEIGHBOUR} {{\nprotocol TCP\nlb_kind DR\nlb_algo rr\n\
                 real_server {} {NEIGHBOUR} {{\n}}\n}}",
                address(0)
            );
        }
        text
    }

    /// How the table differs from the file; `leaving` may be there at weight 0.
    pub fn differs(&self, table: &Table, leaving: Option<usize>) -> Option<String> {
        if table.contains_key(&key(NEIGHBOUR)) != self.neighbour {
            return Some("the other service".to_owned());
        }
        let Some(service) = table.get(&key(PORT)) else {
            return Some("no service".to_owned());
        };
        let settings = &service.settings;
        let seconds = settings.persistence.map(|persistence| persistence.timeout);
        if settings.scheduler.as_str() != self.scheduler || seconds != self.persistence {
            return Some(format!("{settings:?}"));
        }
        (0..SERVERS).find_map(|server| {
            let found = weight(service, server);
            let want = self.weights.get(&server);
            let leaves = leaving == Some(server) && found == Some(0);
            if found.as_ref() == want || want.is_none() && leaves {
                return self.other_threshold(service, server);
            }
            let name = name(server);
            Some(format!("{name} has weight {found:?}, not {want:?}"))
        })
    }

    fn other_threshold(&self, service: &Service, server: usize) -> Option<String> {
        let dest = service.pool.get(&endpoint(server))?;
        self.weights.get(&server)?;
        let upper = dest.thresholds.upper;
        (upper != self.threshold.unwrap_or(0))
            .then(|| format!("{} has upper threshold {upper}", name(server)))
    }
}

/// The weight of a real server in a table; none where it is not there.
pub fn weight_in(table: &Table, server: usize) -> Option<u32> {
    weight(table.get(&key(PORT))?, server)
}

fn weight(service: &Service, server: usize) -> Option<u32> {
    let dest = service.pool.get(&endpoint(server))?;
    Some(dest.weight.get())
}

/// How many connections the kernel has directed, by what `ipvsadm -Ln --stats` prints.
pub fn directed(stats: &str) -> usize {
    let service = format!("{VIP}:{PORT}");
    let line = stats.lines().find(|line| line.contains(&service));
    let count = line.and_then(|line| line.split_whitespace().nth(2));
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// What a real server says it is called.
pub fn name(server: usize) -> String {
    format!("rs{}", server + 1)
}

fn address(server: usize) -> String {
    format!("192.168.1.{}", 50 + server)
}

fn endpoint(server: usize) -> Endpoint {
    Endpoint::new(address(server).parse().unwrap(), PORT)
}

fn key(port: u16) -> ServiceKey {
    ServiceKey::Address(Protocol::Tcp, Endpoint::new(VIP.parse().unwrap(), port))
}
