use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{Interval, interval, sleep};
use tracing::{debug, error, info, warn};

use super::goal::{Goal, Standing};
use super::kernel::{Kernel, Told};
use super::options::Options;
use super::powers::Powers;
use super::signals::Signals;
use super::start::{say_exceptions, start};
use super::store::Store;
use super::tally::Tally;
use super::{Ended, others, reload, report, scripts};
use crate::claim::sentence;
use crate::conf::Recall;
use crate::health::{
    self, Board, Found, Memory, News, Order, Outcome, Past, ProbeId, Reach, Verdict,
};
use crate::lint::host::User;
use crate::model::director::Director;
use crate::model::moment::Moment;
use crate::model::server::{RealServer, VirtualServer};
use crate::model::table::Table;
use crate::notify::{self, Notifier};
use crate::probe::{Answer, Prober};
use crate::sys::addresses::Addresses;
use crate::sys::clock;
use crate::sys::scripts::Scripts;
use crate::sys::systemd::Manager;

/// So many answers are heard before the kernel is told what follows from them.
const HEARD_AT_ONCE: usize = 4096;

/// Verdicts are written down at most this often: one that is newer when the process is killed is
/// known from the kernel's table.
const REMEMBER: Duration = Duration::from_secs(1);
/// Scripts that were told of an event have this long when the daemon stops, as keepalived's do.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The daemon from start to end.
pub(super) async fn run(options: &Options) -> Ended {
    match start(options) {
        Ok((watch, signals, inboxes)) => watch.run(signals, inboxes).await,
        Err(sentence) => {
            error!("{sentence}");
            Ended::NotStarted
        }
    }
}

pub(super) struct Inboxes {
    pub(super) answers: UnboundedReceiver<Answer>,
    pub(super) told: UnboundedReceiver<Told>,
    /// Of this host, at each change.
    pub(super) addresses: UnboundedReceiver<BTreeSet<IpAddr>>,
}

/// What the main task owns.
pub(super) struct Watch {
    pub(super) options: Options,
    /// What the texts of the file came to when it was read.
    pub(super) recall: Recall,
    pub(super) standing: Arc<Standing>,
    pub(super) board: Board,
    pub(super) prober: Prober,
    pub(super) scripts: Scripts,
    /// Who the daemon was, and the process of the scripts still is.
    pub(super) started_as: User,
    pub(super) powers: Powers,
    pub(super) notifier: Notifier,
    pub(super) kernel: Kernel,
    pub(super) store: Store,
    /// When verdicts that changed are to be written down.
    pub(super) unwritten: Option<Moment>,
    /// Once a virtual server has said `ha_suspend`.
    pub(super) addresses: Option<Addresses>,
    pub(super) tell_addresses: UnboundedSender<BTreeSet<IpAddr>>,
    pub(super) manager: Manager,
    /// The first round has been made, or has failed.
    pub(super) ready: bool,
    /// Why the kernel is out of reach.
    pub(super) trouble: Option<String>,
    /// Why the last reload was refused.
    pub(super) refused: Option<String>,
    /// Checks that this host cannot make, and why.
    pub(super) unasked: BTreeMap<ProbeId, String>,
    /// There are more checks than descriptors.
    pub(super) crowded: bool,
    pub(super) tally: Tally,
}

impl Watch {
    async fn run(mut self, mut signals: Signals, mut inboxes: Inboxes) -> Ended {
        let mut watchdog = self.manager.watchdog().map(interval);
        loop {
            let next_tick = self.board.next_tick();
            tokio::select! {
                // What an order changes, later events should see.
                biased;
                _ = signals.terminate.recv() => return self.stop("SIGTERM"),
                _ = signals.interrupt.recv() => return self.stop("SIGINT"),
                _ = signals.reload.recv() => self.reload(),
                _ = signals.state.recv() => {
                    report::state(&self.board, &self.prober.lateness(), &self.tally, clock::now());
                }
                told = inboxes.told.recv() => {
                    let Some(told) = told else {
                        error!("the kernel thread ended");
                        return Ended::Broken;
                    };
                    self.hear_kernel(told);
                }
                Some(answer) = inboxes.answers.recv() => self.hear(&answer, &mut inboxes.answers),
                Some(here) = inboxes.addresses.recv() => self.hear_addresses(here),
                () = until(self.unwritten) => self.remember(),
                () = until(next_tick) => {
                    let outcome = self.board.tick(clock::now());
                    self.follow([outcome]);
                }
                () = tick(&mut watchdog) => self.manager.alive(),
            }
        }
    }

