use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::{FlockOperation, flock};

use super::Folder;

/// Held until dropped, or until the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock was not given.
#[derive(Debug)]
pub enum LockError {
    /// Another process works on the namespace; its number where it could be read.
    Held {
        process: Option<u32>,
    },
    Failed(io::Error),
}

impl Folder {
    /// Takes the namespace for this process.
    pub fn lock(&self) -> Result<Lock, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            .open(self.0.join("lock"))
            .map_err(LockError::Failed)?;
        match flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let process = holder(&mut file);
                return Err(LockError::Held { process });
            }
            Err(errno) => return Err(LockError::Failed(errno.into())),
        }
        let written = file
            .set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(LockError::Failed)?;
        Ok(Lock { _file: file })
    }

    /// Who holds the lock; `None` where nobody does. Takes and changes nothing.
    pub fn held_by(&self) -> Option<Option<u32>> {
        let mut file = File::open(self.0.join("lock")).ok()?;
        match flock(file.as_fd(), FlockOperation::NonBlockingLockShared) {
            Err(rustix::io::Errno::WOULDBLOCK) => Some(holder(&mut file)),
            _ => None,
        }
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_lock_is_given_once_and_names_its_holder() {
        let dir = std::env::temp_dir().join(format!("lvsctl-lock-{}", std::process::id()));
        let folder = Folder::open(&dir, Some("a/b")).unwrap();
        assert_eq!(folder.held_by(), None);
        let lock = folder.lock().unwrap();
        let us = Some(std::process::id());
        assert!(matches!(folder.lock(), Err(LockError::Held { process }) if process == us));
        assert_eq!(folder.held_by(), Some(us));
        drop(lock);
        assert_eq!(folder.held_by(), None);
        folder.lock().unwrap();
        fs::remove_dir_all(dir).unwrap();
    }
}
