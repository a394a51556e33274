use std::io;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tracing::{info, warn};

use super::goal::Goal;
use super::holding::Holding;
use super::keeper::{Keeper, Round};
use super::mailbox::Mailbox;
use super::options::Options;
use crate::claim::{self, Refused};
use crate::ipvs::{self, Client, Ipvs};
use crate::model::director::Globals;
use crate::model::moment::Moment;
use crate::model::patch::Patch;
use crate::model::table::Table;
use crate::sys::clock;
use crate::sys::state::Folder;
use crate::sys::sysctl::Sysctl;

/// How often a drain is looked after.
const DRAIN: Duration = Duration::from_secs(1);
/// From one failed round to the next: doubled up to the resync.
const RETRY: Duration = Duration::from_secs(1);

/// What the thread says after each round.
#[derive(Debug)]
pub(super) enum Told {
    Round(Round),
    /// The kernel cannot be reached; the thread goes on trying.
    Lost(ipvs::Error),
}

/// What the thread is told; the newest counts.
#[derive(Debug)]
enum Letter {
    Goal(Goal),
    /// A part of the goal is to look otherwise now.
    Patch(Patch),
    Stop {
        flush: bool,
    },
}

impl Letter {
    /// What is left to do where neither was begun.
    fn then(self, newer: Self) -> Self {
        match (self, newer) {
            (Self::Goal(mut goal), Self::Patch(patch)) => {
                patch.apply(&mut goal.desired);
                Self::Goal(goal)
            }
            (Self::Patch(older), Self::Patch(newer)) => Self::Patch(older.then(newer)),
            (_, newer) => newer,
        }
    }
}

/// The one thread that speaks to the kernel.
#[derive(Debug)]
pub(super) struct Kernel {
    mailbox: Arc<Mailbox<Letter>>,
    thread: Option<JoinHandle<()>>,
}

/// What was found when the namespace was taken.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) table: Table,
    /// Services that are ours by record.
    pub(super) owned: usize,
    pub(super) folder: Folder,
    pub(super) holding: Arc<Holding>,
    pub(super) rivals: Option<String>,
}

impl Kernel {
    /// Starts the thread, which enters the table's namespace, takes it and reads it once.
    pub(super) fn start(
        options: &Options,
        globals: &Globals,
        told: UnboundedSender<Told>,
    ) -> Result<(Self, Found), Refused> {
        let mailbox = Arc::new(Mailbox::default());
        let (report, reported) = mpsc::channel();
        let (inside, options, globals) = (Arc::clone(&mailbox), options.clone(), globals.clone());
        let state_dir = options.state_dir.display().to_string();
        let unstarted = |source| Refused::State {
            path: state_dir.clone(),
            source,
        };
        let thread = thread::Builder::new()
            .name("kernel".to_owned())
            .spawn(move || match open(&options, &globals) {
                Err(refused) => drop(report.send(Err(refused))),
                Ok((keeper, found)) => {
                    let _ = report.send(Ok(found));
                    work(keeper, &inside, &told, options.resync);
                }
            })
            .map_err(unstarted)?;
        let gone = || unstarted(io::Error::other("the kernel thread ended"));
        let found = reported.recv().map_err(|_| gone())??;
        let thread = Some(thread);
        Ok((Self { mailbox, thread }, found))
    }

    /// Has the thread bring `goal` about, instead of what it has not yet begun.
    pub(super) fn aim(&self, goal: Goal) {
        self.mailbox.post(Letter::Goal(goal), Letter::then);
    }

    /// Has the thread change a part of the goal.
    pub(super) fn patch(&self, patch: Patch) {
        self.mailbox.post(Letter::Patch(patch), Letter::then);
    }

