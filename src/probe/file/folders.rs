use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use tracing::warn;

use super::as_path;
use crate::model::text::Text;

/// A file that is replaced, deleted or created shows in its folder alone. `MODIFY` is not among
/// them: between truncating and writing a file holds nothing.
const SIGNS: WatchFlags = WatchFlags::CLOSE_WRITE
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);

/// The folders of the files that are watched, by inotify(7).
#[derive(Debug, Default)]
pub(super) struct Folders {
    /// Made when the first file is followed, and again with the next where it could not be.
    inotify: Option<OwnedFd>,
    /// By the kernel's number of the folder.
    names: BTreeMap<i32, BTreeSet<Name>>,
}

/// A name in a folder, and the path as written that leads to it.
type Name = (OsString, Text);

impl Folders {
    /// Tells of changes to this file: in the folder of its path, and where that is a link, in the
    /// folder the link leads to.
    pub(super) fn follow(&mut self, path: &Text) {
        if self.inotify.is_none() {
            match inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK) {
                Ok(inotify) => self.inotify = Some(inotify),
                Err(error) => warn!(%error, "no inotify: track files are read every ten seconds"),
            }
        }
        let Some(inotify) = &self.inotify else { return };
        let mut names: BTreeMap<i32, BTreeSet<Name>> = BTreeMap::new();
        let written = as_path(path);
        let target = std::fs::canonicalize(written).ok();
        for place in [Some(written), target.as_deref()].into_iter().flatten() {
            let Some(name) = place.file_name() else {
                continue;
            };
            let folder = match place.parent() {
                Some(folder) if folder != Path::new("") => folder,
                _ => Path::new("."),
            };
            // A folder that is not there, or not to be read, is looked at again with the file.
            if let Ok(number) = inotify::add_watch(inotify, folder, SIGNS) {
                let of_folder = names.entry(number).or_default();
                of_folder.insert((name.to_owned(), path.clone()));
            }
        }
        for (number, names) in &names {
            let of_folder = self.names.entry(*number).or_default();
            of_folder.extend(names.iter().cloned());
        }
        self.keep(path, &names);
    }

    pub(super) fn forget(&mut self, path: &Text) {
        self.keep(path, &BTreeMap::new());
    }

    /// Leaves of a path only `wanted`, and looks no longer at folders without any.
    fn keep(&mut self, path: &Text, wanted: &BTreeMap<i32, BTreeSet<Name>>) {
        let inotify = self.inotify.as_ref();
        self.names.retain(|number, names| {
            let wanted = wanted.get(number);
            names
                .retain(|name| name.1 != *path || wanted.is_some_and(|names| names.contains(name)));
            if let Some(inotify) = inotify.filter(|_| names.is_empty()) {
                // It fails only where the kernel gave up the folder first.
                let _ = inotify::remove_watch(inotify, *number);
            }
            !names.is_empty()
        });
    }

    /// Readable when there are changes.
    pub(super) fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.inotify.as_ref().map(AsFd::as_fd)
    }

    /// The paths of the files that may hold something else now.
    pub(super) fn changed(&self) -> BTreeSet<Text> {
        let mut changed = BTreeSet::new();
        let Some(inotify) = &self.inotify else {
            return changed;
        };
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(inotify, &mut buffer);
        while let Ok(event) = reader.next() {
            let overflow = event.events().contains(ReadFlags::QUEUE_OVERFLOW);
            let name = event
                .file_name()
                .map(|name| OsStr::from_bytes(name.to_bytes()));
            for (number, names) in &self.names {
                if *number != event.wd() && !overflow {
                    continue;
                }
                // Without a name it is about the folder itself.
                let meant = names
                    .iter()
                    .filter(|(of_file, _)| name.is_none_or(|name| name == of_file));
                changed.extend(meant.map(|(_, path)| path.clone()));
            }
        }
        changed
    }
}
