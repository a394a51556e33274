//! What a machine lacks is found, on a machine that exists only here.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[allow(dead_code, reason = "each test uses its part")]
#[path = "lint/stated.rs"]
mod stated;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use lvsctl::conf::{Disk, Memory, Options};
use lvsctl::lint::host::{About, Host, Seen, User};
use lvsctl::lint::{self, Findings};

const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;

/// Path, owner, group, mode of all there is.
const FILES: [(&str, u32, u32, u32); 21] = [
    ("/", 0, 0, FOLDER | 0o755),
    ("/etc", 0, 0, FOLDER | 0o755),
    ("/etc/present.pem", 0, 0, FILE | 0o600),
    ("/opt", 0, 0, FOLDER | 0o755),
    ("/opt/app", 1000, 1000, FOLDER | 0o755),
    ("/opt/app/one", 0, 0, FILE | 0o755),
    ("/opt/app/two", 0, 0, FILE | 0o755),
    ("/root", 0, 0, FOLDER | 0o700),
    ("/root/check", 0, 0, FILE | 0o755),
    ("/run/netns/present", 0, 0, FILE | 0o444),
    ("/run/present", 0, 0, FILE | 0o644),
    ("/tmp", 0, 0, FOLDER | 0o1777),
    ("/tmp/check", 0, 0, FILE | 0o755),
    ("/tmp/everybody", 0, 0, FILE | 0o757),
    ("/tmp/staff", 0, 50, FILE | 0o775),
    ("/usr", 0, 0, FOLDER | 0o755),
    ("/usr/bin", 0, 0, FOLDER | 0o755),
    ("/usr/bin/check", 0, 0, FILE | 0o755),
    ("/usr/bin/plain", 0, 0, FILE | 0o644),
    ("/usr/bin/private", 0, 0, FILE | 0o750),
    ("/usr/bin/becomes-root", 0, 0, FILE | 0o4757),
];

struct Fake;

impl Host for Fake {
    fn about(&self, path: &Path) -> Seen<About> {
        if path.starts_with("/hidden") {
            return Seen::Unknown;
        }
        // The one link.
        let path = match path.to_str() {
            Some("/usr/bin/link") => Path::new("/opt/app/one"),
            _ => path,
        };
        let mut all = FILES.iter();
        match all.find(|(name, ..)| Path::new(name) == path) {
            Some((_, owner, group, mode)) => Seen::Here(About {
                owner: *owner,
                group: *group,
                mode: *mode,
            }),
            None => Seen::Missing,
        }
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        Some(match path.to_str() {
            Some("/usr/bin/link") => "/opt/app/one".into(),
            _ => path.to_owned(),
        })
    }

    fn search_path(&self) -> Vec<PathBuf> {
        vec!["/usr/local/bin".into(), "/usr/bin".into()]
    }

    fn user(&self, name: &str) -> Seen<User> {
        let user = |user, group| Seen::Here(User { user, group });
        match name {
            "root" => user(0, 0),
            "nobody" => user(65534, 65534),
            "rooted" => user(7, 0),
            _ => Seen::Missing,
        }
    }

    fn group(&self, name: &str) -> Seen<u32> {
        match name {
            "root" => Seen::Here(0),
            "nogroup" => Seen::Here(65534),
            _ => Seen::Missing,
        }
    }

    fn interfaces(&self, namespace: Option<&str>) -> Option<BTreeSet<String>> {
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        match namespace {
            None => names(&["lo", "eth0", "eth1"]),
            Some("present") => names(&["lo", "veth0"]),
            Some(_) => None,
        }
    }
}

fn on_fake(text: &str) -> Findings {
    let files = Memory([("k.conf".to_owned(), text.as_bytes().to_vec())].into());
    lint::host::on(&Fake, &files, "k.conf", &Options::default())
}

fn texts(findings: &Findings) -> Vec<String> {
    let all = findings.diagnostics.iter();
    all.map(|finding| finding.primary.text.clone()).collect()
}

