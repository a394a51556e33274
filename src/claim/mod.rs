//! What one process holds of a network namespace: its kernel table, the lock, the record.

use std::path::Path;
use std::{fmt, io};

use crate::ipvs::{self, Client};
use crate::model::director::{Director, Globals};
use crate::sys::netns::{self, EnterError};
use crate::sys::privileges::GiveUpError;
use crate::sys::state::{Folder, Lock, LockError};
use crate::sys::{checker, module};

/// Why a namespace could not be worked on. Nothing was changed.
#[derive(Debug)]
pub enum Refused {
    Namespace(EnterError),
    Kernel(ipvs::Error),
    /// Another lvsctl holds the namespace.
    Held {
        process: Option<u32>,
    },
    /// The state directory cannot be used.
    State {
        path: String,
        source: io::Error,
    },
    /// Privileges could not be given up.
    Privileges(GiveUpError),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Namespace(error) => error.fmt(f),
            Self::Kernel(error) => error.fmt(f),
            Self::Privileges(error) => error.fmt(f),
            Self::Held { process: None } => f.write_str(
                "another lvsctl works on this network namespace (remedy: wait for it, or reload the daemon with SIGHUP)",
            ),
            Self::Held {
                process: Some(process),
            } => write!(
                f,
                "lvsctl with process number {process} works on this network namespace (remedy: kill -HUP {process} has a daemon read its file again)"
            ),
            Self::State { path, .. } => write!(
                f,
                "cannot use the state directory {path} (remedy: name another with --state-dir)"
            ),
        }
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Namespace(error) => error.source(),
            Self::Kernel(error) => error.source(),
            Self::Privileges(error) => error.source(),
            Self::State { source, .. } => Some(source),
            Self::Held { .. } => None,
        }
    }
}

/// An error with its causes, in one line.
pub fn sentence(error: impl std::error::Error + Send + Sync + 'static) -> String {
    format!("{:#}", anyhow::Error::new(error))
}

/// Enters the namespace that `--netns` names, else the file's.
pub fn enter(netns: Option<&str>, globals: &Globals) -> Result<(), Refused> {
    match netns.or(globals.namespace.as_deref()) {
        Some(name) => netns::enter(name).map_err(Refused::Namespace),
        None => Ok(()),
    }
}

/// Enters the namespace of the table where the file names one apart from the rest.
pub fn enter_ipvs(netns: Option<&str>, globals: &Globals) -> Result<(), Refused> {
    match (netns, globals.ipvs_namespace.as_deref()) {
        (None, Some(name)) => netns::enter(name).map_err(Refused::Namespace),
        _ => Ok(()),
    }
}

/// Has the kernel load what services of `director` need and it does not have yet, if that can be
/// done. Where it cannot, the kernel refuses these services and is asked for the reason then.
pub fn preload(director: &Director) {
    let modules = director.modules();
    module::load(modules.iter().map(String::as_str));
}

/// The kernel's table in the calling thread's namespace. Loads the module if it can.
pub fn kernel() -> Result<Client, Refused> {
    let opened = match Client::open() {
        Err(ipvs::Error::NoFamily) if module::load(["ip_vs"]) => Client::open(),
        opened => opened,
    };
    opened.map_err(Refused::Kernel)
}

/// The folder of the calling thread's namespace under `state_dir`.
pub fn folder(state_dir: &Path, globals: &Globals) -> Result<Folder, Refused> {
    Folder::open(state_dir, globals.instance.as_deref()).map_err(|source| Refused::State {
        path: state_dir.display().to_string(),
        source,
    })
}

pub fn lock(folder: &Folder) -> Result<Lock, Refused> {
    folder.lock().map_err(|error| match error {
        LockError::Held { process } => Refused::Held { process },
        LockError::Failed(source) => Refused::State {
            path: folder.path().display().to_string(),
            source,
        },
    })
}

/// The sentence about checkers of keepalived that work on the same table, if there are any.
pub fn rivals() -> Option<String> {
    let rivals = checker::running();
    let numbers: Vec<String> = rivals.iter().map(ToString::to_string).collect();
    (!rivals.is_empty()).then(|| {
        format!(
            "keepalived with process number {} checks servers in this network namespace and will change the same table (remedy: run it with --vrrp, as README.md tells under Taking over)",
            numbers.join(", ")
        )
    })
}
