use std::collections::hash_map::RandomState;
use std::future::pending;
use std::hash::BuildHasher;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Interval, interval};
use tracing::{error, info, warn};

use super::goal::{Goal, Standing};
use super::kernel::{Found, Kernel, Told};
use super::options::Options;
use super::{Ended, reload, report};
use crate::claim::{self, sentence};
use crate::health::{self, Board, FailedServers, Handling, Order, Server};
use crate::model::director::Director;
use crate::model::table::Table;
use crate::probe::{Answer, Prober};
use crate::sys::systemd::Manager;
use crate::sys::{clock, limits};

/// So many answers are heard before the kernel is told what follows from them.
const HEARD_AT_ONCE: usize = 4096;

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

struct Signals {
    reload: Signal,
    state: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            reload: signal(SignalKind::hangup())?,
            state: signal(SignalKind::user_defined1())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }
}

struct Inboxes {
    answers: UnboundedReceiver<Answer>,
    told: UnboundedReceiver<Told>,
}

/// What the main task owns.
struct Watch {
    options: Options,
    director: Director,
    standing: Arc<Standing>,
    board: Board,
    prober: Prober,
    kernel: Kernel,
    manager: Manager,
    /// The first round has been made, or has failed.
    ready: bool,
    /// Why the kernel is out of reach.
    trouble: Option<String>,
    /// Why the last reload was refused.
    refused: Option<String>,
}

/// Everything that may refuse to start, before anything is changed.
fn start(options: &Options) -> Result<(Watch, Signals, Inboxes), String> {
    // From the first moment on a signal is an order and no sudden death.
    let signals =
        Signals::listen().map_err(|error| format!("cannot listen to signals: {error}"))?;
    let director = reload::read(options, 0)?;
    claim::enter(options.netns.as_deref(), &director.globals).map_err(sentence)?;
    let (tell, told) = unbounded_channel();
    let (kernel, found) = Kernel::start(options, &director.globals, tell).map_err(sentence)?;
    if director.virtual_servers.is_empty() && found.owned > 0 && !options.allow_empty {
        kernel.stop(false);
        return Err(format!(
            "{} names no virtual server and lvsctl owns {} (remedy: --allow-empty, if they are to be removed)",
            options.file, found.owned
        ));
    }
    if let Err(error) = limits::raise_descriptors() {
        warn!(%error, "the number of open files stays limited");
    }
    let (answer, answers) = unbounded_channel();
    let prober =
        Prober::start(answer).map_err(|error| format!("cannot start to check: {error}"))?;
    announce(options, &director, &found);
    let sysctl = options.sysctl;
    let mut watch = Watch {
        standing: Arc::new(Standing::new(&director, options.failed_servers, sysctl)),
        options: options.clone(),
        director,
        board: Board::default(),
        prober,
        kernel,
        manager: Manager,
        ready: false,
        trouble: None,
        refused: None,
    };
    watch.take_up(&found.table);
    Ok((watch, signals, Inboxes { answers, told }))
}

fn announce(options: &Options, director: &Director, found: &Found) {
    let services = director.virtual_servers.len();
    let state = found.folder.display();
    info!(version = env!("CARGO_PKG_VERSION"), file = options.file, services, %state, "starting");
    if let Some(rivals) = &found.rivals {
        warn!("{rivals}");
    }
    if director.globals.mail {
        warn!("the file asks for e-mail, which lvsctl does not send yet");
    }
    say_exceptions(options.failed_servers, director);
}

/// Services whose failed servers are removed although weight 0 is the rule.
fn say_exceptions(failed: FailedServers, director: &Director) {
    if failed != FailedServers::Auto {
        return;
    }
    for server in &director.virtual_servers {
        for service in &server.keys {
            if failed.of_service(service, server) == Handling::Remove {
                let scheduler = &server.scheduler;
                info!(%service, %scheduler, "failed servers are removed from this service, because the kernel would go on choosing them at weight 0");
            }
        }
    }
}

impl Watch {
    async fn run(mut self, mut signals: Signals, mut inboxes: Inboxes) -> Ended {
        let mut watchdog = self.manager.watchdog().map(interval);
        loop {
            tokio::select! {
                // What an order changes, later events should see.
                biased;
                _ = signals.terminate.recv() => return self.stop("SIGTERM"),
                _ = signals.interrupt.recv() => return self.stop("SIGINT"),
                _ = signals.reload.recv() => self.reload(),
                _ = signals.state.recv() => report::state(&self.board, clock::now()),
                told = inboxes.told.recv() => {
                    let Some(told) = told else {
                        error!("the kernel thread ended");
                        return Ended::Broken;
                    };
                    self.hear_kernel(told);
                }
                Some(answer) = inboxes.answers.recv() => self.hear(&answer, &mut inboxes.answers),
                () = tick(&mut watchdog) => self.manager.alive(),
            }
        }
    }

