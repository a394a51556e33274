//! What holds however a daemon dies and whatever its kernel and its disk refuse: laws over small
//! worlds, drawn by chance. `LVSCTL_SEED=N` draws others, `LVSCTL_SOAK=1` many more.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

#[path = "crash/host.rs"]
mod host;
mod random;
#[path = "crash/universe.rs"]
mod universe;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lvsctl::daemon::{Goal, Keeper};
use lvsctl::ipvs::{self, Ipvs, Memory};
use lvsctl::model::patch::Patch;
use lvsctl::model::service::{DestKey, ServiceKey};
use lvsctl::model::table::Table;
use lvsctl::plan::Change;
use lvsctl::sys::state::Record;
use rustix::io::Errno;

use host::{Fate, Host};
use random::Random;
use universe::{START, beginning, goal, patch, turned};

const GRACE: Duration = Duration::from_mins(5);

/// How many worlds are drawn; the seed of each is what is said of a failure.
fn seeds(few: u64, many: u64) -> impl Iterator<Item = u64> {
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let first = std::env::var("LVSCTL_SEED").map_or(1, |seed| seed.parse().unwrap());
    eprintln!("seeds from {first}");
    first..first + if soak { many } else { few }
}

/// A process that lives on what it finds: the record on the disk, the table in the kernel.
fn born(host: &Host, grace: Duration) -> Keeper<Host> {
    let record = host.inside().disk.clone();
    let disk = host.clone();
    Keeper::new(host.clone(), record, grace, move |record| {
        disk.store(record)
    })
}

/// One life: a round for the file, then verdicts. True where it lived to the end.
fn live(host: &Host, grace: Duration, file: &Goal, verdicts: &Patch) -> bool {
    let mut keeper = born(host, grace);
    let lived = |keeper: &mut Keeper<Host>| -> Result<(), ipvs::Error> {
        keeper.round(file, true, START)?;
        let mut goal = file.clone();
        keeper.patch(&mut goal, verdicts.clone(), START)?;
        Ok(())
    };
    lived(&mut keeper).is_ok()
}

fn serves(table: &Table, key: &ServiceKey) -> bool {
    let pool = table.get(key).map(|service| &service.pool);
    pool.is_some_and(|pool| pool.iter().any(|(_, dest)| dest.weight.get() > 0))
}

fn dests(table: &Table) -> BTreeSet<(ServiceKey, DestKey)> {
    let of = |(key, service): (&ServiceKey, &lvsctl::model::table::Service)| {
        let dests = service.pool.iter().map(|(dest, _)| (*key, *dest));
        dests.collect::<Vec<_>>()
    };
    table.iter().flat_map(of).collect()
}

/// What was there, what was wanted, and what happened.
struct Story<'a> {
    host: &'a Host,
    before: &'a Table,
    /// What earlier lives had written down.
    record: &'a Record,
    /// What was wanted, one after the other.
    goals: &'a [&'a Goal],
    grace: Duration,
    why: &'a str,
}

