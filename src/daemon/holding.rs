use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::{error, info, warn};

use crate::sys::state::{Folder, Lock, LockError, Record};

/// What the daemon holds of a namespace in the state directory: the lock, and the record of what is
/// ours. Put back where somebody removed it, and written later where that cannot be done now.
#[derive(Debug)]
pub(super) struct Holding {
    folder: Folder,
    inside: Mutex<Inside>,
}

#[derive(Debug)]
struct Inside {
    lock: Lock,
    /// The newest, whether or not it could be written.
    record: Option<Record>,
    /// The record cannot be written: said.
    unwritten: bool,
    /// The lock cannot be had again: said.
    unlocked: bool,
}

impl Holding {
    pub(super) fn new(folder: Folder, lock: Lock) -> Self {
        Self {
            folder,
            inside: Mutex::new(Inside {
                lock,
                record: None,
                unwritten: false,
                unlocked: false,
            }),
        }
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) fn write(&self, record: &Record) -> io::Result<()> {
        let mut inside = self.inside();
        inside.record = Some(record.clone());
        self.write_down(&mut inside)
    }

    /// Sees to it that all is there still.
    pub(super) fn look(&self) {
        let mut inside = self.inside();
        match inside.lock.renew(&self.folder) {
            Ok(false) => {}
            Ok(true) => {
                let state = self.folder.path().display();
                warn!(%state, "the state directory was removed: made again, with lock and record");
                inside.unlocked = false;
                inside.unwritten |= inside.record.is_some();
            }
            Err(error) => {
                if !std::mem::replace(&mut inside.unlocked, true) {
                    self.say_unlocked(&error);
                }
            }
        }
        if inside.unwritten {
            let _ = self.write_down(&mut inside);
        }
    }

    fn write_down(&self, inside: &mut Inside) -> io::Result<()> {
        let Some(record) = &inside.record else {
            return Ok(());
        };
        let written = self.folder.write(record);
        let before = std::mem::replace(&mut inside.unwritten, written.is_err());
        match &written {
            Ok(()) if before => info!("the record is written down"),
            Err(error) if !before => {
                let state = self.folder.path().display();
                warn!(
                    %error,
                    %state,
                    "the record cannot be written down, which is tried again: after a restart our services count as foreign, unless the file names them"
                );
            }
            _ => {}
        }
        written
    }

    fn say_unlocked(&self, lock_error: &LockError) {
        let state = self.folder.path().display();
        match lock_error {
            LockError::Held { process } => error!(
                %state,
                process,
                "the state directory was removed, and another lvsctl has taken this network namespace (remedy: stop one of them)"
            ),
            LockError::Failed(reason) => warn!(
                %state,
                error = %reason,
                "the state directory was removed and cannot be made again, which is tried again: another lvsctl is not kept away"
            ),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Each of its parts is whole whatever became of who held it.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
