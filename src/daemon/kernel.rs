use std::io;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tracing::{info, warn};

use super::agenda::{Agenda, Cue};
use super::canary::{Canary, Song};
use super::goal::Goal;
use super::holding::Holding;
use super::keeper::{Keeper, Round};
use super::letter::Letter;
use super::mailbox::Mailbox;
use super::options::Options;
use crate::claim::{self, Refused};
use crate::ipvs::{self, Client, FamilyWatch, Presence, observe};
use crate::model::director::Globals;
use crate::model::moment::Moment;
use crate::model::patch::Patch;
use crate::model::table::Table;
use crate::sys::privileges::Privileges;
use crate::sys::state::Folder;
use crate::sys::sysctl::Sysctl;
use crate::sys::{checker, clock};

/// A module that is being unloaded is gone for good only after a while.
const MODULE: Duration = Duration::from_secs(1);

/// What the thread says after each round.
#[derive(Debug)]
pub(super) enum Told {
    Round {
        round: Box<Round>,
        /// Why the table was read.
        cue: Option<Cue>,
        /// Who may be fighting, where the round tells of a fight.
        suspects: Vec<String>,
    },
    /// The kernel cannot be reached; the thread goes on trying.
    Lost(ipvs::Error),
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
    /// Starts the thread, which enters the table's namespace, takes it, reads it once and then
    /// gives up all other privileges.
    pub(super) fn start(
        options: &Options,
        globals: &Globals,
        privileges: &Privileges,
        told: UnboundedSender<Told>,
    ) -> Result<(Self, Found), Refused> {
        let mailbox = Arc::new(Mailbox::default());
        let (report, reported) = mpsc::channel();
        let (inside, options, globals) = (Arc::clone(&mailbox), options.clone(), globals.clone());
        let privileges = privileges.clone();
        let state_dir = options.state_dir.display().to_string();
        let unstarted = |source| Refused::State {
            path: state_dir.clone(),
            source,
        };
        let thread = thread::Builder::new()
            .name("kernel".to_owned())
            .spawn(move || match open(&options, &globals, &privileges) {
                Err(refused) => drop(report.send(Err(refused))),
                Ok((keeper, found)) => {
                    let _ = report.send(Ok(found));
                    follow_family(&inside);
                    work(keeper, &inside, &told, &options);
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
        self.mailbox.post(Letter::goal(goal), Letter::then);
    }

    /// Has the thread change a part of the goal.
    pub(super) fn patch(&self, patch: Patch) {
        self.mailbox.post(Letter::patch(patch), Letter::then);
    }

    /// Ends the thread, and before that removes what is ours if told to.
    pub(super) fn stop(mut self, flush: bool) {
        self.mailbox.post(Letter::stop(flush), Letter::then);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn open(
    options: &Options,
    globals: &Globals,
    privileges: &Privileges,
) -> Result<(Keeper<Client>, Found), Refused> {
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
        table: observe(&mut kernel, &Table::new(), &record.services).map_err(Refused::Kernel)?,
        owned: record.services.len(),
        folder,
        holding: Arc::clone(&holding),
        rivals: claim::rivals(),
    };
    if let Some(identity) = &privileges.identity {
        let given = found.folder.give_to(identity.user, identity.group);
        given.map_err(|source| Refused::State {
            path: found.folder.path().display().to_string(),
            source,
        })?;
    }
    privileges.give_up().map_err(Refused::Privileges)?;
    let store = move |record: &_| holding.write(record);
    let mut keeper = Keeper::new(kernel, record, options.removal_grace, store);
    if !options.repair {
        keeper.hands_off();
    }
    Ok((keeper, found))
}

/// Rounds until told to stop: at a new goal, at every resync, where the canary sings, while a drain
/// is on, and soon after a failure.
fn work(
    keeper: Keeper<Client>,
    mailbox: &Mailbox<Letter>,
    told: &UnboundedSender<Told>,
    options: &Options,
) {
    let mut goal: Option<Goal> = None;
    let mut switched = Vec::new();
    let mut work = Work {
        keeper,
        canary: Canary::default(),
        agenda: Agenda::new(options.resync, options.canary, clock::now()),
        told,
    };
    loop {
        let wait = match goal {
            Some(_) => work.agenda.next().since(clock::now()),
            None => options.resync,
        };
        let letter = mailbox.wait(wait).unwrap_or_default();
        let fresh = letter.goal.is_some();
        if let Some(new) = letter.goal {
            switch_on(&new.standing.sysctls, &mut switched);
            work.agenda.renew();
            goal = Some(new);
        }
        if let Some(flush) = letter.stop {
            if flush {
                remove_all(&mut work.keeper, goal);
            }
            return;
        }
        let Some(goal) = &mut goal else { continue };
        if let Some(presence) = letter.family {
            hear_family(presence, &mut work.agenda);
        }
        work.go_about(goal, fresh, letter.patch, mailbox);
    }
}

/// What the thread has at hand.
struct Work<'a> {
    keeper: Keeper<Client>,
    canary: Canary,
    agenda: Agenda,
    told: &'a UnboundedSender<Told>,
}

impl Work<'_> {
    /// What is due now, or was asked for.
    fn go_about(
        &mut self,
        goal: &mut Goal,
        fresh: bool,
        patch: Option<Patch>,
        mailbox: &Mailbox<Letter>,
    ) {
        if self.agenda.glance(clock::now()) && self.agenda.look(clock::now()).is_none() {
            self.glance(mailbox);
        }
        let now = clock::now();
        let cue = self.agenda.look(now);
        let due = fresh || cue.is_some() || self.agenda.round(now);
        match patch {
            // Part of what is brought about anyway.
            Some(patch) if fresh || due && self.keeper.known().is_none() => {
                patch.apply(&mut goal.desired);
            }
            // A verdict waits for no look, and is not held up by what one finds refused.
            Some(patch) => {
                let round = self.keeper.patch(goal, patch, now);
                self.end(round, None, now);
            }
            None => {}
        }
        if due {
            let round = self.keeper.round(goal, cue.is_some(), now);
            self.end(round, cue, now);
        }
    }

    /// What the text does not show as it is known is asked for; only what is otherwise then has the
    /// whole table read.
    fn glance(&mut self, mailbox: &Mailbox<Letter>) {
        let Some(known) = self.keeper.known() else {
            return self.agenda.glance_no_more();
        };
        let before = clock::worked();
        let song = self.canary.glance(known, || mailbox.is_filled());
        let calm = match song {
            Song::Same => true,
            Song::Otherwise(suspects) => self.keeper.finds_unchanged(&suspects),
            Song::Blind => false,
            Song::Disturbed => return,
        };
        let cost = clock::worked().saturating_sub(before);
        let now = clock::now();
        if calm {
            self.agenda.glanced(cost, now);
        } else {
            self.agenda.look_at(Cue::Canary, now);
        }
    }

    /// Says what came of a round, and when the next is due.
    fn end(&mut self, round: Result<Round, ipvs::Error>, cue: Option<Cue>, now: Moment) {
        let round = match round {
            Ok(round) => round,
            Err(error) => {
                self.agenda.failed(cue.is_some(), now);
                self.canary.lost();
                let _ = self.told.send(Told::Lost(error));
                return;
            }
        };
        if !round.refusals.refused.is_empty() {
            self.agenda.renew();
        }
        let (refused, drains) = (!round.refused.is_empty(), round.draining > 0);
        self.agenda.done(round.looked, refused, drains, now);
        if let Some(end) = self.keeper.next_end(now) {
            self.agenda.look_at(Cue::Fight, end);
        }
        if round.postponed > 0 {
            self.agenda.go_on(now);
        }
        if cue == Some(Cue::Canary) {
            self.canary.heeded(round.found_something());
        }
        if round.looked {
            self.canary.looked();
        }
        let suspects = if round.tells_of_a_fight() {
            checker::suspects()
        } else {
            Vec::new()
        };
        let _ = self.told.send(Told::Round {
            round: Box::new(round),
            cue,
            suspects,
        });
    }
}

/// Has a thread of its own tell when the kernel's IPVS comes and goes: nothing else would say so
/// at once.
fn follow_family(mailbox: &Arc<Mailbox<Letter>>) {
    let mailbox = Arc::clone(mailbox);
    let started = FamilyWatch::open().and_then(|mut watch| {
        let thread = thread::Builder::new().name("family".to_owned());
        thread.spawn(move || {
            loop {
                match watch.wait() {
                    Ok(presence) => mailbox.post(Letter::family(presence), Letter::then),
                    Err(error) => return unfollowed(&error),
                }
            }
        })
    });
    if let Err(error) = started {
        unfollowed(&error);
    }
}

fn unfollowed(error: &io::Error) {
    warn!(%error, "the kernel does not tell when IPVS comes and goes: that is found at the next look");
}

fn hear_family(presence: Presence, agenda: &mut Agenda) {
    match presence {
        Presence::Gone => {
            warn!("the kernel's IPVS is gone: its module was unloaded");
            agenda.look_at(Cue::Family, clock::now() + MODULE);
        }
        Presence::Came => {
            warn!("the kernel's IPVS is there again: its table is read at once");
            agenda.look_at(Cue::Family, clock::now());
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
