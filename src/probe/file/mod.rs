//! `FILE_CHECK`: files that somebody else writes, read when their folder tells of a change, and
//! every ten seconds, because some file systems tell nothing.
//!
//! A file is only ever read. `init_file` of its block is for the keepalived beside us, which has
//! the same block and creates the file; two that created it would undo each other.

mod folders;
mod number;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use tokio::sync::mpsc::UnboundedSender;
use tracing::warn;

use self::folders::Folders;
use super::prober::Answer;
use super::watch::{Command, Inbox, tell};
use crate::health::{ProbeId, Verdict};
use crate::model::check::WatchedFile;
use crate::model::text::Text;
use crate::sys::clock;

/// How long a change can stay unseen where the file system does not tell of it.
const NET: Duration = Duration::from_secs(10);

/// What keepalived reads of a file at most: bytes.
const MOST: u64 = 127;

/// A file found empty is read once more after this: its writer may be between truncating and
/// writing it.
const WRITING: Duration = Duration::from_millis(20);

/// Answers for files until told to stop.
pub(super) fn watch(inbox: &Inbox<Command<WatchedFile>>, answers: UnboundedSender<Answer>) {
    let mut files = Files {
        folders: Folders::default(),
        known: BTreeMap::new(),
        answers,
    };
    let mut next = clock::now() + NET;
    loop {
        files.wait(inbox, next.since(clock::now()));
        for command in inbox.take() {
            match command {
                Command::Ask(id, file) => files.ask(id, file),
                Command::Cancel(id) => files.cancel(id),
                Command::Stop => return,
            }
        }
        for path in files.folders.changed() {
            files.read_again(&path);
        }
        if next <= clock::now() {
            files.read_all_again();
            next = clock::now() + NET;
        }
    }
}

struct Files {
    folders: Folders,
    known: BTreeMap<Text, Known>,
    answers: UnboundedSender<Answer>,
}

/// A file, and who wants to know of it.
#[derive(Default)]
struct Known {
    content: Content,
    /// What stands in it now is a number that counts for nothing, which was said.
    passed_over: bool,
    subscribers: BTreeMap<ProbeId, Subscriber>,
}

struct Subscriber {
    file: Arc<WatchedFile>,
    /// What it heard last.
    verdict: Verdict,
}

/// What a file came to when it was read last.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Number(i64),
    /// The fault is this host's; why.
    Unreadable(String),
}

impl Default for Content {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl Files {
    /// Until there is a command or a change, or the time is over.
    fn wait(&self, inbox: &Inbox<Command<WatchedFile>>, time: Duration) {
        let time = time.try_into().ok();
        let wake = PollFd::new(inbox, PollFlags::IN);
        let changes = self.folders.as_fd();
        let changes = changes.map(|folders| PollFd::from_borrowed_fd(folders, PollFlags::IN));
        let mut both: Vec<PollFd<'_>> = [Some(wake), changes].into_iter().flatten().collect();
        // Interrupted: there is nothing to hear then, and the next round waits again.
        let _ = poll(&mut both, time.as_ref());
    }

    fn ask(&mut self, id: ProbeId, file: Arc<WatchedFile>) {
        self.cancel(id);
        self.known.entry(file.path.clone()).or_default();
        self.read_again(&file.path);
        if let Some(known) = self.known.get_mut(&file.path) {
            let verdict = known.content.verdict(&file);
            tell(&self.answers, id, verdict.clone());
            let subscriber = Subscriber { file, verdict };
            known.subscribers.insert(id, subscriber);
        }
    }

    fn cancel(&mut self, id: ProbeId) {
        let folders = &mut self.folders;
        self.known.retain(|path, known| {
            let wanted = known.subscribers.remove(&id).is_none() || !known.subscribers.is_empty();
            if !wanted {
                folders.forget(path);
            }
            wanted
        });
    }

    fn read_all_again(&mut self) {
        let paths: Vec<Text> = self.known.keys().cloned().collect();
        for path in paths {
            self.read_again(&path);
        }
    }

    fn read_again(&mut self, path: &Text) {
        let content = self.read(path);
        let Some(known) = self.known.get_mut(path) else {
            return;
        };
        if content.is_none() && !known.passed_over {
            warn!(%path, "the number in the file is beyond 32 bits, and counts for nothing");
        }
        known.passed_over = content.is_none();
        if let Some(content) = content {
            known.content = content;
        }
        for (id, subscriber) in &mut known.subscribers {
            let verdict = known.content.verdict(&subscriber.file);
            if verdict != subscriber.verdict {
                subscriber.verdict = verdict.clone();
                tell(&self.answers, *id, verdict);
            }
        }
    }

    /// What the file holds; `None` where that counts for nothing.
    fn read(&mut self, path: &Text) -> Option<Content> {
        // What changes while it is read is told of afterwards.
        self.folders.follow(path);
        let mut text = read(path);
        if matches!(&text, Ok(Some(text)) if text.is_empty()) {
            thread::sleep(WRITING);
            text = read(path);
        }
        match text {
            Ok(text) => number::read(&text.unwrap_or_default()).map(Content::Number),
            Err(error) => {
                let why = format!("cannot read {path}: {error}");
                Some(Content::Unreadable(why))
            }
        }
    }
}

impl Content {
    fn verdict(&self, file: &WatchedFile) -> Verdict {
        match self {
            Self::Number(number) => number::judge(*number, file),
            Self::Unreadable(why) => Verdict::Unasked(why.clone()),
        }
    }
}

/// The beginning of a file; `None` where there is none. Never waits for a writer.
fn read(path: &Text) -> io::Result<Option<Vec<u8>>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::open(as_path(path), flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(None),
        Err(errno) => return Err(errno.into()),
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut text = Vec::new();
    file.take(MOST).read_to_end(&mut text)?;
    Ok(Some(text))
}

fn as_path(text: &Text) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(text.as_bytes()))
}
