use std::path::{Path, PathBuf};

use super::{About, Host, User};

/// What stands between a program and its user, whom people know as `name`. Without a user, what
/// stands between it and everybody.
pub fn obstacle(
    host: &dyn Host,
    path: &Path,
    about: About,
    user: Option<User>,
    name: &str,
) -> Option<String> {
    let shown = path.display();
    if about.is_folder() {
        return Some(format!("{shown} is a folder"));
    }
    let mode = |mode: u32| format!("mode {:04o}", mode & 0o7777);
    if about.mode & 0o111 == 0 {
        return Some(format!("nobody may execute {shown}, {}", mode(about.mode)));
    }
    let user = user?;
    let real = host.real(path)?;
    let mut above = folders(&real).into_iter();
    let closed = |folder: &Path| {
        let about = host.about(folder).here()?;
        (!about.lets(user)).then(|| (folder.display().to_string(), about.mode))
    };
    if let Some((folder, of)) = above.find_map(closed) {
        return Some(format!("user {name} may not enter {folder}, {}", mode(of)));
    }
    (!about.lets(user))
        .then(|| format!("user {name} may not execute {shown}, {}", mode(about.mode)))
}

/// The first part of the way to a program that somebody who is not root can change; `None` too
/// where that would make nobody root.
pub fn changeable(
    host: &dyn Host,
    path: &Path,
    about: About,
    user: User,
) -> Option<(PathBuf, About)> {
    if user.user != 0 && user.group != 0 && !about.becomes_root() {
        return None;
    }
    // The name that is called, and the file that a link leads to.
    let ways = [called(host, path)?, host.real(path)?];
    let changeable = |part: &Path| {
        let about = host.about_itself(part).here()?;
        about.others_change().then(|| (part.to_owned(), about))
    };
    ways.iter().find_map(|way| {
        let mut parts = folders(way).into_iter().chain([way.as_path()]);
        parts.find_map(changeable)
    })
}

/// A program under its own name, with no link among the folders above it.
pub fn called(host: &dyn Host, path: &Path) -> Option<PathBuf> {
    Some(host.real(path.parent()?)?.join(path.file_name()?))
}

/// The folders above a path, the outermost first.
fn folders(path: &Path) -> Vec<&Path> {
    let mut all: Vec<&Path> = path.ancestors().skip(1).collect();
    all.reverse();
    all
}
