use std::future::pending;
use std::time::Duration;

use rustix::process::{Pid, Rlimit, Signal, kill_process_group};
use tokio::process::Child;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::message::{Outcome, Report, ScriptId};
use super::said::Said;
use super::{Runnable, child};

/// From SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// As long as it can take to end a script that can be ended.
pub(super) const LAST: Duration = Duration::from_secs(3);

/// One script from start to end. Ends it without a word where `stop` is dropped.
pub(super) async fn run(
    id: ScriptId,
    script: Runnable,
    limit: Option<Duration>,
    descriptors: Rlimit,
    stop: oneshot::Receiver<()>,
    reports: mpsc::UnboundedSender<Report>,
) {
    let report = |outcome, said| {
        // Nobody listens any more only while the process ends.
        let _ = reports.send(Report::Ended { id, outcome, said });
    };
    let started = Said::pipe().and_then(|(said, pipe)| {
        let child = child::spawn(&script, pipe, descriptors)?;
        Ok((said, child))
    });
    match started {
        Err(error) => report(Outcome::unstarted(&error), Vec::new()),
        Ok((mut said, mut child)) => {
            let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
            let outcome = tokio::select! {
                outcome = outcome(&mut child, limit) => Some(outcome),
                never = said.listen() => match never {},
                _ = stop => None,
            };
            if let Some(outcome) = outcome {
                report(outcome, said.kept());
            }
            if matches!(outcome, None | Some(Outcome::TooLong)) {
                tokio::select! {
                    () = end(&mut child, group) => {}
                    never = said.listen() => match never {},
                }
            }
            // What the script left behind may write on.
            tokio::spawn(async move { said.hear_out().await });
        }
    }
    let _ = reports.send(Report::Gone(id));
}

async fn outcome(child: &mut Child, limit: Option<Duration>) -> Outcome {
    let over = async {
        match limit {
            Some(limit) => sleep(limit).await,
            None => pending().await,
        }
    };
    tokio::select! {
        // An end in the last moment counts.
        biased;
        status = child.wait() => match status {
            Ok(status) => Outcome::of(status),
            Err(error) => Outcome::unstarted(&error),
        },
        () = over => Outcome::TooLong,
    }
}

/// Ends a script and everything it has started that is still in its group.
async fn end(child: &mut Child, group: Option<Pid>) {
    signal(group, Signal::TERM);
    // What does not end by itself is killed, and so is what the script leaves behind.
    let _ = timeout(GRACE, child.wait()).await;
    signal(group, Signal::KILL);
    let _ = child.wait().await;
}

fn signal(group: Option<Pid>, signal: Signal) {
    // A group that is no more has what is wanted of it.
    let _ = group.map(|group| kill_process_group(group, signal));
}
