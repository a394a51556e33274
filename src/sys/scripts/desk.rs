//! The task that stands between those who want scripts run and the process that runs them.

use std::collections::BTreeMap;
use std::future::pending;
use std::io;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::{error, info, warn};

use super::link::Link;
use super::message::{Order, Outcome, Report, ScriptId};
use super::queue::Queue;
use super::{Launcher, NotRun, Ran, Runnable, first_line};
use crate::model::moment::Moment;
use crate::sys::clock;

/// So many checks run at once, and so many scripts that are told of events.
const PLACES: usize = 256;
/// From one start of the process to the next.
const RESTART: Duration = Duration::from_secs(5);

/// So long is waited for the word on how the process ended: it ends its scripts first.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What the desk is asked for.
#[derive(Debug)]
pub(super) enum Request {
    Check(Check),
    Tell(Told),
    /// Nobody waits for this check any more.
    Forget(ScriptId),
    /// Checks end; the scripts that are told of events have this long. The answer is their end.
    Finish(Duration, Sender<()>),
}

#[derive(Debug)]
pub(super) struct Check {
    pub(super) id: ScriptId,
    pub(super) script: Runnable,
    pub(super) limit: Duration,
    pub(super) asked: Moment,
    pub(super) answer: oneshot::Sender<Result<Ran, NotRun>>,
}

/// A script that is told of an event by being run.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) id: ScriptId,
    pub(super) script: Runnable,
    /// Its words and the event, for the log.
    pub(super) shown: String,
    pub(super) event: String,
}

/// A script on its way.
#[derive(Debug)]
enum Running {
    /// `None` where nobody waits any more.
    Check(Option<Waiting>),
    Told {
        shown: String,
        event: String,
    },
}

#[derive(Debug)]
struct Waiting {
    answer: oneshot::Sender<Result<Ran, NotRun>>,
    waited: Duration,
}

#[derive(Debug)]
pub(super) struct Desk {
    launcher: Launcher,
    link: Option<Link>,
    /// When the process was started last.
    started: Instant,
    checks: Queue<Check>,
    told: Queue<Told>,
    running: BTreeMap<ScriptId, Running>,
}

impl Desk {
    /// Has the process started.
    pub(super) fn open(launcher: Launcher) -> io::Result<Self> {
        Ok(Self {
            link: Some(Link::start(&launcher)?),
            launcher,
            started: Instant::now(),
            checks: Queue::new(PLACES),
            told: Queue::new(PLACES),
            running: BTreeMap::new(),
        })
    }

    /// Works until nobody can ask any more, or it is told to finish.
    pub(super) async fn work(mut self, mut inbox: UnboundedReceiver<Request>) {
        let mut finish: Option<(Instant, Sender<()>)> = None;
        loop {
            self.begin();
            if finish.is_some() && !self.is_telling() {
                break;
            }
            let last = finish.as_ref().map(|(last, _)| *last);
            let restart = self.restart();
            tokio::select! {
                biased;
                report = next(&mut self.link) => match report {
                    Some(report) => self.hear(report),
                    None => self.lost().await,
                },
                request = inbox.recv() => match request {
                    None => break,
                    Some(Request::Check(check)) => self.checks.push(check),
                    Some(Request::Tell(told)) => self.tell(told),
                    Some(Request::Forget(id)) => self.forget(id),
                    Some(Request::Finish(within, done)) => {
                        finish = Some((Instant::now() + within, done));
                    }
                },
                () = until(restart) => self.start(),
                () = until(last) => break,
            }
        }
        if let Some((_, done)) = finish {
            // Who gave the order may not have waited.
            let _ = done.send(());
        }
    }

    /// When the process is to be started anew; `None` while it runs.
    fn restart(&self) -> Option<Instant> {
        self.link.is_none().then(|| self.started + RESTART)
    }

    fn start(&mut self) {
        self.started = Instant::now();
        match Link::start(&self.launcher) {
            Ok(link) => {
                info!("the process that runs scripts is started again");
                self.link = Some(link);
            }
            Err(error) => error!(%error, "the process that runs scripts cannot be started"),
        }
    }