    /// Ends the thread, and before that removes what is ours if told to.
    pub(super) fn stop(mut self, flush: bool) {
        self.mailbox.post(Letter::Stop { flush }, Letter::then);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn open(options: &Options, globals: &Globals) -> Result<(Keeper<Client>, Found), Refused> {
    claim::enter_ipvs(options.netns.as_deref(), globals)?;
    let mut kernel = claim::kernel()?;
    let folder = claim::folder(&options.state_dir, globals)?;
    let lock = claim::lock(&folder)?;
    let (record, unusable) = folder.record();
    if let Some(reason) = unusable {
        warn!(
            reason,
            "record not used: services of an earlier run count as foreign"
        );
    }
    let holding = Arc::new(Holding::new(folder.clone(), lock));
    let found = Found {
        table: kernel.table().map_err(Refused::Kernel)?,
        owned: record.services.len(),
        folder,
        holding: Arc::clone(&holding),
        rivals: claim::rivals(),
    };
    let store = move |record: &_| holding.write(record);
    let keeper = Keeper::new(kernel, record, options.removal_grace, store);
    Ok((keeper, found))
}

/// Rounds until told to stop: at a new goal, at every resync, while a drain is on, and soon after
/// a failure.
fn work(
    mut keeper: Keeper<Client>,
    mailbox: &Mailbox<Letter>,
    told: &UnboundedSender<Told>,
    resync: Duration,
) {
    let mut goal: Option<Goal> = None;
    let mut switched = Vec::new();
    let mut next_look = clock::now();
    let mut next_round = Moment::from_nanos(u64::MAX);
    let mut retry = RETRY;
    loop {
        let next = next_round.min(next_look);
        let wait = if goal.is_some() {
            next.since(clock::now())
        } else {
            resync
        };
        let mut patch = None;
        match mailbox.wait(wait) {
            Some(Letter::Stop { flush }) => {
                if flush {
                    remove_all(&mut keeper, goal.take());
                }
                return;
            }
            Some(Letter::Goal(new)) => {
                switch_on(&new.standing.sysctls, &mut switched);
                goal = Some(new);
            }
            Some(Letter::Patch(part)) => patch = Some(part),
            None => {}
        }
        let Some(goal) = &mut goal else { continue };
        let now = clock::now();
        let look = now >= next_look;
        let round = match patch {
            Some(patch) if !look && now < next_round => keeper.patch(goal, patch, now),
            patch => {
                patch.unwrap_or_default().apply(&mut goal.desired);
                next_round = Moment::from_nanos(u64::MAX);
                keeper.round(goal, look, now)
            }
        };
        match round {
            Ok(round) => {
                if look {
                    next_look = now + resync;
                }
                if round.refused.is_empty() {
                    retry = RETRY;
                } else {
                    next_round = now + retry;
                    retry = (retry * 2).min(resync);
                }
                if round.draining > 0 {
                    next_round = next_round.min(now + DRAIN);
                }
                let _ = told.send(Told::Round(round));
            }
            Err(error) => {
                next_look = now + retry;
                retry = (retry * 2).min(resync);
                let _ = told.send(Told::Lost(error));
            }
        }
    }
}

fn remove_all(keeper: &mut Keeper<Client>, goal: Option<Goal>) {
    let Some(goal) = goal else { return };
    let empty = Goal {
        desired: Table::new(),
        ..goal
    };
    keeper.hurry();
    match keeper.round(&empty, true, clock::now()) {
        Ok(round) => {
            for step in &round.done {
                info!(%step, "removed at stop");
            }
            for (step, refusal) in &round.refused {
                warn!(%step, reason = refusal.explain(step), "refused by the kernel");
            }
        }
        Err(error) => warn!(%error, "services are left behind"),
    }
}

fn switch_on(wanted: &[Sysctl], switched: &mut Vec<Sysctl>) {
    for sysctl in wanted {
        if switched.contains(sysctl) {
            continue;
        }
        switched.push(*sysctl);
        let reason = match sysctl {
            Sysctl::ExpireQuiescentTemplate => {
                "clients of a persistent service must leave a server that goes to weight 0"
            }
            Sysctl::ExpireNodestConn => "clients of a UDP server that is removed must leave it",
        };
        match sysctl.switch_on() {
            Ok(None) => {}
            Ok(Some(old)) => info!(sysctl = sysctl.name(), old, new = "1", reason, "sysctl set"),
            Err(error) => warn!(
                sysctl = sysctl.name(),
                %error,
                reason,
                "sysctl cannot be set (remedy: set it to 1 by hand, or --no-sysctl)"
            ),
        }
    }
}
