use std::io::{self, Write};

use super::exit::Exit;
use crate::sys::scripts::ServeError;

/// Exit 0 when the daemon has closed its end, 2 not started by a daemon, 1 else.
pub(super) fn run(serve: fn() -> Result<(), ServeError>) -> Exit {
    let Err(error) = serve() else {
        return Exit::Done;
    };
    // Standard error may be closed.
    let _ = writeln!(io::stderr(), "lvsctl: {error}");
    match error {
        ServeError::Alone => Exit::Refused,
        ServeError::Io(_) => Exit::Partly,
    }
}