    /// Takes a director up, and tells the kernel thread.
    pub(super) fn take_up(&mut self, director: Director, memory: &Memory, table: &Table) {
        let found = |server: &VirtualServer, real: &RealServer| found(table, server, real);
        let past = Past {
            memory,
            found: &found,
        };
        let outcome = self
            .board
            .reconfigure(Arc::new(director), &past, &mut share, clock::now());
        let failed = self.options.failed_servers;
        let verdicts = (&self.board, clock::now());
        self.kernel.aim(Goal {
            desired: health::desired(self.board.director(), failed, &verdicts),
            standing: Arc::clone(&self.standing),
        });
        self.tell(outcome);
        self.crowded = report::crowd(&self.board, self.crowded);
        self.follow_addresses();
        self.remember();
    }

    /// Follows the addresses of this host from the first time on that somebody needs them.
    fn follow_addresses(&mut self) {
        let virtual_servers = self.board.director().virtual_servers.iter();
        let mut details = virtual_servers.filter_map(|server| server.details.as_ref());
        if self.addresses.is_some() || !details.any(|details| details.ha_suspend) {
            return;
        }
        let tell = self.tell_addresses.clone();
        // Nobody listens any more only while the daemon ends.
        let following = Addresses::follow(move |here| drop(tell.send(here)));
        match following {
            Ok(following) => self.addresses = Some(following),
            Err(error) => warn!(
                %error,
                "the addresses of this host are not known: ha_suspend lets nobody rest"
            ),
        }
    }

    fn hear_addresses(&mut self, here: BTreeSet<IpAddr>) {
        let (outcome, changed) = self.board.addresses(here, &mut share, clock::now());
        for (virtual_server, rests) in changed {
            if rests {
                info!(%virtual_server, "its checks rest: this host has not its address (ha_suspend)");
            } else {
                info!(%virtual_server, "its checks begin: this host has its address (ha_suspend)");
            }
        }
        self.follow([outcome]);
    }

    /// Answers that came together change the table together.
    fn hear(&mut self, first: &Answer, more: &mut UnboundedReceiver<Answer>) {
        let mut outcomes = Vec::new();
        outcomes.extend(self.weigh(first));
        for _ in 1..HEARD_AT_ONCE {
            let Ok(answer) = more.try_recv() else { break };
            outcomes.extend(self.weigh(&answer));
        }
        self.follow(outcomes);
    }

    fn weigh(&mut self, answer: &Answer) -> Option<Outcome> {
        let Answer {
            id,
            verdict,
            started,
            finished,
            late,
        } = answer;
        debug!(
            probe = id.0,
            ?verdict,
            late_ms = late.as_millis(),
            "checked"
        );
        self.say_unasked(*id, verdict);
        self.board.answer(*id, verdict, *started, *finished)
    }

    /// Once for each reason, and once more when it is over.
    fn say_unasked(&mut self, id: ProbeId, verdict: &Verdict) {
        let Some(check) = self.board.probe(id) else {
            return;
        };
        if let Verdict::Unasked(reason) = verdict {
            let before = self.unasked.insert(id, reason.clone());
            if before.as_ref() != Some(reason) {
                warn!(%check, reason, "a check cannot be made: this host is at fault, and the server keeps its state");
            }
        } else if self.unasked.remove(&id).is_some() {
            info!(%check, "the check can be made again");
        }
    }

    /// What follows from events: the services they touch go to the kernel together.
    fn follow(&mut self, outcomes: impl IntoIterator<Item = Outcome>) {
        let mut stirred = Reach::default();
        let mut changed = false;
        for mut outcome in outcomes {
            stirred.join(std::mem::take(&mut outcome.stirred));
            changed |= !outcome.shifts.is_empty() || !outcome.news.is_empty();
            self.tell(outcome);
        }
        if !stirred.is_empty() {
            let failed = self.options.failed_servers;
            let verdicts = (&self.board, clock::now());
            let part = health::part(self.board.director(), &stirred, failed, &verdicts);
            self.kernel.patch(part);
            changed = true;
        }
        if changed {
            self.unwritten.get_or_insert(clock::now() + REMEMBER);
            self.say_status();
        }
    }

    fn remember(&mut self) {
        self.unwritten = None;
        self.store.keep(self.board.snapshot());
    }

    /// What others are to hear of it.
    fn tell(&mut self, outcome: Outcome) {
        let now = clock::now();
        for order in outcome.orders {
            match order {
                Order::Ask(id, question, at) => self.prober.ask(id, question, at),
                Order::Cancel(id) => self.prober.cancel(id),
            }
        }
        for shift in &outcome.shifts {
            report::shift(shift, now);
        }
        for (virtual_server, guard) in &outcome.guards {
            report::guard(virtual_server, *guard, self.options.care.panic_threshold);
        }
        self.notify(&outcome.news);
    }

