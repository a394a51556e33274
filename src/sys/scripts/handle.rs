use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, mpsc};
use std::time::Duration;
use std::{fmt, io, thread};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::desk::{Check, Desk, Request, Told};
use super::message::{Outcome, ScriptId};
use super::{Launcher, Runnable, Vetted};
use crate::model::script::Script;
use crate::sys::clock;

/// Whoever wants scripts run has one of these.
#[derive(Clone, Debug, Default)]
pub struct Scripts {
    vetted: Arc<RwLock<Generations>>,
    /// `None` where no process runs scripts.
    desk: Option<UnboundedSender<Request>>,
    last: Arc<AtomicU64>,
}

/// The scripts of the file, and of the one before it: what left with that is told of once more.
#[derive(Debug, Default)]
struct Generations {
    now: Vetted,
    before: Vetted,
}

/// A script that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    pub outcome: Outcome,
    /// The first line that it wrote to standard error, up to 200 bytes of it.
    pub said: String,
    /// How long it waited for a place.
    pub waited: Duration,
}

/// Why a script was not run, or not to its end. The fault is this host's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRun {
    /// No process runs scripts.
    NoProcess,
    /// The file does not name it any more.
    Unknown,
    /// The command is too long to be handed over; how much.
    TooLong(String),
    /// The process that runs scripts ended, in this way.
    Lost(String),
}

/// The daemon was started with a file without scripts, and this one is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsRestart(pub Script);

impl Scripts {
    /// Starts the launcher in the caller's network namespace, from a program that is lvsctl, and
    /// all that [`Scripts::with`] does.
    pub fn start(program: &Path, vetted: Vetted) -> io::Result<Self> {
        if vetted.is_empty() {
            return Ok(Self::default());
        }
        Self::with(Launcher::start(program)?, vetted)
    }

    /// Has the process started, and starts a thread that speaks to it.
    pub fn with(launcher: Launcher, vetted: Vetted) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (desk, inbox) = unbounded_channel();
        let (report, reported) = mpsc::channel();
        thread::Builder::new()
            .name("scripts".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    match Desk::open(launcher) {
                        Err(error) => drop(report.send(Err(error))),
                        Ok(desk) => {
                            let _ = report.send(Ok(()));
                            desk.work(inbox).await;
                        }
                    }
                });
            })?;
        let gone = |_| io::Error::other("the thread of the scripts ended");
        reported.recv().map_err(gone)??;
        Ok(Self {
            vetted: Arc::new(RwLock::new(Generations {
                now: vetted,
                before: Vetted::default(),
            })),
            desk: Some(desk),
            last: Arc::default(),
        })
    }

    /// Takes the scripts of a new file up.
    pub fn replace(&self, vetted: Vetted) -> Result<(), NeedsRestart> {
        if let (None, Some(script)) = (&self.desk, vetted.first()) {
            return Err(NeedsRestart(script.clone()));
        }
        let mut slot = self.vetted.write().unwrap_or_else(PoisonError::into_inner);
        slot.before = std::mem::replace(&mut slot.now, vetted);
        Ok(())
    }

    /// Runs a script to its end, for no longer than `limit` from its start. It is ended where the
    /// answer is no longer waited for.
    pub async fn run(&self, script: &Script, limit: Duration) -> Result<Ran, NotRun> {
        let (desk, script) = self.find(script)?;
        let (answer, answered) = oneshot::channel();
        let id = self.next_id();
        let check = Check {
            id,
            script,
            limit,
            asked: clock::now(),
            answer,
        };
        let ended = |()| NotRun::Lost("the daemon ends".to_owned());
        desk.send(Request::Check(check)).map_err(|_| ended(()))?;
        let _forget = Forget { desk, id };
        answered.await.unwrap_or_else(|_| Err(ended(())))
    }

    /// Starts a script to tell it of an event, behind those that were told before, and waits for
    /// nothing. How it ends is logged where it fails.
    pub fn tell(&self, script: &Script, event: String) -> Result<(), NotRun> {
        let shown = script.to_string();
        let (desk, script) = self.find(script)?;
        let told = Told {
            id: self.next_id(),
            script,
            shown,
            event,
        };
        let ended = |_| NotRun::Lost("the daemon ends".to_owned());
        desk.send(Request::Tell(told)).map_err(ended)
    }

    /// Lets scripts that were told of an event run on for so long, and ends all others. Comes back
    /// when all have ended or the time is over.
    pub fn finish(&self, within: Duration) {
        let Some(desk) = &self.desk else { return };
        let (done, finished) = mpsc::channel();
        if desk.send(Request::Finish(within, done)).is_ok() {
            // Where the thread is late, so be it.
            let _ = finished.recv_timeout(within * 2);
        }
    }

    fn find(&self, script: &Script) -> Result<(&UnboundedSender<Request>, Runnable), NotRun> {
        let desk = self.desk.as_ref().ok_or(NotRun::NoProcess)?;
        let vetted = self.vetted.read().unwrap_or_else(PoisonError::into_inner);
        let script = vetted.now.get(script).or_else(|| vetted.before.get(script));
        Ok((desk, script.ok_or(NotRun::Unknown)?.clone()))
    }

    fn next_id(&self) -> ScriptId {
        self.last.fetch_add(1, Ordering::Relaxed)
    }
}

/// Has a check ended when whoever asked goes away.
struct Forget<'d> {
    desk: &'d UnboundedSender<Request>,
    id: ScriptId,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        let _ = self.desk.send(Request::Forget(self.id));
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProcess => f.write_str(
                "no process runs scripts, because the file named none when the daemon was started (remedy: restart lvsctl)",
            ),
            Self::Unknown => f.write_str("the file no longer names this script"),
            Self::TooLong(size) => write!(f, "the command is too long: {size}"),
            Self::Lost(end) => write!(f, "the process that runs scripts ended: {end}"),
        }
    }
}

impl std::error::Error for NotRun {}

impl fmt::Display for NeedsRestart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "script {}: {}", self.0, NotRun::NoProcess)
    }
}

impl std::error::Error for NeedsRestart {}
