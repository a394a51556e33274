use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;

use super::{account, netns};
use crate::lint::host::{About, Host, Seen, User};

/// This machine, as rules of the linter look at it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here;

/// Where programs are, whatever the environment of who runs the linter says.
const FOLDERS: [&str; 6] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

impl Host for Here {
    fn about(&self, path: &Path) -> Seen<About> {
        seen(fs::metadata(path))
    }

    fn about_itself(&self, path: &Path) -> Seen<About> {
        seen(fs::symlink_metadata(path))
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }

    fn search_path(&self) -> Vec<PathBuf> {
        let own = std::env::var_os("PATH").unwrap_or_default();
        let own = std::env::split_paths(&own).filter(|folder| folder.is_absolute());
        let mut all: Vec<PathBuf> = own.collect();
        all.extend(FOLDERS.map(PathBuf::from));
        all
    }

    fn user(&self, name: &str) -> Seen<User> {
        account::user(name)
    }

    fn group(&self, name: &str) -> Seen<u32> {
        account::group(name)
    }

    fn more_groups(&self, user: &str) -> Option<Vec<u32>> {
        account::more_groups(user)
    }

    fn user_name(&self, number: u32) -> Option<String> {
        account::user_name(number)
    }

    fn group_name(&self, number: u32) -> Option<String> {
        account::group_name(number)
    }

    fn interfaces(&self, namespace: Option<&str>) -> Option<BTreeSet<String>> {
        let Some(namespace) = namespace else {
            return interfaces();
        };
        // A thread that has entered it does not come back.
        thread::scope(|scope| {
            let entered = scope.spawn(|| {
                netns::enter(namespace).ok()?;
                interfaces()
            });
            entered.join().ok().flatten()
        })
    }
}

fn seen(found: io::Result<Metadata>) -> Seen<About> {
    match found {
        Ok(about) => Seen::Here(About {
            owner: about.uid(),
            group: about.gid(),
            mode: about.mode(),
        }),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Seen::Missing,
            _ => Seen::Unknown,
        },
    }
}

/// Interfaces of the calling thread's network namespace: two lines of headings, then one for each.
fn interfaces() -> Option<BTreeSet<String>> {
    let text = fs::read_to_string("/proc/thread-self/net/dev").ok()?;
    let lines = text.lines().skip(2);
    let names = lines.filter_map(|line| Some(line.rsplit_once(':')?.0.trim().to_owned()));
    Some(names.collect())
}
