use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::{info, warn};

use super::mailbox::Mailbox;
use crate::health::Memory;
use crate::sys::state::Folder;

/// Nothing is written down for so long while nothing changes.
const IDLE: Duration = Duration::from_hours(1);

/// Writes down what is known of the real servers, on a thread of its own: a slow disk delays
/// nothing. Dropping it writes the last word.
#[derive(Debug)]
pub(super) struct Store {
    mailbox: Arc<Mailbox<Letter>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Letter {
    memory: Option<Memory>,
    ends: bool,
}

impl Store {
    pub(super) fn start(folder: Folder) -> io::Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let inside = Arc::clone(&mailbox);
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || work(&folder, &inside))?;
        Ok(Self {
            mailbox,
            thread: Some(thread),
        })
    }

    pub(super) fn keep(&self, memory: Memory) {
        self.post(Some(memory), false);
    }

    fn post(&self, memory: Option<Memory>, ends: bool) {
        self.mailbox
            .post(Letter { memory, ends }, |older, newer| Letter {
                memory: newer.memory.or(older.memory),
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

fn work(folder: &Folder, mailbox: &Mailbox<Letter>) {
    let mut trouble = false;
    loop {
        let Some(letter) = mailbox.wait(IDLE) else {
            continue;
        };
        if let Some(memory) = letter.memory {
            let kept = folder.remember(&memory);
            match kept {
                Ok(()) if trouble => info!("verdicts are written down again"),
                Err(ref error) if !trouble => {
                    let state = folder.path().display();
                    warn!(%error, %state, "verdicts cannot be written down: after a restart they are known from the kernel alone");
                }
                _ => {}
            }
            trouble = kept.is_err();
        }
        if letter.ends {
            return;
        }
    }
}
