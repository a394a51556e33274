use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glob::{MatchOptions, Pattern};

/// The only way the configuration's text comes in.
pub trait Files {
    /// Every byte of a file; `-` is standard input.
    fn read(&self, path: &str) -> Result<Found, ReadError>;

    /// The files that match a pattern of `*`, `?`, `[…]` and `{a,b}`: for each alternative in
    /// braces, in their order, those that match it, sorted.
    fn glob(&self, pattern: &str) -> Vec<Vec<String>>;

    /// The folder that a file is in, in full where that can be told.
    fn folder(&self, path: &str) -> String {
        let folder = Path::new(path).parent();
        folder.map_or(String::new(), |folder| {
            folder.to_string_lossy().into_owned()
        })
    }

    /// What two paths of one file have in common, and paths of two files have not.
    fn identity(&self, path: &str) -> String {
        plain(path)
    }
}

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub bytes: Arc<Vec<u8>>,
    /// Somebody may execute it, which makes it no configuration to keepalived.
    pub executable: bool,
}

/// Largest file that is read. The largest that is known to be in use has 10 MB.
pub const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Why a file could not be read.
#[derive(Clone, Debug)]
pub enum ReadError {
    Missing,
    Directory,
    /// A device, socket or pipe.
    NotRegular,
    TooLarge,
    Failed(Arc<io::Error>),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::Directory => f.write_str("it is a directory"),
            Self::NotRegular => f.write_str("it is no regular file"),
            Self::TooLarge => write!(f, "it is larger than {} MiB", MOST_BYTES / 1024 / 1024),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::IsADirectory => Self::Directory,
            _ => Self::Failed(Arc::new(error)),
        }
    }
}

/// The files of this host.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Found, ReadError> {
        if path == "-" {
            return limited(io::stdin().lock(), 0);
        }
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(ReadError::Directory);
        }
        // A pipe is what a shell's <(…) gives; it is never executable in earnest.
        let executable = about.is_file() && about.permissions().mode() & 0o111 != 0;
        let mut found = limited(file, about.len())?;
        found.executable = executable;
        Ok(found)
    }

    fn glob(&self, pattern: &str) -> Vec<Vec<String>> {
        let matching = |pattern: &String| {
            let Ok(paths) = glob::glob_with(pattern, MATCHING) else {
                return Vec::new();
            };
            let names = paths.flatten();
            names
                .map(|path| path.to_string_lossy().into_owned())
                .collect()
        };
        alternatives(pattern).iter().map(matching).collect()
    }

    fn folder(&self, path: &str) -> String {
        let full = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        let folder = full.parent();
        folder.map_or(String::new(), |folder| {
            folder.to_string_lossy().into_owned()
        })
    }

    fn identity(&self, path: &str) -> String {
        let full = std::fs::canonicalize(path).ok();
        let text = full.and_then(|full| full.into_os_string().into_string().ok());
        text.unwrap_or_else(|| path.to_owned())
    }
}

/// As glob(3) does: no sign but `/` stands for a `/`, and a leading dot must be written.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

fn limited(from: impl Read, expected: u64) -> Result<Found, ReadError> {
    let expected = expected.min(MOST_BYTES) + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ReadError::TooLarge);
    }
    Ok(Found {
        bytes: Arc::new(bytes),
        executable: false,
    })
}

/// Files that exist only here, by path.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Found, ReadError> {
        let bytes = self
            .0
            .get(&plain(path))
            .cloned()
            .ok_or(ReadError::Missing)?;
        Ok(Found {
            bytes: Arc::new(bytes),
            executable: false,
        })
    }

    fn glob(&self, pattern: &str) -> Vec<Vec<String>> {
        let matching = |pattern: &String| {
            let Ok(pattern) = Pattern::new(pattern) else {
                return Vec::new();
            };
            let paths = self.0.keys();
            let paths = paths.filter(|path| pattern.matches_with(path, MATCHING));
            paths.cloned().collect()
        };
        alternatives(pattern).iter().map(matching).collect()
    }
}

/// A path without `.` and `..`, as there are no links here.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// One state of the files: what was read once stays as it was, whatever changes meanwhile.
pub struct Snapshot<'a> {
    of: &'a dyn Files,
    read: RefCell<HashMap<String, Result<Found, ReadError>>>,
    matched: RefCell<HashMap<String, Vec<Vec<String>>>>,
}

impl<'a> Snapshot<'a> {
    pub fn new(of: &'a dyn Files) -> Self {
        Self {
            of,
            read: RefCell::default(),
            matched: RefCell::default(),
        }
    }
}

impl Files for Snapshot<'_> {
    fn read(&self, path: &str) -> Result<Found, ReadError> {
        let mut read = self.read.borrow_mut();
        let found = read.entry(path.to_owned());
        found.or_insert_with(|| self.of.read(path)).clone()
    }

    fn glob(&self, pattern: &str) -> Vec<Vec<String>> {
        let mut matched = self.matched.borrow_mut();
        let found = matched.entry(pattern.to_owned());
        found.or_insert_with(|| self.of.glob(pattern)).clone()
    }

    fn folder(&self, path: &str) -> String {
        self.of.folder(path)
    }

    fn identity(&self, path: &str) -> String {
        self.of.identity(path)
    }
}

/// More alternatives than anybody writes; those beyond are left out.
const MOST_ALTERNATIVES: usize = 1_000;

/// A pattern without braces for each of its alternatives. Braces that do not pair are text.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut todo = vec![pattern.to_owned()];
    while let Some(next) = todo.pop() {
        let Some((before, inside, after)) = first_braces(&next) else {
            done.push(next);
            if done.len() >= MOST_ALTERNATIVES {
                break;
            }
            continue;
        };
        let all = split(inside).into_iter().rev();
        todo.extend(all.map(|one| format!("{before}{one}{after}")));
        todo.truncate(MOST_ALTERNATIVES * 4);
    }
    done
}

/// What stands before, in and behind the first pair of braces.
fn first_braces(pattern: &str) -> Option<(&str, &str, &str)> {
    let open = pattern.find('{')?;
    let mut depth = 0;
    for (at, sign) in pattern[open..].char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let close = open + at;
            return Some((
                &pattern[..open],
                &pattern[open + 1..close],
                &pattern[close + 1..],
            ));
        }
    }
    None
}

/// The parts between commas that stand in no inner braces.
fn split(inside: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, sign) in inside.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    parts
}

/// `path` as seen from the folder of the file that names it, as keepalived resolves an include.
pub(super) fn beside(including: &str, path: &str) -> String {
    let folder = Path::new(including).parent().unwrap_or(Path::new(""));
    let joined: PathBuf = folder.join(path);
    joined.to_string_lossy().into_owned()
}