#[test]
fn every_fixture_gives_the_findings_it_states() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint/host");
    let mut all = Vec::new();
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let found = lint::host::on(&Fake, &Disk, path.to_str().unwrap(), &Options::default());
        let text = fs::read_to_string(&path).unwrap();
        all.extend(stated::differences(&found, &text));
        seen += 1;
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert!(seen >= 8, "{seen} fixtures");
}

#[test]
fn the_ordinary_run_asks_no_host() {
    let text = "vrrp_instance web {\n    interface nosuch\n    virtual_router_id 5\n    virtual_ipaddress {\n        192.0.2.1/24\n    }\n}\n";
    let of_host: Vec<&str> = lint::host::rules().map(|rule| rule.code).collect();
    let files = Memory([("k.conf".to_owned(), text.into())].into());
    let ordinary = lint::reading(
        &files,
        "k.conf",
        &Options::default(),
        &lint::Wanted::default(),
    );
    let mut ordinary = ordinary.diagnostics.iter();
    assert!(ordinary.all(|finding| !of_host.contains(&finding.rule.code)));
    assert_eq!(texts(&on_fake(text)), ["there is no nosuch"]);
}

#[test]
fn what_is_missing_is_named_once_with_how_often() {
    let block = |name| format!("vrrp_script s{name} {{\n    script \"/nowhere {name}\"\n}}\n");
    let text: String = (0..10).map(block).collect();
    let found = on_fake(&text);
    assert_eq!(texts(&found), ["there is no /nowhere"]);
    assert_eq!(found.diagnostics[0].notes, ["named 9 times more"]);
}

#[test]
fn what_stands_in_the_way_of_a_script_is_said() {
    let script = |global: &str, program: &str| {
        let text = format!(
            "global_defs {{\n{global}\n}}\nvrrp_script s {{\n    script \"{program}\"\n}}\n"
        );
        texts(&on_fake(&text)).join("; ")
    };
    let (root, nobody) = ("script_user root", "script_user nobody nogroup");
    let secure = "script_user root\nenable_script_security";
    let cases = [
        (root, "/usr/bin/check", ""),
        (root, "check", ""),
        (root, "nosuch", "there is no nosuch in the search path"),
        (root, "/nowhere/check", "there is no /nowhere/check"),
        (root, "here/check", ""),
        (root, "/hidden/check", ""),
        (
            root,
            "/usr/bin/plain",
            "nobody may execute /usr/bin/plain, mode 0644",
        ),
        (
            root,
            "plain",
            "nobody may execute /usr/bin/plain, mode 0644",
        ),
        (root, "/usr/bin", "/usr/bin is a folder"),
        (root, "/usr/bin/private", ""),
        (
            nobody,
            "/usr/bin/private",
            "user nobody may not execute /usr/bin/private, mode 0750",
        ),
        (
            nobody,
            "/root/check",
            "user nobody may not enter /root, mode 0700",
        ),
        (root, "/opt/app/one", ""),
        (secure, "/opt/app/one", "/opt/app is owned by user 1000"),
        (secure, "/usr/bin/link", "/opt/app is owned by user 1000"),
        (secure, "/tmp/check", ""),
        (
            secure,
            "/tmp/everybody",
            "everybody may write to /tmp/everybody, mode 0757",
        ),
        (
            secure,
            "/tmp/staff",
            "group 50 may write to /tmp/staff, mode 0775",
        ),
        (
            "script_user nobody nogroup\nenable_script_security",
            "/opt/app/one",
            "",
        ),
        (
            "script_user nobody nogroup\nenable_script_security",
            "/usr/bin/becomes-root",
            "everybody may write to /usr/bin/becomes-root, mode 4757",
        ),
        (
            "script_user rooted\nenable_script_security",
            "/opt/app/one",
            "/opt/app is owned by user 1000",
        ),
        // Nobody says who: keepalived_script is not there, so root it is.
        (
            "enable_script_security",
            "/opt/app/one",
            "/opt/app is owned by user 1000",
        ),
    ];
    for (global, program, want) in cases {
        assert_eq!(script(global, program), want, "{global}: {program}");
    }
}
