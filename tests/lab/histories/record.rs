use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lvsctl::model::moment::Moment;
use lvsctl::sys::clock;

use crate::scene::own;
use crate::sequence::{Channel, Seen, mark_passing, sort_together};
use crate::stage::host::Host;
use crate::table::{self, Services};

/// How often a director is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// All that is seen of one director, from before its start.
pub struct Record {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    seen: Arc<Mutex<Raw>>,
    scripts: PathBuf,
}

/// Everything as it was seen.
#[derive(Default)]
struct Raw {
    tables: Vec<(Moment, Services)>,
    fifo: Vec<Seen>,
}

impl Record {
    pub fn start(host: &Host) -> Self {
        // A namespace's file is that of the thread which opens it, for ever.
        let table = host.inside(|| File::open("/proc/thread-self/net/ip_vs").unwrap());
        let fifo = File::options()
            .read(true)
            // So that there is always somebody to write to it, and it has no end.
            .write(true)
            .open(own(host).join("fifo"))
            .unwrap();
        rustix::io::ioctl_fionbio(&fifo, true).unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Raw::default()));
        let (end, into) = (Arc::clone(&ended), Arc::clone(&seen));
        let thread = thread::spawn(move || {
            let mut unfinished = String::new();
            while !end.load(Ordering::Relaxed) {
                look(&table, &fifo, &mut unfinished, &into);
                thread::sleep(LOOK);
            }
        });
        Self {
            ended,
            thread: Some(thread),
            seen,
            scripts: own(host).join("scripts"),
        }
    }

    /// When there first was a table.
    pub fn begun(&self) -> Option<Moment> {
        let raw = self.seen.lock().unwrap();
        raw.tables.first().map(|(at, _)| *at)
    }

    /// What is compared of a channel.
    pub fn sequence(&self, channel: Channel) -> Vec<Seen> {
        let raw = self.seen.lock().unwrap();
        match channel {
            Channel::Tables => by_service(&raw.tables),
            Channel::Fifo => {
                let mut lines = raw.fifo.clone();
                sort_together(&mut lines, |line| line.starts_with("RS "));
                lines
            }
            Channel::Scripts => {
                let mut lines = scripts(&self.scripts);
                lines.sort_by(|a, b| subject(&a.what).cmp(subject(&b.what)));
                lines
            }
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One service after the other, each from its first moment: two services know nothing of each other.
fn by_service(tables: &[(Moment, Services)]) -> Vec<Seen> {
    let services: BTreeSet<&String> = tables.iter().flat_map(|(_, table)| table.keys()).collect();
    let mut all = Vec::new();
    for service in services {
        let mut seen: Vec<Seen> = Vec::new();
        for (at, table) in tables {
            let what = match table.get(service) {
                Some(line) => format!("{service} {line}"),
                None if seen.is_empty() => continue,
                None => format!("{service} gone"),
            };
            if seen.last().is_none_or(|last| last.what != what) {
                seen.push(Seen::at(*at, &what));
            }
        }
        mark_passing(&mut seen);
        all.append(&mut seen);
    }
    all
}

fn look(table: &File, fifo: &File, unfinished: &mut String, into: &Mutex<Raw>) {
    let services = table::services(&text(table).unwrap());
    let at = clock::now();
    read_lines(fifo, unfinished);
    let mut raw = into.lock().unwrap();
    let same = match raw.tables.last() {
        Some((_, before)) => *before == services,
        None => services.is_empty(),
    };
    if !same {
        raw.tables.push((at, services));
    }
    while let Some((first, rest)) = unfinished.split_once('\n') {
        raw.fifo.push(Seen::at(at, first));
        *unfinished = rest.to_owned();
    }
}

/// The whole of a file of /proc, from its start.
fn text(file: &File) -> io::Result<String> {
    let mut text = vec![0; 16 * 1024];
    let mut length = 0;
    loop {
        match file.read_at(&mut text[length..], length as u64)? {
            0 => break,
            more => length += more,
        }
    }
    Ok(String::from_utf8_lossy(&text[..length]).into_owned())
}

fn read_lines(mut fifo: &File, into: &mut String) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = fifo.read(&mut bytes) {
        into.push_str(&String::from_utf8_lossy(&bytes[..length]));
    }
}

/// What a script was told about. Scripts run side by side: which of two that tell of different things
/// comes first is chance.
fn subject(words: &str) -> &str {
    words.rsplit_once(' ').map_or(words, |(subject, _)| subject)
}

/// The lines that scripts have left, each with its time.
fn scripts(path: &PathBuf) -> Vec<Seen> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter_map(|told| {
        let (up, what) = told.split_once(' ')?;
        let up = Duration::try_from_secs_f64(up.parse().ok()?).ok()?;
        Some(Seen::at(Moment::default() + up, what))
    });
    lines.collect()
}
