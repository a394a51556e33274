use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::bfd;
use super::file;
use super::lateness::Lateness;
use super::quick::Quick;
use super::slow::{Means, Slow};
use super::watch::Watcher;
use crate::health::{ProbeId, Question, Verdict};
use crate::model::check::{Bfd, ProbeKind, WatchedFile};
use crate::model::moment::Moment;

/// What a probe found, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub id: ProbeId,
    pub verdict: Verdict,
    pub started: Moment,
    pub finished: Moment,
    /// How much later than asked for it started.
    pub late: Duration,
}

/// Who asks. Dropping it ends every probe on its way.
#[derive(Debug)]
pub struct Prober {
    quick: Quick,
    slow: Slow,
    files: Watcher<WatchedFile>,
    sessions: Watcher<Bfd>,
}

impl Prober {
    /// Starts the threads in the caller's network namespace.
    ///
    /// The channel needs no bound of its own: a probe is not asked again before its owner has
    /// heard the last answer and says so.
    pub fn start(answers: UnboundedSender<Answer>) -> io::Result<Self> {
        Self::with(answers, Means::default())
    }

    /// The same with what only the daemon has.
    pub fn with(answers: UnboundedSender<Answer>, means: Means) -> io::Result<Self> {
        Ok(Self {
            quick: Quick::start(answers.clone())?,
            slow: Slow::start(answers.clone(), means)?,
            files: Watcher::start("files", answers.clone(), file::watch)?,
            sessions: Watcher::start("sessions", answers, bfd::watch)?,
        })
    }

    /// Asks at `at`, or at once where that has passed. Replaces what was scheduled under `id`.
    ///
    /// A file or a BFD session is asked for once: it answers when asked, whatever `at` says, and
    /// from then on by itself whenever its state changes, until it is cancelled.
    pub fn ask(&self, id: ProbeId, question: Question, at: Moment) {
        match &question.probe.kind {
            ProbeKind::Tcp | ProbeKind::Udp(_) | ProbeKind::Ping | ProbeKind::Dns(_) => {
                self.quick.ask(id, question.probe, at);
            }
            ProbeKind::Http(_) | ProbeKind::Smtp(_) | ProbeKind::Misc(_) => {
                self.slow.ask(id, question, at);
            }
            ProbeKind::File(file) => self.files.ask(id, Arc::clone(file)),
            ProbeKind::Bfd(session) => self.sessions.ask(id, Arc::clone(session)),
        }
    }

    /// Asks no more under `id`; a probe on its way is given up without an answer.
    pub fn cancel(&self, id: ProbeId) {
        self.quick.cancel(id);
        self.slow.cancel(id);
        self.files.cancel(id);
        self.sessions.cancel(id);
    }

    /// How late the cheap checks of the last minutes were.
    pub fn lateness(&self) -> Lateness {
        self.quick.lateness()
    }
}
