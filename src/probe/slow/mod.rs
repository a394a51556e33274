//! Checks that take a conversation or a script: a task each, on one thread of their own.
//!
//! ```text
//! ask, cancel ──▶ commands ──▶ a task per probe: sleeps ──▶ permit ──▶ conversation ──▶ answer
//! ```
//!
//! A task shares nothing that it changes, so it may be dropped wherever it waits.

mod connect;
mod excerpt;
mod fault;
mod http;
mod limit;
mod misc;
mod search;
mod smtp;
mod tls;

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet, LocalSet};

use super::prober::Answer;
use super::room::Room;
use crate::health::{ProbeId, Question, Verdict};
use crate::model::check::ProbeKind;
use crate::model::moment::Moment;
use crate::sys::clock;
use crate::sys::limits;
use crate::sys::scripts::Scripts;
use search::Search;
use tls::Client;
pub use tls::Trust;

/// For so long a conversation tries to begin while this process can open nothing.
const CROWDED: Duration = Duration::from_secs(5);
/// From one such try to the next.
const AGAIN: Duration = Duration::from_millis(100);

/// What checks need that cannot be had from the network.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// Who runs scripts.
    pub scripts: Scripts,
    /// Whose certificates `SSL_GET` accepts.
    pub trust: Trust,
}

/// The thread of the tasks. Dropping it ends the thread and every task.
#[derive(Debug)]
pub(super) struct Slow {
    commands: Option<UnboundedSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Command {
    Ask(ProbeId, Question, Moment),
    Cancel(ProbeId),
}

impl Slow {
    pub(super) fn start(answers: UnboundedSender<Answer>, means: Means) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let client = Client::new(means.trust)?;
        let room = Room::of(limits::descriptors());
        let (commands, inbox) = unbounded_channel();
        let thread = thread::Builder::new()
            .name("checks".to_owned())
            .spawn(move || {
                let asking = Asking {
                    answers,
                    permits: Semaphore::new(room.conversations),
                    client,
                    scripts: means.scripts,
                    search: Search::new(),
                };
                LocalSet::new().block_on(&runtime, work(inbox, Rc::new(asking)));
                // A search may go on for long, and nobody wants to know any more.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            commands: Some(commands),
            thread: Some(thread),
        })
    }

    /// Asks at `at`, or at once where that has passed. Replaces what was asked under `id`.
    pub(super) fn ask(&self, id: ProbeId, question: Question, at: Moment) {
        self.post(Command::Ask(id, question, at));
    }

    /// Asks no more under `id`; a probe on its way is given up without an answer.
    pub(super) fn cancel(&self, id: ProbeId) {
        self.post(Command::Cancel(id));
    }

    fn post(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // The thread ends only after this sender.
            let _ = commands.send(command);
        }
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn work(mut inbox: UnboundedReceiver<Command>, asking: Rc<Asking>) {
    let mut tasks = Tasks::default();
    loop {
        tokio::select! {
            command = inbox.recv() => match command {
                None => return,
                Some(Command::Cancel(id)) => tasks.abort(id),
                Some(Command::Ask(id, question, at)) => {
                    let asking = Rc::clone(&asking);
                    tasks.start(id, async move { asking.ask(id, question, at).await });
                }
            },
            Some(ended) = tasks.running.join_next_with_id() => tasks.forget(&ended),
        }
    }
}

/// Who is being asked; nobody twice at one time, and nobody any more once the answer is there.
#[derive(Debug, Default)]
struct Tasks {
    running: JoinSet<ProbeId>,
    by_probe: BTreeMap<ProbeId, AbortHandle>,
}

impl Tasks {
    fn start(&mut self, id: ProbeId, task: impl Future<Output = ()> + 'static) {
        self.abort(id);
        let task = self.running.spawn_local(async move {
            task.await;
            id
        });
        self.by_probe.insert(id, task);
    }

    fn abort(&mut self, id: ProbeId) {
        if let Some(task) = self.by_probe.remove(&id) {
            task.abort();
        }
    }

    fn forget(&mut self, ended: &Result<(Id, ProbeId), JoinError>) {
        // One that was aborted has gone from the map, where a newer one may have its place.
        if let Ok((task, id)) = ended
            && self
                .by_probe
                .get(id)
                .is_some_and(|newest| newest.id() == *task)
        {
            self.by_probe.remove(id);
        }
    }
}

/// What the tasks have in common.
struct Asking {
    answers: UnboundedSender<Answer>,
    permits: Semaphore,
    client: Client,
    search: Search,
    scripts: Scripts,
}

impl Asking {
    async fn ask(&self, id: ProbeId, question: Question, at: Moment) {
        tokio::time::sleep(at.since(clock::now())).await;
        let permit = if converses(&question.probe.kind) {
            // Nobody ever closes it.
            self.permits.acquire().await.ok()
        } else {
            None
        };
        let mut began = clock::now();
        let crowded = began + CROWDED;
        // Of its own on the heap, so that those who sleep are small.
        let (verdict, waited) = loop {
            let asked = Box::pin(self.verdict(&question)).await;
            let unasked = permit.is_some() && matches!(asked.0, Verdict::Unasked(_));
            if !unasked || clock::now() >= crowded || !limits::is_exhausted() {
                break asked;
            }
            tokio::time::sleep(AGAIN).await;
            began = clock::now();
        };
        let started = began + waited;
        drop(permit);
        // Nobody listens any more only while the daemon ends.
        let _ = self.answers.send(Answer {
            id,
            verdict,
            started,
            finished: clock::now(),
            late: started.since(at),
        });
    }

    /// What was found, and how long it had to wait for its turn.
    async fn verdict(&self, Question { probe, page }: &Question) -> (Verdict, Duration) {
        let asked = match &probe.kind {
            ProbeKind::Http(http) => {
                http::ask(probe, http, *page, &self.client, &self.search).await
            }
            ProbeKind::Smtp(smtp) => smtp::ask(probe, smtp).await,
            ProbeKind::Misc(misc) => return misc::ask(&self.scripts, misc, probe.timeout).await,
            ProbeKind::File(_)
            | ProbeKind::Bfd(_)
            | ProbeKind::Tcp
            | ProbeKind::Udp(_)
            | ProbeKind::Ping
            | ProbeKind::Dns(_) => Err(Verdict::Unasked("asked elsewhere".to_owned())),
        };
        (asked.err().unwrap_or(Verdict::Passed), Duration::ZERO)
    }
}

/// Whether a check needs a socket; scripts have places of their own.
fn converses(kind: &ProbeKind) -> bool {
    matches!(kind, ProbeKind::Http(_) | ProbeKind::Smtp(_))
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[test]
    fn of_a_task_that_ended_nothing_remains() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        LocalSet::new().block_on(&runtime, async {
            let mut tasks = Tasks::default();
            for id in 0..100 {
                tasks.start(ProbeId(id % 10), pending());
                tasks.start(ProbeId(id % 10), ready(()));
            }
            tasks.start(ProbeId(3), pending());
            tasks.start(ProbeId(4), pending());
            tasks.abort(ProbeId(4));
            while tasks.running.len() > 1 {
                let ended = tasks.running.join_next_with_id().await.unwrap();
                tasks.forget(&ended);
            }
            assert_eq!(tasks.by_probe.keys().collect::<Vec<_>>(), [&ProbeId(3)]);
        });
    }
}
