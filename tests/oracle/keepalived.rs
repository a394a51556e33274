use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use lvsctl::conf::keyword::{Form, Inside, Keyword, Kind};
use lvsctl::conf::{self, Disk, Node, Options};

use super::corpus::without_place;
use super::{Answer, Ended};

/// It ends within a tenth of a second, or never.
const PATIENCE: Duration = Duration::from_secs(5);

/// Has it test a file in a network namespace of its own, with every interface the file names.
pub(crate) fn ask(file: String, path: PathBuf) -> Answer {
    let script = "
        set -e
        ip link set lo up
        n=0
        for name in $INTERFACES; do
            n=$((n + 1))
            ip link add \"$name\" type veth peer name \"peer$n\"
            ip link set \"$name\" up
        done
        exec keepalived --config-test --use-file \"$0\"";
    let log = std::env::temp_dir().join(format!("lvsctl-oracle-{}", std::process::id()));
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut child = Command::new("unshare")
        .args(if root {
            vec!["--net"]
        } else {
            vec!["--net", "--map-root-user"]
        })
        .args(["sh", "-c", script])
        .arg(&path)
        .env("INTERFACES", interfaces(&path))
        .stdin(Stdio::null())
        .stdout(File::create(&log).unwrap())
        .stderr(File::options().append(true).open(&log).unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned();
    fs::remove_file(&log).unwrap();
    let ended = ended(status);
    let messages: Vec<String> = text
        .lines()
        .map(|line| without_place(line).to_owned())
        .collect();
    assert!(
        ended != Ended::Findings || !messages.is_empty(),
        "{file}: {status:?}"
    );
    assert!(!text.contains("RTNETLINK"), "{file}: {text}");
    Answer {
        file,
        path,
        ended,
        messages,
    }
}

fn ended(status: Option<ExitStatus>) -> Ended {
    match status {
        Some(status) if status.success() => Ended::Clean,
        Some(status) if status.signal().is_none() => {
            let known = matches!(status.code(), Some(2..=6));
            assert!(known, "the namespace could not be made: {status}");
            Ended::Findings
        }
        _ => Ended::Never,
    }
}

/// Interfaces that a file names, where the keyword table says that a word is one.
fn interfaces(path: &std::path::Path) -> String {
    let mut names = BTreeSet::new();
    let root = Kind::named("root").unwrap();
    conf::each_block(
        &Disk,
        path.to_str().unwrap(),
        &Options::default(),
        &mut |node| {
            look(root, node, &mut names);
        },
    );
    names.remove("lo");
    let names: Vec<String> = names.into_iter().collect();
    names.join(" ")
}

fn look(kind: Kind, node: Node<'_>, names: &mut BTreeSet<String>) {
    let Some(known) = kind.find(node.keyword().bytes) else {
        return;
    };
    let is_one = |keyword: &Keyword, at: usize| {
        keyword
            .arguments
            .get(at)
            .is_some_and(|argument| argument.forms.contains(&Form::Interface))
    };
    let words = node
        .arguments()
        .enumerate()
        .filter(|(at, _)| is_one(known, *at));
    names.extend(words.map(|(_, word)| word.shown()));
    match known.inside {
        Inside::Keywords(inner) => {
            let Some(kind) = Kind::named(inner) else {
                return;
            };
            node.children().for_each(|child| look(kind, child, names));
        }
        Inside::Values(form) => {
            for line in node.children() {
                if form == Form::Interface {
                    names.insert(line.keyword().shown());
                }
                let words: Vec<_> = line.words().collect();
                let devices = words.windows(2).filter(|pair| pair[0].text() == "dev");
                names.extend(devices.map(|pair| pair[1].shown()));
            }
        }
        Inside::Nothing => {}
    }
}
