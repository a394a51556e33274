//! Checks of a file, by the prober, against real files.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lvsctl::health::{ProbeId, Question, Verdict, Weighing};
use lvsctl::model::check::{Probe, ProbeKind, WatchedFile};
use lvsctl::model::service::Endpoint;
use lvsctl::model::text::Text;
use lvsctl::probe::{Answer, Prober};
use lvsctl::sys::clock;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Longer than any answer takes that does not wait for the file to be read by itself.
const SOON: Duration = Duration::from_secs(5);

/// Nothing comes within this.
const QUIET: Duration = Duration::from_millis(150);

/// A folder of its own, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("lvsctl-file-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("number")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A prober that watches files, and what it says of them.
struct Watch {
    prober: Prober,
    answers: UnboundedReceiver<Answer>,
}

impl Watch {
    fn new() -> Self {
        let (answer, answers) = unbounded_channel();
        let prober = Prober::start(answer).unwrap();
        Self { prober, answers }
    }

    fn ask(&self, id: u64, path: &Path, weight: i32) {
        let path = Text::from(path.to_str().unwrap());
        let file = WatchedFile {
            name: "f".into(),
            path,
            weight,
            reverse: false,
        };
        let probe = Probe {
            kind: ProbeKind::File(Arc::new(file)),
            target: Endpoint::new([127, 0, 0, 1].into(), 80),
            bind: None,
            origin: None,
            timeout: Duration::ZERO,
        };
        let probe = Arc::new(probe);
        let question = Question { probe, page: 0 };
        self.prober.ask(ProbeId(id), question, clock::now());
    }