    /// Whether a script that is told of an event has not ended.
    fn is_telling(&self) -> bool {
        let told = |running: &Running| matches!(running, Running::Told { .. });
        self.told.waiting() > 0 || self.running.values().any(told)
    }

    fn tell(&mut self, told: Told) {
        self.told.push(told);
        if !self.told.has_room() {
            let waiting = self.told.waiting();
            warn!(
                waiting,
                "{PLACES} notify scripts run and do not end: others wait for them"
            );
        }
    }

    /// Starts whose turn it is.
    fn begin(&mut self) {
        let Some(link) = &self.link else { return };
        while let Some(told) = self.told.next(|_| false) {
            let order = Order::Start {
                id: told.id,
                script: told.script,
                limit: None,
            };
            let (shown, event) = (told.shown, told.event);
            match link.order(&order) {
                Ok(()) => drop(self.running.insert(told.id, Running::Told { shown, event })),
                Err(error) => {
                    warn!(script = shown, event, %error, "a notify script is not run");
                    self.told.leave();
                }
            }
        }
        while let Some(check) = self.checks.next(|check| check.answer.is_closed()) {
            let order = Order::Start {
                id: check.id,
                script: check.script,
                limit: Some(check.limit),
            };
            match link.order(&order) {
                Ok(()) => {
                    let waiting = Waiting {
                        answer: check.answer,
                        waited: clock::now().since(check.asked),
                    };
                    self.running.insert(check.id, Running::Check(Some(waiting)));
                }
                Err(error) => {
                    // Whoever asked may have gone, here and below.
                    let _ = check.answer.send(Err(NotRun::TooLong(error.to_string())));
                    self.checks.leave();
                }
            }
        }
    }

    fn hear(&mut self, report: Report) {
        match report {
            Report::Ended { id, outcome, said } => match self.running.get_mut(&id) {
                Some(Running::Check(waiting)) => {
                    if let Some(Waiting { answer, waited }) = waiting.take() {
                        let said = first_line(&said);
                        let _ = answer.send(Ok(Ran {
                            outcome,
                            said,
                            waited,
                        }));
                    }
                }
                Some(Running::Told { shown, event }) if outcome != Outcome::Exited(0) => {
                    let said = first_line(&said);
                    warn!(script = %shown, %event, said, "a notify script {outcome}");
                }
                Some(Running::Told { .. }) | None => {}
            },
            Report::Gone(id) => match self.running.remove(&id) {
                Some(Running::Check(_)) => self.checks.leave(),
                Some(Running::Told { .. }) => self.told.leave(),
                None => {}
            },
        }
    }

    /// Ends a check that nobody waits for.
    fn forget(&mut self, id: ScriptId) {
        if let Some(Running::Check(waiting)) = self.running.get_mut(&id)
            && waiting.take().is_some()
            && let Some(link) = &self.link
        {
            // It is as short as an order can be.
            let _ = link.order(&Order::End(id));
        }
    }

    /// The process has ended, and everything that it ran.
    async fn lost(&mut self) {
        // With its socket goes what may be left of it.
        drop(self.link.take());
        let end = match timeout(LAST_WORD, self.launcher.end()).await {
            Ok(Ok(end)) => end,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not say how".to_owned(),
        };
        error!(end, "the process that runs scripts ended");
        for (_, running) in std::mem::take(&mut self.running) {
            match running {
                Running::Check(waiting) => {
                    self.checks.leave();
                    if let Some(waiting) = waiting {
                        let _ = waiting.answer.send(Err(NotRun::Lost(end.clone())));
                    }
                }
                Running::Told { shown, event } => {
                    self.told.leave();
                    warn!(script = shown, event, "a notify script ended with it");
                }
            }
        }
    }
}

async fn next(link: &mut Option<Link>) -> Option<Report> {
    match link {
        Some(link) => link.report().await,
        None => pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}
