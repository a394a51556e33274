use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The only way the configuration's text comes in.
pub trait Files {
    /// Every byte of a file; `-` is standard input.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;
}

/// Largest file that is read. The largest that is known to be in use has 10 MB.
pub const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Why a file could not be read.
#[derive(Debug)]
pub enum ReadError {
    Missing,
    Directory,
    TooLarge,
    Failed(io::Error),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::Directory => f.write_str("it is a directory"),
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
            _ => Self::Failed(error),
        }
    }
}

/// The files of this host.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "-" {
            return limited(io::stdin().lock());
        }
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(ReadError::Directory);
        }
        limited(file)
    }
}

fn limited(from: impl Read) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ReadError::TooLarge);
    }
    Ok(bytes)
}

/// Files that exist only here, by path.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).cloned().ok_or(ReadError::Missing)
    }
}

/// `path` as seen from the folder of the file that names it, as keepalived resolves an include.
pub(super) fn beside(including: &str, path: &str) -> String {
    let folder = Path::new(including).parent().unwrap_or(Path::new(""));
    let joined: PathBuf = folder.join(path);
    joined.to_string_lossy().into_owned()
}
