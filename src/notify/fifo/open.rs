use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use rustix::fs::{CWD, FileType, Gid, Mode, OFlags, Stat, Uid, fchown, fstat, mkfifoat};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid};

/// User and group of a FIFO, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub user: u32,
    pub group: u32,
}

/// Anybody may write there.
const PUBLIC: u32 = 0o002;

/// Why a FIFO is not open.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    Absent,
    /// What stands there is left as it is.
    NoFifo,
    /// A symbolic link in a folder that anybody may write to.
    PublicLink(PathBuf),
    /// Made by this user in a folder that anybody may write to.
    Strangers(u32),
    Failed(Errno),
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("nobody has made it yet"),
            Self::NoFifo => {
                f.write_str("it is no FIFO, and is left as it is (remedy: another path)")
            }
            Self::PublicLink(link) => write!(
                f,
                "{} is a symbolic link in a folder that anybody may write to (remedy: a path without it)",
                link.display()
            ),
            Self::Strangers(user) => write!(
                f,
                "user {user} made it, in a folder that anybody may write to (remedy: a folder of root's)"
            ),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl From<Errno> for Unopened {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT => Self::Absent,
            other => Self::Failed(other),
        }
    }
}

/// Opens a FIFO for writing, so that neither this nor a write ever waits: being a reader too, we
/// need no other, and what is written stays in the pipe until there is one.
///
/// Nothing but a FIFO is opened: opening a device may do things.
///
/// Source: fifo(7), `O_PATH` in open(2).
pub(super) fn open(path: &Path, owner: Owner) -> Result<OwnedFd, Unopened> {
    if let Some(link) = public_link(path) {
        return Err(Unopened::PublicLink(link));
    }
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let place = rustix::fs::open(path, flags, Mode::empty())?;
    let about = fstat(&place)?;
    if FileType::from_raw_mode(about.st_mode) != FileType::Fifo {
        return Err(Unopened::NoFifo);
    }
    if !is_trusted(about.st_uid) && about.st_uid != owner.user && is_public(folder(path)) {
        return Err(Unopened::Strangers(about.st_uid));
    }
    // The very one that was looked at, whatever has its name by now.
    let same = format!("/proc/self/fd/{}", place.as_raw_fd());
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(same, flags, Mode::empty())?)
}

/// Makes one where nothing stands, for its owner alone: whoever else could read it would take lines
/// away. What keepalived makes is the same under its usual umask.
pub(super) fn make(path: &Path, owner: Owner) -> Result<OwnedFd, Unopened> {
    mkfifoat(CWD, path, Mode::from_raw_mode(0o600))?;
    let fifo = open(path, owner)?;
    let differs = |theirs: u32, ours: u32| theirs != ours;
    let user = differs(owner.user, geteuid().as_raw()).then(|| Uid::from_raw(owner.user));
    let group = differs(owner.group, getegid().as_raw()).then(|| Gid::from_raw(owner.group));
    if let Err(error) = fchown(&fifo, user, group) {
        let path = path.display();
        tracing::warn!(%path, %error, user = owner.user, group = owner.group, "the FIFO stays ours: it cannot be given away");
    }
    Ok(fifo)
}

/// Whether the path still leads to this file.
pub(super) fn is_named(path: &Path, about: &Stat) -> bool {
    let named = fs::symlink_metadata(path);
    named.is_ok_and(|named| (named.dev(), named.ino()) == (about.st_dev, about.st_ino))
}

fn is_trusted(user: u32) -> bool {
    user == 0 || user == geteuid().as_raw()
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("/"),
    }
}

fn is_public(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|about| about.mode() & PUBLIC != 0)
}

/// A folder on the way that is somebody else's link, where anybody could have put it.
fn public_link(path: &Path) -> Option<PathBuf> {
    let on_the_way = path.ancestors().skip(1);
    let mut links = on_the_way.filter(|place| {
        let about = fs::symlink_metadata(place);
        about.is_ok_and(|about| about.is_symlink() && !is_trusted(about.uid()))
    });
    let link = links.find(|place| is_public(folder(place)))?;
    Some(link.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    const NOBODY: u32 = 65_534;
    const OURS: Owner = Owner { user: 0, group: 0 };

    fn public_folder(name: &str) -> PathBuf {
        let name = format!("lvsctl-fifo-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o1777)).unwrap();
        folder
    }

    #[test]
    fn a_strangers_fifo_in_a_public_folder_is_refused() {
        if !geteuid().is_root() {
            return;
        }
        let folder = public_folder("strangers");
        let path = folder.join("fifo");
        mkfifoat(CWD, &path, Mode::from_raw_mode(0o644)).unwrap();
        assert!(open(&path, OURS).is_ok());
        chown(&path, Some(NOBODY), None).unwrap();
        assert_eq!(open(&path, OURS).unwrap_err(), Unopened::Strangers(NOBODY));
        let theirs = Owner {
            user: NOBODY,
            group: 0,
        };
        assert!(open(&path, theirs).is_ok());
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(open(&path, OURS).is_ok());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn no_link_of_a_public_folder_is_followed() {
        if !geteuid().is_root() {
            return;
        }
        let folder = public_folder("link");
        fs::create_dir(folder.join("real")).unwrap();
        let (link, path) = (folder.join("link"), folder.join("link/fifo"));
        symlink("real", &link).unwrap();
        assert!(make(&path, OURS).is_ok());
        assert!(open(&path, OURS).is_ok());
        std::os::unix::fs::lchown(&link, Some(NOBODY), None).unwrap();
        assert_eq!(open(&path, OURS).unwrap_err(), Unopened::PublicLink(link));
        // The last name is no link at all, whoever made it.
        symlink("real/fifo", folder.join("to-fifo")).unwrap();
        assert_eq!(
            open(&folder.join("to-fifo"), OURS).unwrap_err(),
            Unopened::NoFifo
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
