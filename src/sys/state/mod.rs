//! What is remembered of one network namespace: who works on it, what is ours in it, and how its
//! real servers were.

mod file;
mod health;
mod lock;
mod record;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Gid, Uid, chownat};
use serde::Deserialize;

use super::netns;
pub use lock::{Lock, LockError};
pub use record::Record;

/// The folder of one network namespace under the state directory.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// `net-INODE` of the calling thread's namespace, and `-INSTANCE` behind it if there is one.
    /// It need not be there: then there is no record and no lock.
    pub fn find(state_dir: &Path, instance: Option<&str>) -> io::Result<Self> {
        let inode = netns::identity()?;
        let name = match instance {
            Some(instance) => format!("net-{inode}-{}", instance.replace('/', "_")),
            None => format!("net-{inode}"),
        };
        Ok(Self(state_dir.join(name)))
    }

    /// The same, made if it is not there.
    pub fn open(state_dir: &Path, instance: Option<&str>) -> io::Result<Self> {
        let folder = Self::find(state_dir, instance)?;
        folder.make()?;
        Ok(folder)
    }

    /// Gives it, and what an earlier run left in it, to whoever is going to write there. Files are
    /// given by their own name alone: what a link leads to stays whose it is.
    pub fn give_to(&self, user: u32, group: u32) -> io::Result<()> {
        let (user, group) = (Some(Uid::from_raw(user)), Some(Gid::from_raw(group)));
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_file() && about.nlink() == 1 {
                chownat(CWD, entry.path(), user, group, AtFlags::SYMLINK_NOFOLLOW)?;
            }
        }
        Ok(chownat(
            CWD,
            &self.0,
            user,
            group,
            AtFlags::SYMLINK_NOFOLLOW,
        )?)
    }

    fn make(&self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(&self.0)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file of an earlier run, read by `parse`. `None` where there is none; where it cannot be
    /// used, the reason as a sentence.
    fn load<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        let path = self.0.join(name);
        let shown = path.display();
        let text = match file::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot read {shown}: {error}")),
        };
        let parsed = head(&text).and_then(|()| parse(&text));
        let unusable = |reason| format!("{shown} is not used: {reason}");
        parsed.map(Some).map_err(unusable)
    }

    /// Replaces a file; a reader sees the old one or the new one. The folder is made again where
    /// somebody has removed it.
    fn replace(&self, name: &str, write: &file::Write<'_>) -> io::Result<()> {
        let path = self.0.join(name);
        match file::replace(&path, write) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make()?;
                file::replace(&path, write)
            }
            replaced => replaced,
        }
    }
}

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// Whether a file is of this boot and of a version that is understood.
fn head(text: &str) -> Result<(), String> {
    /// The part that every version has.
    #[derive(Deserialize)]
    struct Head {
        version: u32,
        boot: String,
    }
    let head: Head = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if head.version != VERSION {
        return Err(format!(
            "it is of version {}, newer than this lvsctl",
            head.version
        ));
    }
    let boot = netns::boot_id().map_err(|error| error.to_string())?;
    if head.boot != boot {
        return Err("it is from an earlier boot".to_owned());
    }
    Ok(())
}
