use std::io::{self, BufWriter, IsTerminal, Write};

/// Standard output and standard error, and whether each may be coloured.
///
/// Every word of the one-shot commands goes through here, so that tests can listen.
pub(super) struct Terminal<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) err: &'a mut dyn Write,
    pub(super) color_out: bool,
    pub(super) color_err: bool,
}

impl Terminal<'_> {
    /// Runs `command` with the process's own streams. A reader that went away is no error.
    pub(super) fn with<T>(command: impl FnOnce(&mut Terminal<'_>) -> io::Result<T>, gone: T) -> T {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let (out, mut err) = (io::stdout().lock(), io::stderr().lock());
        let (color_out, color_err) = (out.is_terminal() && !plain, err.is_terminal() && !plain);
        // As much as a pipe takes at once: a plan may be long.
        let mut out = BufWriter::with_capacity(64 << 10, out);
        let mut terminal = Terminal {
            out: &mut out,
            err: &mut err,
            color_out,
            color_err,
        };
        let done = command(&mut terminal);
        let flushed = terminal.out.flush();
        match done.and_then(|done| flushed.map(|()| done)) {
            Ok(done) => done,
            Err(_) => gone,
        }
    }

    /// One sentence on standard error.
    pub(super) fn error(&mut self, text: &str) -> io::Result<()> {
        self.say("error", "1;31", text)
    }

    /// One sentence on standard error, of something that goes on all the same.
    pub(super) fn warning(&mut self, text: &str) -> io::Result<()> {
        self.say("warning", "1;33", text)
    }

    /// One sentence on standard error that is good to know.
    pub(super) fn note(&mut self, text: &str) -> io::Result<()> {
        self.say("note", "1;36", text)
    }

    fn say(&mut self, head: &str, hue: &str, text: &str) -> io::Result<()> {
        if self.color_err {
            writeln!(self.err, "\x1b[{hue}m{head}\x1b[0m: {text}")
        } else {
            writeln!(self.err, "{head}: {text}")
        }
    }
}
