//! Named pipes that every change is written to, a line each.

mod open;

use std::any::Any;
use std::ffi::OsStr;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::rc::Rc;

use rustix::fs::fstat;
use rustix::io::Errno;
use tracing::{info, warn};

pub use open::Owner;

use super::Scripts;
use crate::model::notify::Fifo;
use crate::model::script::Script;
use open::Unopened;

/// A FIFO as the file names it, open or not.
pub(super) struct Pipe {
    fifo: Fifo,
    /// Reads it.
    script: Option<Script>,
    owner: Owner,
    /// It may be made where it is missing, and is removed again.
    ours: bool,
    scripts: Rc<dyn Scripts>,
    open: Option<OwnedFd>,
    created: bool,
    /// Runs while this is held.
    reader: Option<Box<dyn Any + Send>>,
    /// What keeps lines from being written, as it was said.
    trouble: Option<String>,
    lost: u64,
}

impl Pipe {
    /// `notify_fifo`: opened as soon as the keepalived beside us has made it.
    pub(super) fn shared(fifo: &Fifo, scripts: &Rc<dyn Scripts>) -> Option<Self> {
        Self::new(fifo, None, false, scripts)
    }

    /// `lvs_notify_fifo`: made where it is missing.
    pub(super) fn ours(
        fifo: &Fifo,
        script: Option<&Script>,
        scripts: &Rc<dyn Scripts>,
    ) -> Option<Self> {
        Self::new(fifo, script, true, scripts)
    }

    /// `None` where it would be of a user that is not known, which is said.
    fn new(
        fifo: &Fifo,
        script: Option<&Script>,
        ours: bool,
        scripts: &Rc<dyn Scripts>,
    ) -> Option<Self> {
        let owner = match scripts.owner(fifo.user.as_ref(), fifo.group.as_ref()) {
            Ok(owner) => owner,
            Err(reason) => {
                warn!(path = %fifo.path, reason, "the FIFO is not written");
                return None;
            }
        };
        let mut pipe = Self {
            fifo: fifo.clone(),
            script: script.cloned(),
            owner,
            ours,
            scripts: Rc::clone(scripts),
            open: None,
            created: false,
            reader: None,
            trouble: None,
            lost: 0,
        };
        if let Err(reason) = pipe.ready() {
            pipe.complain(reason);
        }
        Some(pipe)
    }

    /// Whether it is the one that the file names now.
    pub(super) fn is(&self, fifo: &Fifo, script: Option<&Script>) -> bool {
        self.fifo == *fifo && self.script.as_ref() == script
    }

    /// Never waits. A line that finds no room is lost, counted and said.
    pub(super) fn write(&mut self, line: &str) {
        match self.try_write(line) {
            Ok(()) => {
                if self.trouble.take().is_some() {
                    let lost = std::mem::take(&mut self.lost);
                    info!(path = %self.fifo.path, lost, "the FIFO is written again");
                }
            }
            Err(reason) => {
                self.lost += 1;
                self.complain(reason);
            }
        }
    }

    /// Ends its reader, and removes it if we made it.
    pub(super) fn close(mut self) {
        self.forget();
        if self.lost > 0 {
            warn!(path = %self.fifo.path, lost = self.lost, "lines of the FIFO were lost");
        }
    }

    fn try_write(&mut self, line: &str) -> Result<(), String> {
        let fifo = self.ready()?;
        // Up to `PIPE_BUF` bytes enter whole or not at all: pipe(7).
        match rustix::io::write(fifo, line.as_bytes()) {
            Ok(_) => Ok(()),
            Err(Errno::AGAIN) => Err("it is full: nobody reads it".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Opens it if it is not open, or if what is open has lost its name: whoever reads by that name
    /// would hear nothing.
    fn ready(&mut self) -> Result<&OwnedFd, String> {
        let path = self.path();
        let named = |fifo: &OwnedFd| fstat(fifo).is_ok_and(|about| about.st_nlink > 0);
        if !self.open.as_ref().is_some_and(named) {
            self.forget();
            let opened = match open::open(&path, self.owner) {
                Err(Unopened::Absent) if self.ours => {
                    let made = open::make(&path, self.owner);
                    self.created = made.is_ok();
                    made
                }
                opened => opened,
            };
            self.open = Some(opened.map_err(|reason| reason.to_string())?);
            self.start_reader();
        }
        self.open
            .as_ref()
            .ok_or_else(|| Unopened::Absent.to_string())
    }

    fn path(&self) -> PathBuf {
        OsStr::from_bytes(self.fifo.path.as_bytes()).into()
    }

    fn start_reader(&mut self) {
        let Some(script) = &self.script else { return };
        match self.scripts.start(script) {
            Ok(reader) => self.reader = Some(reader),
            Err(reason) => warn!(%script, reason, "the script of the FIFO does not run"),
        }
    }

    /// The name goes first, so that a reader that opens it again and again ends.
    fn forget(&mut self) {
        if let Some(fifo) = self.open.take()
            && std::mem::take(&mut self.created)
        {
            let path = self.path();
            if fstat(&fifo).is_ok_and(|about| open::is_named(&path, &about))
                && let Err(error) = fs::remove_file(&path)
            {
                warn!(path = %self.fifo.path, %error, "the FIFO stays, though we made it");
            }
        }
        self.reader = None;
    }

    /// Once, until something else is the matter.
    fn complain(&mut self, reason: String) {
        if self.trouble.as_ref() != Some(&reason) {
            warn!(path = %self.fifo.path, reason, "the FIFO cannot be written: events are lost");
            self.trouble = Some(reason);
        }
    }
}