    /// Takes the director's checks up, and tells the kernel thread.
    fn take_up(&mut self, table: &Table) {
        let found = |server: &Server| {
            let service = table.get(&server.service);
            match service.and_then(|service| service.pool.get(&server.dest)) {
                None => health::Found::Absent,
                Some(dest) if dest.weight.get() == 0 => health::Found::Quiesced,
                Some(_) => health::Found::Serving,
            }
        };
        let orders = self
            .board
            .reconfigure(&self.director, found, share, clock::now());
        for order in orders {
            self.order(order);
        }
        self.aim();
    }

    fn order(&self, order: Order) {
        match order {
            Order::Ask(id, question, at) => self.prober.ask(id, question, at),
            Order::Cancel(id) => self.prober.cancel(id),
        }
    }

    fn aim(&self) {
        let failed = self.options.failed_servers;
        let is_up = |service: &_, dest: &_| self.board.is_up(service, dest);
        self.kernel.aim(Goal {
            desired: health::desired(&self.director, failed, is_up),
            standing: Arc::clone(&self.standing),
        });
    }

    /// Answers that came together change the table together.
    fn hear(&mut self, first: &Answer, more: &mut UnboundedReceiver<Answer>) {
        let mut shifted = self.weigh(first);
        for _ in 1..HEARD_AT_ONCE {
            let Ok(answer) = more.try_recv() else { break };
            shifted |= self.weigh(&answer);
        }
        if shifted {
            self.aim();
            self.say_status();
        }
    }

    /// True where a server came up or went down.
    fn weigh(&mut self, answer: &Answer) -> bool {
        let Answer {
            id,
            verdict,
            started,
            finished,
            late,
        } = answer;
        tracing::debug!(
            probe = id.0,
            ?verdict,
            late_ms = late.as_millis(),
            "checked"
        );
        let Some((shifts, order)) = self.board.answer(*id, verdict, *started, *finished) else {
            return false;
        };
        if let health::Verdict::Unasked(reason) = verdict {
            warn!(
                probe = id.0,
                reason,
                "a check could not be made: this host is at fault, and the server keeps its state"
            );
        }
        for shift in &shifts {
            report::shift(shift, clock::now());
        }
        self.order(order);
        !shifts.is_empty()
    }

    fn hear_kernel(&mut self, told: Told) {
        match told {
            Told::Round(round) => {
                if self.trouble.take().is_some() {
                    info!("the kernel answers again");
                }
                report::round(&round, &self.board, clock::now());
            }
            Told::Lost(error) => {
                let sentence = sentence(error);
                error!("{sentence}; trying again");
                self.trouble = Some(sentence);
            }
        }
        if !self.ready {
            self.ready = true;
            let (up, servers) = (report::up(&self.board), self.board.iter().len());
            info!(servers, up, "ready");
            self.manager.ready();
        }
        self.say_status();
    }

    fn reload(&mut self) {
        self.manager.reloading();
        let owned = self.director.virtual_servers.len();
        let read = reload::read(&self.options, owned);
        let read = read.and_then(|new| match reload::needs_restart(&self.director, &new) {
            Some(word) => Err(format!("{word} changed, which needs a restart")),
            None => Ok(new),
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
                self.director = director;
                // New servers enter as in a fresh table.
                self.take_up(&Table::new());
                self.refused = None;
            }
        }
        self.say_status();
        self.manager.ready();
    }

    fn say_status(&self) {
        let (up, all) = (report::up(&self.board), self.board.iter().len());
        let status = match (&self.refused, &self.trouble) {
            (Some(reason), _) => format!("reload refused: {reason}"),
            (None, Some(trouble)) => format!("{up} of {all} servers up; {trouble}"),
            (None, None) => format!("{up} of {all} servers up"),
        };
        self.manager.status(&status);
    }

    fn stop(self, signal: &str) -> Ended {
        self.manager.stopping();
        let flush = self.options.flush_on_stop || self.director.globals.flush_on_stop;
        let table = if flush {
            "our services are removed"
        } else {
            "the table goes on forwarding"
        };
        info!(signal, table, "stopping");
        drop(self.prober);
        self.kernel.stop(flush);
        Ended::Stopped
    }
}

/// A random share of a time, so that the checks of a start are spread. Each `RandomState` has
/// keys of its own.
fn share(whole: Duration) -> Duration {
    let random = RandomState::new().hash_one(whole) >> 32;
    let share = f64::from(u32::try_from(random).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    whole.mul_f64(share)
}

async fn tick(interval: &mut Option<Interval>) {
    match interval {
        Some(interval) => drop(interval.tick().await),
        None => pending().await,
    }
}
