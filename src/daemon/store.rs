use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::{info, warn};

use super::holding::Holding;
use super::mailbox::Mailbox;
use crate::health::Snapshot;

/// How often it is looked whether the state directory is as we left it, and what could not be
/// written down is tried again.
const LOOK: Duration = Duration::from_secs(10);

/// Writes down what is known of the real servers, and looks after the state directory, on a thread
/// of its own: a slow disk delays nothing. Dropping it writes the last word.
#[derive(Debug)]
pub(super) struct Store {
    mailbox: Arc<Mailbox<Letter>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Letter {
    snapshot: Option<Snapshot>,
    ends: bool,
}

impl Store {
    pub(super) fn start(holding: Arc<Holding>) -> io::Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let inside = Arc::clone(&mailbox);
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || work(&holding, &inside))?;
        Ok(Self {
            mailbox,
            thread: Some(thread),
        })
    }

    pub(super) fn keep(&self, snapshot: Snapshot) {
        self.post(Some(snapshot), false);
    }

    fn post(&self, snapshot: Option<Snapshot>, ends: bool) {
        self.mailbox
            .post(Letter { snapshot, ends }, |older, newer| Letter {
                snapshot: newer.snapshot.or(older.snapshot),
                ends: older.ends || newer.ends,
            });
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.post(None, true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(holding: &Holding, mailbox: &Mailbox<Letter>) {
    // What could not be written down.
    let mut unwritten: Option<Snapshot> = None;
    loop {
        let letter = mailbox.wait(LOOK);
        let ends = letter.as_ref().is_some_and(|letter| letter.ends);
        let newer = if let Some(letter) = letter {
            letter.snapshot
        } else {
            holding.look();
            None
        };
        let trouble = unwritten.is_some();
        if let Some(snapshot) = newer.or(unwritten.take()) {
            match holding.folder().remember(&snapshot) {
                Ok(()) if trouble => info!("verdicts are written down again"),
                Ok(()) => {}
                Err(error) => {
                    if !trouble {
                        let state = holding.folder().path().display();
                        warn!(%error, %state, "verdicts cannot be written down, which is tried again: after a restart they are known from the kernel alone");
                    }
                    unwritten = Some(snapshot);
                }
            }
        }
        if ends {
            return;
        }
    }
}
