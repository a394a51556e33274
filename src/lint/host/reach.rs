use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::needs::{Needs, RunBy, Script};
use super::{About, Host, Seen, User};

const KIND: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
const STICKY: u32 = 0o1000;

/// What becomes of a program when it is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    At(PathBuf, About),
    Missing,
    /// It depends on where keepalived is started, or cannot be seen from here.
    Unknown,
}

/// Looks a program up as keepalived does: in the search path where its name has no slash.
pub fn reach(host: &dyn Host, program: &[u8]) -> Reach {
    let name = Path::new(OsStr::from_bytes(program));
    let places = match () {
        () if name.is_absolute() => vec![name.to_owned()],
        () if program.contains(&b'/') => return Reach::Unknown,
        () => {
            let folders = host.search_path().into_iter();
            folders.map(|folder| folder.join(name)).collect()
        }
    };
    let mut first = Reach::Missing;
    for path in places {
        match host.about(&path) {
            Seen::Here(about) if about.runs() => return Reach::At(path, about),
            Seen::Here(about) if first == Reach::Missing => first = Reach::At(path, about),
            Seen::Unknown if first == Reach::Missing => first = Reach::Unknown,
            Seen::Here(_) | Seen::Unknown | Seen::Missing => {}
        }
    }
    first
}

/// Who runs a script: whoever it says, else `script_user`, else the user `keepalived_script` if
/// there is one, else root. `None` where the host does not know.
pub(super) fn runs(needs: &Needs, host: &dyn Host, script: &Script) -> Option<User> {
    let said = |by: &RunBy| {
        let mut user = host.user(by.user.as_deref()?).here()?;
        if let Some(group) = &by.group {
            user.group = host.group(group).here()?;
        }
        Some(user)
    };
    for by in [&script.by, &needs.script_user] {
        if by.user.is_some() {
            return said(by);
        }
    }
    match host.user("keepalived_script") {
        Seen::Here(user) => Some(user),
        Seen::Missing => Some(User { user: 0, group: 0 }),
        Seen::Unknown => None,
    }
}

impl About {
    pub(super) fn is_folder(self) -> bool {
        self.mode & KIND == FOLDER
    }

    pub fn is_link(self) -> bool {
        self.mode & KIND == LINK
    }

    /// A file that somebody may execute.
    fn runs(self) -> bool {
        self.mode & KIND == REGULAR && self.mode & 0o111 != 0
    }

    /// Its execute bits let a user run it, or enter it; a group is the user's own alone.
    pub(super) fn lets(self, who: User) -> bool {
        let bits = match () {
            () if who.user == 0 => return self.is_folder() || self.mode & 0o111 != 0,
            () if who.user == self.owner => 0o100,
            () if who.group == self.group => 0o010,
            () => 0o001,
        };
        self.mode & bits != 0
    }

    /// It is run as root whoever starts it.
    pub(super) fn becomes_root(self) -> bool {
        let (user, group) = (self.mode & 0o4100 == 0o4100, self.mode & 0o2010 == 0o2010);
        (user && self.owner == 0) || (group && self.group == 0)
    }

    /// Somebody who is not root can change it, or replace what is in it.
    pub(super) fn others_change(self) -> bool {
        let shared = self.mode & KIND == FOLDER && self.mode & STICKY != 0;
        // The mode of a link says nothing.
        let closed = shared || self.is_link();
        let by_group = self.group != 0 && self.mode & 0o020 != 0;
        self.owner != 0 || !closed && (by_group || self.mode & 0o002 != 0)
    }
}
