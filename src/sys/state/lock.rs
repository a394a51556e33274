use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use rustix::fs::{FlockOperation, flock};

use super::Folder;

/// Held until dropped, or until the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes it again where its file is no longer under its name; true where that was so. While it
    /// cannot be had, the old one is held on to.
    pub fn renew(&mut self, folder: &Folder) -> Result<bool, LockError> {
        let named = fs::metadata(folder.0.join("lock"));
        let ours = self.file.metadata().map_err(LockError::Failed)?;
        let identity = |about: &Metadata| (about.dev(), about.ino());
        if named.is_ok_and(|named| identity(&named) == identity(&ours)) {
            return Ok(false);
        }
        folder.make().map_err(LockError::Failed)?;
        *self = folder.lock()?;
        Ok(true)
    }
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
    /// Takes the namespace for this process. Where nothing can be written the file of an earlier
    /// run serves: flock(2) only wants it open.
    pub fn lock(&self) -> Result<Lock, LockError> {
        let path = self.0.join("lock");
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            .open(&path);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => File::open(&path).map_err(|_| LockError::Failed(error))?,
        };
        match flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let process = holder(&mut file);
                return Err(LockError::Held { process });
            }
            Err(errno) => return Err(LockError::Failed(errno.into())),
        }
        // The number is for people, and a full disk takes none.
        let _ = file
            .set_len(0)
            .and_then(|()| file.write_all(format!("{}\n", std::process::id()).as_bytes()));
        Ok(Lock { file })
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
        let mut lock = folder.lock().unwrap();
        assert!(!lock.renew(&folder).unwrap());
        fs::remove_dir_all(&dir).unwrap();
        assert!(lock.renew(&folder).unwrap(), "it was removed");
        assert_eq!(folder.held_by(), Some(us));
        fs::remove_dir_all(&dir).unwrap();
        let other = Folder::open(&dir, Some("a/b")).unwrap();
        let _other = other.lock().unwrap();
        assert!(matches!(lock.renew(&folder), Err(LockError::Held { .. })));
        fs::remove_dir_all(dir).unwrap();
    }
}