    /// The next answer; `None` where none comes within `wait`.
    fn next(&mut self, wait: Duration) -> Option<Answer> {
        let end = Instant::now() + wait;
        while Instant::now() < end {
            match self.answers.try_recv() {
                Ok(answer) => return Some(answer),
                Err(_) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
        None
    }

    fn soon(&mut self) -> Verdict {
        let answer = self.next(SOON).expect("an answer");
        assert_eq!(answer.late, Duration::ZERO);
        answer.verdict
    }

    fn is_quiet(&mut self) {
        assert_eq!(self.next(QUIET), None);
    }
}

fn plus(weight: i64) -> Verdict {
    Verdict::Weighed(Weighing::Plus(weight))
}

#[test]
fn every_way_a_file_changes_is_told_at_once() {
    let folder = Folder::new("ways");
    let (file, other) = (folder.file(), folder.0.join("other"));
    let mut watch = Watch::new();
    watch.ask(1, &file, 2);
    assert_eq!(watch.soon(), plus(0), "it is not there");
    fs::write(&file, "1\n").unwrap();
    assert_eq!(watch.soon(), plus(2), "created");
    fs::write(&file, "-3\n").unwrap();
    assert_eq!(watch.soon(), plus(-6), "written over");
    fs::write(&other, "4\n").unwrap();
    fs::rename(&other, &file).unwrap();
    assert_eq!(watch.soon(), plus(8), "replaced");
    fs::rename(&file, &other).unwrap();
    assert_eq!(watch.soon(), plus(0), "moved away");
    fs::hard_link(&other, &file).unwrap();
    assert_eq!(watch.soon(), plus(8), "linked");
    fs::remove_file(&file).unwrap();
    assert_eq!(watch.soon(), plus(0), "deleted");
    std::os::unix::fs::symlink(&other, &file).unwrap();
    assert_eq!(watch.soon(), plus(8), "linked by name");
    fs::write(&file, "010").unwrap();
    assert_eq!(watch.soon(), plus(16), "written through the link");
    watch.is_quiet();
}

#[test]
fn a_link_into_another_folder_is_followed() {
    let (folder, far) = (Folder::new("link"), Folder::new("far"));
    fs::write(far.file(), "1").unwrap();
    std::os::unix::fs::symlink(far.file(), folder.file()).unwrap();
    let mut watch = Watch::new();
    watch.ask(1, &folder.file(), 1);
    assert_eq!(watch.soon(), plus(1));
    fs::write(far.file(), "2").unwrap();
    assert_eq!(watch.soon(), plus(2));
}

#[test]
fn what_changes_nothing_is_not_told() {
    let folder = Folder::new("same");
    let file = folder.file();
    fs::write(&file, "1").unwrap();
    let mut watch = Watch::new();
    watch.ask(1, &file, 0);
    assert!(matches!(watch.soon(), Verdict::Failed(_)));
    fs::write(&file, "1 of many").unwrap();
    fs::write(folder.0.join("other"), "0").unwrap();
    watch.is_quiet();
    // Beyond what counts: as it was.
    fs::write(&file, "99999999999").unwrap();
    watch.is_quiet();
    fs::write(&file, "0").unwrap();
    assert_eq!(watch.soon(), Verdict::Passed);
}

#[test]
fn every_check_of_a_file_has_a_weight_of_its_own() {
    let folder = Folder::new("shared");
    let file = folder.file();
    let mut watch = Watch::new();
    for id in 1..=3 {
        watch.ask(id, &file, i32::try_from(id).unwrap());
        assert_eq!(watch.soon(), plus(0));
    }
    watch.prober.cancel(ProbeId(2));
    fs::write(&file, "5").unwrap();
    let mut told = [watch.next(SOON).unwrap(), watch.next(SOON).unwrap()];
    told.sort_by_key(|answer| answer.id);
    let told = told.map(|answer| (answer.id.0, answer.verdict));
    assert_eq!(told, [(1, plus(5)), (3, plus(15))]);
    watch.is_quiet();
    // Asked again, it answers again.
    watch.ask(3, &file, 3);
    assert_eq!(watch.soon(), plus(15));
}

#[test]
fn what_is_cancelled_is_silent() {
    let folder = Folder::new("cancelled");
    let mut watch = Watch::new();
    watch.ask(1, &folder.file(), 1);
    assert_eq!(watch.soon(), plus(0));
    watch.prober.cancel(ProbeId(1));
    fs::write(folder.file(), "5").unwrap();
    watch.is_quiet();
}

#[test]
fn a_file_whose_folder_comes_later_or_is_replaced_is_found() {
    let folder = Folder::new("later");
    let inner = folder.0.join("inner");
    let file = inner.join("number");
    let mut watch = Watch::new();
    watch.ask(1, &file, 1);
    assert_eq!(watch.soon(), plus(0));
    fs::create_dir(&inner).unwrap();
    fs::write(&file, "7").unwrap();
    // Nothing tells of it: it is found when the file is read by itself.
    let answer = watch.next(Duration::from_secs(12)).expect("an answer");
    assert_eq!(answer.verdict, plus(7));
    fs::remove_dir_all(&inner).unwrap();
    assert_eq!(watch.soon(), plus(0));
}

#[test]
fn what_is_no_regular_file_is_this_hosts_fault_and_never_waited_for() {
    let folder = Folder::new("fifo");
    let fifo = folder.file();
    let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    let mut watch = Watch::new();
    watch.ask(1, &fifo, 1);
    let why = format!("cannot read {}: it is no regular file", fifo.display());
    assert_eq!(watch.soon(), Verdict::Unasked(why));
    fs::remove_file(&fifo).unwrap();
    assert_eq!(watch.soon(), plus(0), "gone");
    fs::write(&fifo, "1").unwrap();
    assert_eq!(watch.soon(), plus(1));
}

#[test]
fn of_a_thousand_changes_the_last_is_told() {
    let folder = Folder::new("many");
    let file = folder.file();
    let mut watch = Watch::new();
    watch.ask(1, &file, 1);
    for number in 1..=1000 {
        let other = folder.0.join("next");
        fs::write(&other, number.to_string()).unwrap();
        fs::rename(other, &file).unwrap();
    }
    let mut last = watch.soon();
    while let Some(answer) = watch.next(QUIET) {
        last = answer.verdict;
    }
    assert_eq!(last, plus(1000));
}
