//! Imports point down: the floors of ARCHITECTURE.md, held.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Lowest first. A module may use itself and the floors below its own.
const FLOORS: [&[&str]; 6] = [
    &["diag", "model"],
    &["conf", "health", "plan"],
    &["fmt", "lint"],
    &["ipvs", "notify", "probe", "sys"],
    &["claim"],
    &["cli", "daemon"],
];

/// The command line starts the daemon; nothing else on a floor knows its neighbour, except that
/// probes and mail are timed by the host's clock, mail names the host, and its script process runs
/// what checks and is told.
const BESIDE: [(&str, &str); 3] = [("cli", "daemon"), ("notify", "sys"), ("probe", "sys")];

fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            into.push((path.display().to_string(), text));
        }
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
}

#[test]
fn imports_point_down() {
    let mut seen = 0;
    for (floor, modules) in FLOORS.iter().enumerate() {
        let below: Vec<&str> = FLOORS[..floor].concat();
        for module in *modules {
            let mut files = Vec::new();
            sources(&root().join(module), &mut files);
            for (path, text) in files {
                assert!(!text.contains("use crate::{"), "{path}: one line each");
                for used in text.split("crate::").skip(1) {
                    let end = used
                        .find(|c: char| !c.is_alphanumeric() && c != '_')
                        .unwrap();
                    let used = &used[..end];
                    let legal = used == *module || below.contains(&used);
                    assert!(
                        legal || BESIDE.contains(&(module, used)),
                        "{path}: {module} -> {used}"
                    );
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100, "only {seen} imports looked at");
}

#[test]
fn every_module_stands_on_a_floor() {
    let folders = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.is_dir());
    let folders = folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let known: BTreeSet<String> = FLOORS.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(folders.collect::<BTreeSet<_>>(), known);
}
