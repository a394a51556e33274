//! Checks that take a conversation, a script or a watch: a task each, on one thread of their own.

mod misc;

use std::collections::BTreeMap;
use std::io;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, LocalSet, spawn_local};

use super::prober::Answer;
use crate::health::{ProbeId, Question, Verdict};
use crate::model::check::ProbeKind;
use crate::model::moment::Moment;
use crate::sys::clock;
use crate::sys::scripts::Scripts;

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
    pub(super) fn start(answers: UnboundedSender<Answer>, scripts: Scripts) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (commands, inbox) = unbounded_channel();
        let thread = thread::Builder::new()
            .name("checks".to_owned())
            .spawn(move || LocalSet::new().block_on(&runtime, work(inbox, answers, scripts)))?;
        Ok(Self {
            commands: Some(commands),
            thread: Some(thread),
        })
    }

    pub(super) fn ask(&self, id: ProbeId, question: Question, at: Moment) {
        self.post(Command::Ask(id, question, at));
    }

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

async fn work(
    mut inbox: UnboundedReceiver<Command>,
    answers: UnboundedSender<Answer>,
    scripts: Scripts,
) {
    let mut tasks: BTreeMap<ProbeId, AbortHandle> = BTreeMap::new();
    while let Some(command) = inbox.recv().await {
        let (Command::Ask(id, ..) | Command::Cancel(id)) = &command;
        if let Some(task) = tasks.remove(id) {
            task.abort();
        }
        if let Command::Ask(id, question, at) = command {
            let task = spawn_local(ask(id, question, at, answers.clone(), scripts.clone()));
            tasks.insert(id, task.abort_handle());
        }
    }
}

async fn ask(
    id: ProbeId,
    question: Question,
    at: Moment,
    answers: UnboundedSender<Answer>,
    scripts: Scripts,
) {
    tokio::time::sleep(at.since(clock::now())).await;
    let began = clock::now();
    let (verdict, waited) = match &question.probe.kind {
        ProbeKind::Misc(misc) => misc::ask(&scripts, misc, question.probe.timeout).await,
        _ => (verdict(&question).await, Duration::ZERO),
    };
    let started = began + waited;
    // Nobody listens any more only while the daemon ends.
    let _ = answers.send(Answer {
        id,
        verdict,
        started,
        finished: clock::now(),
        late: started.since(at),
    });
}

#[expect(clippy::unused_async, reason = "each kind waits in its own way")]
async fn verdict(question: &Question) -> Verdict {
    match question.probe.kind {
        // A daemon refuses such a file, so that nobody should ever ask for it.
        ProbeKind::Http(_) | ProbeKind::Smtp(_) | ProbeKind::File(_) | ProbeKind::Bfd(_) => {
            Verdict::Unasked(format!("{} is not implemented", question.probe))
        }
        ProbeKind::Tcp
        | ProbeKind::Udp(_)
        | ProbeKind::Ping
        | ProbeKind::Dns(_)
        | ProbeKind::Misc(_) => Verdict::Unasked("asked elsewhere".to_owned()),
    }
}
