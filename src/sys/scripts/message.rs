use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;
use std::{fmt, io};

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::Runnable;

/// Tells a script that runs from all others of a daemon.
pub(super) type ScriptId = u64;

/// What the daemon wants of the script process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Order {
    /// Runs a script, for no longer than `limit`.
    Start {
        id: ScriptId,
        script: Runnable,
        limit: Option<Duration>,
    },
    /// Ends it: nobody wants to know any more.
    End(ScriptId),
}

/// What the script process says of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Report {
    /// How it came out, once, as soon as that is known.
    Ended {
        id: ScriptId,
        outcome: Outcome,
        said: Vec<u8>,
    },
    /// None of its processes is left that could be ended: another may take its place.
    Gone(ScriptId),
}

/// How a script came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// With this status, 0 to 255.
    Exited(u8),
    /// By this signal.
    Signalled(i32),
    /// It ran longer than it may, and is being ended.
    TooLong,
    /// It could not be started; the number of the error, as in errno(3).
    Unstarted(i32),
}

impl Outcome {
    pub(super) fn of(status: ExitStatus) -> Self {
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        match (code, status.signal()) {
            (Some(code), _) => Self::Exited(code),
            (None, Some(signal)) => Self::Signalled(signal),
            // Of a process that was waited for there is one or the other.
            (None, None) => Self::Unstarted(Errno::CHILD.raw_os_error()),
        }
    }

    pub(super) fn unstarted(error: &io::Error) -> Self {
        Self::Unstarted(error.raw_os_error().unwrap_or(Errno::IO.raw_os_error()))
    }

    /// It could not be started for want of something that has nothing to do with the script:
    /// memory, processes, descriptors, the right to become its user.
    pub fn is_fault_of_host(self) -> bool {
        const OF_HOST: [Errno; 5] = [
            Errno::AGAIN,
            Errno::NOMEM,
            Errno::MFILE,
            Errno::NFILE,
            Errno::PERM,
        ];
        matches!(self, Self::Unstarted(errno) if OF_HOST.map(Errno::raw_os_error).contains(&errno))
    }
}

impl fmt::Display for Outcome {
    /// As a predicate: a script …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "exited with status {status}"),
            Self::Signalled(signal) => write!(f, "was ended by signal {signal}"),
            Self::TooLong => f.write_str("ran too long"),
            // It was there when it was vetted.
            Self::Unstarted(errno) if *errno == Errno::NOENT.raw_os_error() => f.write_str(
                "could not be started: its interpreter, which its first line names, or the script itself is not there",
            ),
            Self::Unstarted(errno) if *errno == Errno::PERM.raw_os_error() => f.write_str(
                "could not be started: lvsctl may not become the user it runs as (remedy: start the daemon as root, with --user)",
            ),
            Self::Unstarted(errno) => {
                let error = io::Error::from_raw_os_error(*errno);
                write!(f, "could not be started: {error}")
            }
        }
    }
}