impl Story<'_> {
    fn everywhere(&self, holds: impl Fn(&Table) -> bool) -> bool {
        holds(self.before) && self.goals.iter().all(|goal| holds(&goal.desired))
    }

    /// Services that nobody here has to do with.
    fn foreign(&self, table: &Table) -> Table {
        let ours = |key: &ServiceKey| {
            let wanted = self.goals.iter().any(|goal| goal.desired.contains_key(key));
            wanted || self.record.services.contains(key)
        };
        let mut table = table.clone();
        table.retain(|key, _| !ours(key));
        table
    }

    /// At every moment: foreign services are as they were, what is touched is on record, what is
    /// in every table is never taken out and put in again, and what serves in every table serves.
    fn check_history(&self, recorded: bool) {
        let why = self.why;
        let keys = self.before.keys();
        let kept: Vec<_> = keys
            .filter(|key| self.everywhere(|table| table.contains_key(key)))
            .collect();
        let kept_dests: Vec<_> = dests(self.before)
            .into_iter()
            .filter(|server| self.everywhere(|table| dests(table).contains(server)))
            .collect();
        let serving: Vec<_> = kept
            .iter()
            .filter(|key| self.everywhere(|table| serves(table, key)))
            .collect();
        let foreign = self.foreign(self.before);
        for moment in &self.host.inside().history {
            let table = &moment.table;
            assert_eq!(self.foreign(table), foreign, "{why}: a foreign service");
            for key in &serving {
                assert!(serves(table, key), "{why}: {key} has nobody left");
            }
            let Some(step) = &moment.step else { continue };
            let disk = &moment.disk.services;
            if recorded {
                let ours =
                    |key: &&ServiceKey| !self.before.contains_key(key) || **key == step.service;
                let mut made = table.keys().filter(ours);
                let nobodys = made.find(|key| !disk.contains(key));
                assert_eq!(nobodys, None, "{why}: {step}: it is not on record");
            }
            match &step.change {
                Change::AddService(_) | Change::RemoveService(_) => {
                    assert!(!kept.contains(&&step.service), "{why}: {step}");
                }
                Change::AddDest(dest, _) | Change::RemoveDest(dest, _) => {
                    let server = (step.service, *dest);
                    assert!(!kept_dests.contains(&server), "{why}: {step}");
                }
                Change::EditService { .. } | Change::EditDest { .. } => {}
            }
        }
    }

    /// Servers with connections that left the file are there until their grace is over, however
    /// often their keeper died; returns how many there were.
    fn check_drains(&self, mut at_first: Memory) -> usize {
        let named = |server: &(ServiceKey, DestKey)| {
            let mut goals = self.goals.iter();
            goals.any(|goal| goal.standing.named.contains(server))
        };
        let mut busy = Vec::new();
        for server in dests(self.before) {
            let (key, dest) = server;
            let connections = at_first.connections(&key).unwrap();
            let active = connections.get(&dest).map_or(0, |dest| dest.active);
            if active > 0 && !named(&server) {
                busy.push(server);
            }
        }
        for moment in &self.host.inside().history {
            let there = dests(&moment.table);
            let cut_off = busy.iter().find(|server| !there.contains(server));
            assert_eq!(cut_off, None, "{}: it was cut off", self.why);
        }
        busy.len()
    }

    /// A last life that nothing disturbs: after the grace the table is the goal, and ours is what
    /// the goal has.
    fn check_end(&self, goal: &Goal) {
        let why = self.why;
        self.host.decide(|| Fate::Granted);
        let mut keeper = born(self.host, self.grace);
        let round = keeper.round(goal, true, START).unwrap();
        assert!(
            round.refused.is_empty() && round.skipped.is_empty(),
            "{why}"
        );
        let late = START + self.grace;
        keeper.round(goal, true, late).unwrap();
        let again = born(self.host, self.grace).round(goal, true, late).unwrap();
        assert_eq!(again.done, [], "{why}: what is right is left alone");
        let mut inside = self.host.inside();
        let owned: BTreeSet<ServiceKey> = goal.desired.keys().copied().collect();
        assert_eq!(inside.disk.services, owned, "{why}: what is owned");
        assert!(inside.disk.draining.is_empty(), "{why}");
        let mut table = inside.kernel.table().unwrap();
        table.retain(|key, _| owned.contains(key));
        assert_eq!(table, goal.desired, "{why}");
    }
}

