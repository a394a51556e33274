mod inbox;

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(super) use inbox::Inbox;
use tokio::sync::mpsc::UnboundedSender;

use super::prober::Answer;
use crate::health::{ProbeId, Verdict};
use crate::sys::clock;

/// A thread that watches things of one kind: each is answered for when it is asked, and from then
/// on whenever its state changes, until it is cancelled. Dropping it ends the thread.
#[derive(Debug)]
pub(super) struct Watcher<T> {
    inbox: Arc<Inbox<Command<T>>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
pub(super) enum Command<T> {
    Ask(ProbeId, Arc<T>),
    Cancel(ProbeId),
    Stop,
}

impl<T: Send + Sync + 'static> Watcher<T> {
    /// Starts the thread in the caller's network namespace; `work` ends when told to stop.
    pub(super) fn start(
        name: &str,
        answers: UnboundedSender<Answer>,
        work: fn(&Inbox<Command<T>>, UnboundedSender<Answer>),
    ) -> io::Result<Self> {
        let inbox = Inbox::new()?;
        let of_thread = Arc::clone(&inbox);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&of_thread, answers))?;
        Ok(Self {
            inbox,
            thread: Some(thread),
        })
    }

    pub(super) fn ask(&self, id: ProbeId, about: Arc<T>) {
        self.inbox.post(Command::Ask(id, about));
    }

    pub(super) fn cancel(&self, id: ProbeId) {
        self.inbox.post(Command::Cancel(id));
    }
}

impl<T> Drop for Watcher<T> {
    fn drop(&mut self) {
        self.inbox.post(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Sends what is known now. Nobody waited for it, so that it cannot be late.
pub(super) fn tell(answers: &UnboundedSender<Answer>, id: ProbeId, verdict: Verdict) {
    let now = clock::now();
    // Nobody listens any more only while the daemon ends.
    let _ = answers.send(Answer {
        id,
        verdict,
        started: now,
        finished: now,
        late: Duration::ZERO,
    });
}
