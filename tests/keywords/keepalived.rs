//! keepalived itself, in a network of its own, asked what it says of a file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::case::{Case, Want};
use super::context::FOLDER;

/// The release that the table is held against.
pub(crate) const RELEASE: &str = "2.2.7";

/// Seconds that one run may take.
const PATIENCE: &str = "20";

/// Why it cannot be asked; `None` where it can.
pub(crate) fn absent() -> Option<String> {
    let Ok(output) = Command::new("keepalived").arg("--version").output() else {
        return Some("keepalived is not installed".to_owned());
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let first = said.lines().next().unwrap_or_default();
    if !first.contains(&format!("v{RELEASE} ")) {
        return Some(format!("{first} is not release {RELEASE}"));
    }
    let isolated = isolated().arg("true").status();
    let works = isolated.is_ok_and(|status| status.success());
    (!works).then(|| "no network namespace can be made (root, or sudo, is needed)".to_owned())
}

/// What runs a command in a network of its own.
pub(crate) fn isolated() -> Command {
    let mut command = Command::new("sudo");
    if rustix::process::geteuid().is_root() {
        command = Command::new("unshare");
    } else {
        command.args(["-n", "unshare"]);
    }
    command.arg("--net");
    command
}

/// Whether keepalived knows the word at all.
pub(crate) fn is_old(case: &Case) -> bool {
    let numbers = |release: &str| -> Vec<u32> {
        release
            .split('.')
            .map(|part| part.parse().unwrap())
            .collect()
    };
    let newer = |since: &str| numbers(since) > numbers(RELEASE);
    let block = case.row.block != "auth_hmac";
    block && !case.row.since.is_some_and(newer)
}

/// A network with `lo`, `eth0` and `eth1`, and the folder that files name.
pub(crate) struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// Must run in a network of its own.
    pub(crate) fn new() -> Self {
        let ip = |arguments: &str| {
            let status = Command::new("ip").args(arguments.split(' ')).status();
            assert!(status.unwrap().success(), "ip {arguments}");
        };
        ip("link set lo up");
        ip("link add eth0 type veth peer name eth1");
        ip("link set eth0 up");
        ip("link set eth1 up");
        let folder = format!("lvsctl-keywords-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(folder.join("d")).unwrap();
        fs::write(folder.join("f"), "1\n").unwrap();
        Self { folder }
    }

    /// The cases of which keepalived says something else than is wanted, and what.
    pub(crate) fn differing<'a>(&self, cases: &[&'a Case]) -> Vec<(&'a Case, Said)> {
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(2, |count| 2 * count.get());
        let mut found: Vec<(usize, Said)> = std::thread::scope(|scope| {
            let work = || {
                let mut found = Vec::new();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else {
                        return found;
                    };
                    let said = self.ask(at, &case.text);
                    if !said.is(case) {
                        found.push((at, said));
                    }
                }
            };
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let found = workers.into_iter().map(|worker| worker.join().unwrap());
            found.flatten().collect()
        });
        found.sort_by_key(|(at, _)| *at);
        found
            .into_iter()
            .map(|(at, said)| (cases[at], said))
            .collect()
    }

    fn ask(&self, number: usize, text: &str) -> Said {
        let path = self.folder.join(format!("{number}.conf"));
        let folder = self.folder.to_str().unwrap();
        fs::write(&path, text.replace(FOLDER, folder)).unwrap();
        let said = Said::of(&path);
        fs::remove_file(path).unwrap();
        said
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What `keepalived -t` said of a file.
#[derive(Debug)]
pub(crate) struct Said {
    /// `None` where it was killed.
    status: Option<i32>,
    /// Each line once, without the place.
    lines: BTreeSet<String>,
}

impl Said {
    fn of(path: &Path) -> Self {
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", PATIENCE, "keepalived", "-t", "-f"]);
        let output = command.arg(path).output().unwrap();
        let all = [output.stdout, output.stderr].concat();
        let all = String::from_utf8_lossy(&all).into_owned();
        let lines = all.lines().filter(|line| !line.trim().is_empty());
        Self {
            status: output.status.code(),
            lines: lines.map(|line| without_place(line).to_owned()).collect(),
        }
    }

    fn is(&self, case: &Case) -> bool {
        let word = case.line.split([' ', '\n']).next().unwrap_or_default();
        let clean = self.status == Some(0);
        match case.want {
            Want::Nothing => clean && self.lines.is_empty(),
            Want::Deprecated => {
                let age = ["deprecat", "replace", "Replace", "Please use"];
                let wrong = ["Unknown keyword", "Unexpected", "Missing '{", "Extra"];
                let value = ["is missing a parameter", "range", "nvalid"];
                self.status == Some(5)
                    && self.lines.len() <= 2
                    && self.says(&age)
                    && !self.says(&wrong)
                    && !self.says(&value)
            }
            // 2: it ends at the line, perhaps without a word.
            Want::Something => self.status == Some(2) || !clean && !self.lines.is_empty(),
            Want::MoreThanDeprecated => !clean && self.says(&["nvalid", "range", "negative"]),
            Want::Unknown => self.says(&[&format!("Unknown keyword '{word}'")]),
        }
    }

    fn says(&self, any: &[&str]) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|line| any.iter().any(|part| line.contains(part)))
    }
}

/// `(FILE: Line N) TEXT` → `TEXT`.
fn without_place(line: &str) -> &str {
    let place = line.split_once(") ");
    let text = place.filter(|(place, _)| place.starts_with('(') && place.contains("Line "));
    text.map_or(line, |(_, text)| text)
}