/// Killed after any prefix of what it does, a daemon leaves nothing that the next cannot go on
/// from, and a second death changes nothing about that.
#[test]
fn after_a_crash_at_any_step_the_next_life_converges() {
    let (mut crashes, mut drained) = (0, 0);
    for seed in seeds(60, 5_000) {
        let mut random = Random::new(seed);
        let (kernel, record) = beginning(&mut random);
        let before = kernel.clone().table().unwrap();
        let file = goal(&mut random);
        let verdicts = turned(&mut random, &file);
        // The file may have changed until the next start.
        let next = if random.once_in(2) {
            file.clone()
        } else {
            goal(&mut random)
        };
        let next_verdicts = turned(&mut random, &next);
        let patches = [
            patch(&mut random, &file, &verdicts),
            patch(&mut random, &next, &next_verdicts),
        ];
        let goals = [&file, &verdicts, &next, &next_verdicts];
        let grace = random.one_of(&[Duration::ZERO, GRACE]);
        for first in 0.. {
            let second = random.below(8);
            let why = format!("seed {seed}, dead after {first} and {second}");
            let host = Host::new(kernel.clone(), record.clone());
            host.dies_after(first);
            let lived = live(&host, grace, &file, &patches[0]);
            host.dies_after(second);
            live(&host, grace, &next, &patches[1]);
            let story = Story {
                host: &host,
                before: &before,
                record: &record,
                goals: &goals,
                grace,
                why: &why,
            };
            story.check_history(true);
            if !grace.is_zero() {
                drained += story.check_drains(kernel.clone());
            }
            story.check_end(&next);
            crashes += 1;
            if lived {
                break;
            }
        }
    }
    assert!(crashes > 500, "only {crashes} crashes");
    assert!(drained > 100, "only {drained} drains");
    eprintln!("{crashes} crashes, {drained} drains");
}

/// Once in `rarely` times something goes wrong.
fn troubled(random: &mut Random, rarely: usize) -> Fate {
    if !random.once_in(rarely) {
        return Fate::Granted;
    }
    random.one_of(&[
        Fate::Refused(Errno::NOMEM),
        Fate::Refused(Errno::BUSY),
        Fate::DoneUnheard,
        Fate::Lost,
    ])
}

/// One daemon that lives through refusals, lost answers and a disk that takes nothing: no pool is
/// emptied meanwhile, and when it is over one look brings the goal about.
#[test]
fn refusals_and_lost_answers_take_nothing_away_and_are_made_good() {
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in seeds(300, 50_000) {
        let mut random = Random::new(seed);
        let (kernel, record) = beginning(&mut random);
        let before = kernel.clone().table().unwrap();
        let host = Host::new(kernel, record.clone());
        let file = goal(&mut random);
        let grace = random.one_of(&[Duration::ZERO, GRACE]);
        let mut keeper = born(&host, grace);
        let mut fates = Random::new(seed ^ u64::MAX);
        let rarely = random.one_of(&[2, 5, 20, 50]);
        host.decide(move || troubled(&mut fates, rarely));
        let why = format!("seed {seed}");
        let mut wanted = file;
        for _ in 0..8 {
            let verdicts = turned(&mut random, &wanted);
            let before = host.inside().kernel.clone().table().unwrap();
            host.inside().history.clear();
            let round = if random.once_in(2) {
                let patch = patch(&mut random, &wanted, &verdicts);
                keeper.patch(&mut wanted, patch, START)
            } else {
                wanted = verdicts;
                keeper.round(&wanted, random.once_in(3), START)
            };
            let outcome = match round {
                Ok(round) if round.refused.is_empty() => "done",
                Ok(_) => "refused",
                Err(_) => "lost",
            };
            *outcomes.entry(outcome).or_default() += 1;
            let story = Story {
                host: &host,
                before: &before,
                record: &record,
                goals: &[&wanted],
                grace,
                why: &why,
            };
            story.check_history(false);
        }
        host.decide(|| Fate::Granted);
        // After trouble a look is never far.
        let round = keeper.round(&wanted, true, START).unwrap();
        assert!(round.refused.is_empty(), "{why}");
        assert_eq!(round.unrecorded, None, "{why}");
        let table = host.inside().kernel.table().unwrap();
        for (key, want) in &wanted.desired {
            let have = table.get(key).map(|have| &have.pool);
            let agrees = |(dest, want)| have.and_then(|have| have.get(dest)) == Some(want);
            assert!(want.pool.iter().all(agrees), "{why}: {key}");
        }
        let story = Story {
            host: &host,
            before: &before,
            record: &record,
            goals: &[&wanted],
            grace,
            why: &why,
        };
        story.check_end(&wanted);
    }
    assert_eq!(outcomes.len(), 3, "{outcomes:?}");
    eprintln!("{outcomes:?}");
}
