use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::{fmt, io};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Why a named network namespace could not be entered.
#[derive(Debug)]
pub struct EnterError {
    name: String,
    source: io::Error,
}

impl fmt::Display for EnterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.source.kind() {
            io::ErrorKind::NotFound => write!(
                f,
                "there is no network namespace {name} (remedy: ip netns add {name}; ip netns list shows all)"
            ),
            io::ErrorKind::PermissionDenied => write!(
                f,
                "no permission to enter the network namespace {name} (remedy: run as root, or with CAP_SYS_ADMIN)"
            ),
            _ => write!(f, "cannot enter the network namespace {name}"),
        }
    }
}

impl std::error::Error for EnterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Moves the calling thread, and threads it will start, into a namespace of `ip netns`.
///
/// A name that begins with a slash is a path, as of `/proc/PID/ns/net`.
pub fn enter(name: &str) -> Result<(), EnterError> {
    // Joining a path that begins with a slash gives that path.
    let path = PathBuf::from("/run/netns").join(name);
    let entered = File::open(path).and_then(|file| {
        let kind = LinkNameSpaceType::Network;
        Ok(move_into_link_name_space(file.as_fd(), Some(kind))?)
    });
    entered.map_err(|source| {
        // The kernel's word for a namespace that may not be entered is EPERM.
        let source = match source.raw_os_error() {
            Some(errno) if errno == rustix::io::Errno::PERM.raw_os_error() => {
                io::Error::from(io::ErrorKind::PermissionDenied)
            }
            _ => source,
        };
        let name = name.to_owned();
        EnterError { name, source }
    })
}

/// The number that tells the calling thread's network namespace from all others of this boot.
pub fn identity() -> io::Result<u64> {
    Ok(fs::metadata("/proc/thread-self/ns/net")?.ino())
}

/// The network namespace of another process; an error where it is gone or not to be seen.
pub fn identity_of(process: u32) -> io::Result<u64> {
    Ok(fs::metadata(format!("/proc/{process}/ns/net"))?.ino())
}

/// The identity of this boot of the kernel.
pub fn boot_id() -> io::Result<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(id.trim().to_owned())
}