    fn notify(&mut self, news: &[News]) {
        for news in news {
            report::quorum(news);
            notify::scripts::tell(&self.scripts, news);
        }
        self.notifier.tell(news);
    }

    fn hear_kernel(&mut self, told: Told) {
        match told {
            Told::Round {
                round,
                cue,
                suspects,
            } => {
                if self.trouble.take().is_some() {
                    info!("the kernel answers again");
                }
                self.tally.add(&round, cue);
                others::round(&round, cue, &suspects);
                report::round(&round, &self.board, clock::now());
                report::refusals(&round.refusals);
            }
            Told::Lost(error) => {
                let sentence = sentence(error);
                // Said once, however often it is tried.
                if self.trouble.as_ref() != Some(&sentence) {
                    error!("{sentence}; trying again");
                }
                self.trouble = Some(sentence);
            }
        }
        if !self.ready {
            self.ready = true;
            let (servers, up) = self.board.count();
            info!(servers, up, "ready");
            self.manager.ready();
        }
        self.say_status();
    }

    fn reload(&mut self) {
        self.manager.reloading();
        let read = reload::next(&self.options, self.board.director(), &mut self.recall);
        let read = read.and_then(|new| {
            self.powers.suffice(&new)?;
            scripts::take_up(&self.scripts, &new, self.started_as).map(|()| new)
        });
        match read {
            Err(reason) => {
                error!(
                    reason,
                    "reload refused: the daemon goes on with what it had"
                );
                self.refused = Some(reason);
            }
            Ok(director) => {
                info!(
                    file = self.options.file,
                    services = director.virtual_servers.len(),
                    "reloaded"
                );
                say_exceptions(self.options.failed_servers, &director);
                let (failed, sysctl) = (self.options.failed_servers, self.options.sysctl);
                self.standing = Arc::new(Standing::new(&director, failed, sysctl));
                self.notifier.reconfigure(&director);
                // New servers enter as in a fresh table.
                self.take_up(director, &Memory::default(), &Table::new());
                let board = &self.board;
                self.unasked.retain(|id, _| board.probe(*id).is_some());
                self.refused = None;
            }
        }
        self.say_status();
        self.manager.ready();
    }

    fn say_status(&self) {
        let (all, up) = self.board.count();
        let status = match (&self.refused, &self.trouble) {
            (Some(reason), _) => format!("reload refused: {reason}"),
            (None, Some(trouble)) => format!("{up} of {all} servers up; {trouble}"),
            (None, None) => match self.tally.refused {
                0 => format!("{up} of {all} servers up"),
                refused => {
                    format!("{up} of {all} servers up; changes refused by the kernel: {refused}")
                }
            },
        };
        self.manager.status(&status);
    }

    fn stop(mut self, signal: &str) -> Ended {
        self.manager.stopping();
        let flush = self.options.flush_on_stop || self.board.director().globals.flush_on_stop;
        let table = if flush {
            "our services are removed"
        } else {
            "the table goes on forwarding"
        };
        info!(signal, table, "stopping");
        if flush {
            let news = self.board.stopping();
            self.notify(&news);
        }
        if self.unwritten.is_some() {
            self.remember();
        }
        drop(self.prober);
        self.notifier.stop();
        self.scripts.finish(LAST_WORDS);
        self.kernel.stop(flush);
        Ended::Stopped
    }
}

/// How the kernel has a real server: serving under one service is serving.
fn found(table: &Table, server: &VirtualServer, real: &RealServer) -> Found {
    let services = server.keys.iter();
    let dests = services.filter_map(|key| {
        let service = table.get(key)?;
        service.pool.get(&real.dest(key))
    });
    let mut found = Found::Absent;
    for dest in dests {
        if dest.weight.get() > 0 {
            return Found::Serving;
        }
        found = Found::Quiesced;
    }
    found
}

/// A random share of a time, so that the checks of a start are spread. Each `RandomState` has
/// keys of its own.
fn share(whole: Duration) -> Duration {
    let random = RandomState::new().hash_one(whole) >> 32;
    let share = f64::from(u32::try_from(random).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    whole.mul_f64(share)
}

async fn until(moment: Option<Moment>) {
    match moment {
        Some(moment) => sleep(moment.since(clock::now())).await,
        None => pending().await,
    }
}

async fn tick(interval: &mut Option<Interval>) {
    match interval {
        Some(interval) => drop(interval.tick().await),
        None => pending().await,
    }
}
