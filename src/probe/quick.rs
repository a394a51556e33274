//! Checks that a few packets settle, on one thread.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::UnboundedSender;

use super::asking::Asking;
use super::inbox::{Command, Inbox};
use super::lateness::{Account, Lateness};
use super::prober::Answer;
use crate::health::ProbeId;
use crate::model::check::Probe;
use crate::model::moment::Moment;
use crate::sys::clock;

/// The thread that asks. Dropping it ends the thread and every probe on its way.
#[derive(Debug)]
pub(super) struct Quick {
    inbox: Arc<Inbox>,
    lateness: Arc<Mutex<Account>>,
    thread: Option<JoinHandle<()>>,
}

impl Quick {
    pub(super) fn start(answers: UnboundedSender<Answer>) -> io::Result<Self> {
        let inbox = Arc::new(Inbox::new()?);
        let lateness = Arc::new(Mutex::new(Account::new(clock::now())));
        let asking = Asking::new(Arc::clone(&inbox), Arc::clone(&lateness), answers)?;
        let thread = thread::Builder::new()
            .name("prober".to_owned())
            .spawn(move || asking.run())?;
        Ok(Self {
            inbox,
            lateness,
            thread: Some(thread),
        })
    }

    pub(super) fn ask(&self, id: ProbeId, probe: Arc<Probe>, at: Moment) {
        self.inbox.post(Command::Ask(id, probe, at));
    }

    pub(super) fn cancel(&self, id: ProbeId) {
        self.inbox.post(Command::Cancel(id));
    }

    pub(super) fn lateness(&self) -> Lateness {
        let account = self.lateness.lock();
        account
            .unwrap_or_else(PoisonError::into_inner)
            .look(clock::now())
    }
}

impl Drop for Quick {
    fn drop(&mut self) {
        self.inbox.post(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
