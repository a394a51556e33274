//! A file's text replaced as a whole: a reader sees the old text or the new one.

use std::ffi::{CStr, CString};
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{fmt, process};

use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
use rustix::io::Errno;

/// Why a file was left as it is.
#[derive(Debug)]
pub enum ReplaceError {
    /// A folder, device, socket or pipe.
    NotRegular,
    /// It has several names, and only one of them would get the new text.
    SeveralNames,
    /// Somebody else changed it after it was read.
    Changed,
    /// Its owner, mode or extended attributes would be lost.
    Unlike(io::Error),
    Failed(io::Error),
}

impl fmt::Display for ReplaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRegular => f.write_str("it is no regular file"),
            Self::SeveralNames => {
                f.write_str("it has several names (hard links), and only one would change")
            }
            Self::Changed => f.write_str("somebody changed it meanwhile"),
            Self::Unlike(error) => {
                write!(f, "its owner, mode and attributes cannot be kept: {error}")
            }
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for ReplaceError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// Gives the regular file `path`, or the one a symbolic link there leads to, the text `new` in
/// place of `old`, which is what it must hold. Mode, owner, group and extended attributes stay.
///
/// The new text is on the disk before it gets the name: rename(2), fsync(2).
pub fn replace(path: &Path, old: &[u8], new: &[u8]) -> Result<(), ReplaceError> {
    let about = fs::metadata(path)?;
    if !about.is_file() {
        return Err(ReplaceError::NotRegular);
    }
    if about.nlink() > 1 {
        return Err(ReplaceError::SeveralNames);
    }
    let target = fs::canonicalize(path)?;
    let mut file = File::open(&target)?;
    let mut text = Vec::with_capacity(old.len());
    file.read_to_end(&mut text)?;
    if text != old {
        return Err(ReplaceError::Changed);
    }
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
        return Err(ReplaceError::NotRegular);
    };
    // An `include` of *.conf does not see a name that begins with a dot.
    let name = format!(".{}.{}.new", name.to_string_lossy(), process::id());
    let mut beside = Beside::create(folder.join(name))?;
    beside.file.write_all(new)?;
    beside
        .be_like(&file, &about)
        .map_err(ReplaceError::Unlike)?;
    beside.file.sync_all()?;
    fs::rename(&beside.path, &target)?;
    beside.named = true;
    // It has the new text by now, and this is only about a power failure in the next seconds.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A file under another name, removed unless it gets the name it is for.
struct Beside {
    path: PathBuf,
    file: File,
    named: bool,
}

impl Beside {
    fn create(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let named = false;
        Ok(Self { path, file, named })
    }

    /// Owner before mode: to change the owner may take bits of the mode away.
    fn be_like(&self, file: &File, about: &Metadata) -> io::Result<()> {
        let ours = self.file.metadata()?;
        let differs = |theirs: u32, ours: u32| (theirs != ours).then_some(theirs);
        let (user, group) = (
            differs(about.uid(), ours.uid()),
            differs(about.gid(), ours.gid()),
        );
        if user.is_some() || group.is_some() {
            std::os::unix::fs::fchown(&self.file, user, group)?;
        }
        attributes(file, &self.file)?;
        let mode = Permissions::from_mode(about.mode() & 0o7777);
        self.file.set_permissions(mode)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.named {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Copies extended attributes, such as access control lists and SELinux labels.
fn attributes(from: &File, to: &File) -> io::Result<()> {
    for name in names(from)? {
        let value = value(from, &name)?;
        if self::value(to, &name).is_ok_and(|same| same == value) {
            continue;
        }
        fsetxattr(to, &*name, &value, XattrFlags::empty())?;
    }
    Ok(())
}

/// Longest value of an attribute, and longest list of names: `XATTR_SIZE_MAX`, `XATTR_LIST_MAX` of
/// `linux/limits.h`.
const MOST: usize = 65_536;

fn names(file: &File) -> io::Result<Vec<CString>> {
    let mut list = vec![0; MOST];
    let length = match flistxattr(file, &mut *list) {
        Ok(length) => length,
        // The file system has no attributes.
        Err(Errno::NOTSUP) => 0,
        Err(error) => return Err(error.into()),
    };
    let names = list[..length].split_inclusive(|byte| *byte == 0);
    let names = names.filter_map(|name| CStr::from_bytes_with_nul(name).ok());
    Ok(names.map(CStr::to_owned).collect())
}

fn value(file: &File, name: &CStr) -> io::Result<Vec<u8>> {
    let mut value = vec![0; MOST];
    let length = fgetxattr(file, name, &mut *value)?;
    value.truncate(length);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A folder of its own for a test, with a file in it.
    fn folder(name: &str) -> (PathBuf, PathBuf) {
        let folder = std::env::temp_dir().join(format!("lvsctl-replace-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("k.conf");
        fs::write(&file, "old\n").unwrap();
        (folder, file)
    }

    fn entries(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn text_is_replaced_and_the_mode_stays() {
        let (folder, file) = folder("mode");
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        replace(&file, b"old\n", b"new\n").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new\n");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o640);
        assert_eq!(entries(&folder), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn attributes_stay() {
        let (folder, file) = folder("attributes");
        let handle = File::open(&file).unwrap();
        let set = fsetxattr(&handle, "user.note", b"kept", XattrFlags::empty());
        if set.is_ok() {
            replace(&file, b"old\n", b"new\n").unwrap();
            let handle = File::open(&file).unwrap();
            assert_eq!(value(&handle, c"user.note").unwrap(), b"kept");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_changes() {
        let (folder, file) = folder("link");
        let link = folder.join("link.conf");
        symlink("k.conf", &link).unwrap();
        replace(&link, b"old\n", b"new\n").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new\n");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_cannot_be_replaced_stays_as_it_is() {
        let (folder, file) = folder("refused");
        let changed = replace(&file, b"other\n", b"new\n");
        assert!(matches!(changed, Err(ReplaceError::Changed)), "{changed:?}");
        let directory = replace(&folder, b"", b"new\n");
        assert!(
            matches!(directory, Err(ReplaceError::NotRegular)),
            "{directory:?}"
        );
        fs::hard_link(&file, folder.join("again.conf")).unwrap();
        let linked = replace(&file, b"old\n", b"new\n");
        assert!(
            matches!(linked, Err(ReplaceError::SeveralNames)),
            "{linked:?}"
        );
        assert_eq!(fs::read(&file).unwrap(), b"old\n");
        assert_eq!(entries(&folder), 2);
        fs::remove_dir_all(folder).unwrap();
    }
}
