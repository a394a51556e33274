use std::io::{self, Write};

use super::exit::Exit;
use crate::sys::scripts::{self, ServeError};

/// Exit 0 when the daemon has closed its end, 2 not started by a daemon, 1 else.
pub(super) fn run() -> Exit {
    let Err(error) = scripts::serve() else {
        return Exit::Done;
    };
    // Standard error may be closed.
    let _ = writeln!(io::stderr(), "lvsctl: {error}");
    match error {
        ServeError::Alone => Exit::Refused,
        ServeError::Io(_) => Exit::Partly,
    }
}
