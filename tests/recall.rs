//! A reload takes over what the text of a virtual server came to before: whatever was changed, it
//! finds what reading the whole file anew finds.
//!
//! A few changes of each public file, drawn from a seed (`LVSCTL_SEED`); two hundred times as many
//! where `LVSCTL_SOAK` is set.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

mod random;

use std::fs;
use std::path::Path;

use lvsctl::conf::{self, Loaded, Memory, Options, Recall};
use lvsctl::model::director::Director;
use random::Random;

/// Changes of one file outside a soak.
const FEW: usize = 4;

fn files(text: &str) -> Memory {
    let more = "virtual_server 192.0.2.77 80 {\nlb_algo rr\nreal_server 192.0.2.9 80 {\n}\n}\n";
    let files = [
        ("k.conf", text),
        ("more.conf", more),
        ("weight.conf", "weight 7\n"),
        ("timeout.conf", "connect_timeout 7\n"),
    ];
    Memory(
        files
            .map(|(name, text)| (name.to_owned(), text.into()))
            .into(),
    )
}

/// A daemon's memory of one file.
#[derive(Default)]
struct Reader {
    director: Director,
    recall: Recall,
}

impl Reader {
    /// Reads the file as a reload does, holds that against reading it anew, and goes on with it if
    /// it can be used.
    fn read(&mut self, text: &str) -> Loaded {
        let (files, options) = (files(text), Options::default());
        let beside =
            conf::load_beside(&files, "k.conf", &options, &self.director, &mut self.recall);
        let alone = conf::load(&files, "k.conf", &options);
        assert_eq!(beside.diagnostics, alone.diagnostics, "findings of\n{text}");
        assert_eq!(beside.director, alone.director, "director of\n{text}");
        assert_eq!(beside.ids, alone.ids, "ids of\n{text}");
        if let Some(director) = &beside.director {
            self.director.clone_from(director);
        }
        beside
    }
}

/// Whether each virtual server was taken over unread: then nobody knows where its real servers stand.
fn unread(loaded: &Loaded) -> Vec<bool> {
    let servers = loaded
        .director
        .iter()
        .flat_map(|director| &director.virtual_servers);
    let places = (0..).zip(servers).map(|(index, server)| {
        let (_, real) = loaded.places.virtual_server(index).unwrap();
        assert!(real.is_empty() || real.len() == server.real_servers.len());
        real.is_empty()
    });
    places.collect()
}

fn server(head: &str, real: &str) -> String {
    format!(
        "virtual_server {head} {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.9 80 {{\n{real}\n}}\n}}\n"
    )
}

#[test]
fn what_reads_as_before_and_looks_nowhere_else_is_not_read_again() {
    let checks = [
        ("weight 3", true),
        ("TCP_CHECK {\n}", true),
        ("HTTP_GET {\nurl {\npath /\n}\n}", true),
        ("MISC_CHECK {\nmisc_path /bin/true\n}", true),
        ("TCP_CHECK { # as the others\n}", true),
        ("notify_up \"/bin/sh -c 'true'\"", true),
        ("notify_up /bin/a\\ b", true),
        // It is a finding.
        ("TCP_CHECK {\nretry 9 9 9\nbananas\n}", false),
        // What these say is said elsewhere.
        ("weight $WEIGHT", false),
        ("FILE_CHECK {\ntrack_file health\n}", false),
        ("BFD_CHECK {\nname peer\n}", false),
        ("include weight.conf", false),
        ("\"TCP_CHECK\" { include timeout.conf\n}", false),
        ("weight 1\n~SEQ(i, 1, 1) notify_up /bin/$i", false),
        ("@other weight 4", false),
    ];
    for (real, want) in checks {
        let elsewhere = "$WEIGHT=2\ntrack_file health {\nfile /run/health\n}\nbfd_instance peer {\nneighbor_ip 192.0.2.50\n}\n";
        let text = format!("{elsewhere}{}", server("192.0.2.1 80", real));
        let mut reader = Reader::default();
        let first = reader.read(&text);
        assert_eq!(unread(&first), [false], "the first time {real}");
        let second = reader.read(&text);
        assert_eq!(unread(&second), [want], "the second time {real}");
        let moved = format!("# another line\n\n{text}");
        assert_eq!(unread(&reader.read(&moved)), [want], "moved {real}");
        let third = reader.read(&text.replace("protocol TCP", "protocol UDP"));
        assert_eq!(unread(&third), [false], "changed {real}");
    }
}

#[test]
fn a_group_is_read_again_as_its_members_stand_elsewhere() {
    let mut reader = Reader::default();
    for members in ["192.0.2.1 80", "192.0.2.1 80", "192.0.2.2 80"] {
        let group = format!("virtual_server_group web {{\n{members}\n}}\n");
        let loaded = reader.read(&(group + &server("group web", "weight 1")));
        assert_eq!(unread(&loaded), [false]);
    }
}

#[test]
fn what_surrounds_a_known_block_is_read_as_ever() {
    let a = server("192.0.2.1 80", "weight 1");
    let b = server("192.0.2.2 80", "weight 1");
    let good = format!("{a}{b}");
    let texts = [
        format!("{a}{a}"),
        format!("{a}}}\n{b}"),
        format!("{a}{{\n{b}"),
        format!("net_namespace one\n{a}{b}"),
        format!("net_namespace\n{a}{b}"),
        format!("global_defs {{\n{a}}}\n{b}"),
        format!("vrrp_instance x {{\n{a}{b}"),
        format!("{}{b}", a.trim_end()),
        format!("{} {b}", a.trim_end()),
        format!("{}\\\n{b}", a.trim_end()),
        format!("$A={good}"),
        format!("$A=\\\n{good}"),
        format!("  {a}\t{b}"),
        good.replace('\n', "\r\n"),
        good.replace("}\n}", "} }"),
        format!("include more.conf\n{good}"),
        format!("{}{good}", server("192.0.2.77 80", "weight 1")),
        format!(
            "{}include more.conf\n{good}",
            server("192.0.2.77 80", "weight 1")
        ),
        format!("{b}{a}"),
        format!("weight 3\n{a}weight 4\n{b}weight 5\n"),
        format!("{a}\u{feff}{b}"),
        format!("\u{feff}{a}{b}"),
        a[..a.len() - 1].to_owned(),
        a.replace("virtual_server", "virtual_servers"),
        good.replace("virtual_server ", "virtual_server\n"),
        a.replace(" {\nlb_algo", "\n{\nlb_algo"),
        format!("{a}{}", b.replace("weight", "weight\0")),
        String::new(),
    ];
    for text in &texts {
        let mut reader = Reader::default();
        for text in [&good, text, text, &good] {
            reader.read(text);
        }
    }
}

/// The text with one thing changed that people change, or that goes wrong.
fn changed(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = random.below(lines.len());
    let other = lines[random.below(lines.len())];
    match random.below(8) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, other),
        2 => lines[at] = other,
        3 => lines.truncate(at),
        4 => {
            let to = at + random.below(lines.len() - at);
            lines.drain(at..to);
        }
        5 => {
            let to = at + random.below(lines.len() - at);
            let again: Vec<&str> = lines[at..to].to_vec();
            lines.extend(again);
        }
        6 => {
            // The end of a line goes.
            lines[at] = lines[at].trim_end();
        }
        _ => {
            let mut bytes = text.as_bytes().to_vec();
            let at = random.below(bytes.len());
            bytes[at] = b"\0\"{}#$@~\n9\\ "[random.below(12)];
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    lines.concat()
}

#[test]
fn a_changed_file_reads_the_same_beside_the_one_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/lvs");
    if !corpus.exists() {
        eprintln!("skipped: {} is absent", corpus.display());
        return;
    }
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let seed = std::env::var("LVSCTL_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut paths: Vec<_> = fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let (mut trials, mut over) = (0, 0);
    for (nth, path) in paths.iter().enumerate() {
        let mut text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        for last in 1..4 {
            let head = format!("203.0.113.{last} 80");
            text.push_str(&server(&head, "TCP_CHECK {\n}\nnotify_up \"/bin/true up\""));
        }
        if text.len() > 8_000 {
            continue;
        }
        let mut random = Random::new(seed ^ ((nth as u64) << 32));
        let mut reader = Reader::default();
        reader.read(&text);
        let mut last = text.clone();
        for _ in 0..if soak { FEW * 200 } else { FEW } {
            // One change behind the other, and now and then from the beginning.
            let from = if random.once_in(4) { &text } else { &last };
            let next = changed(from, &mut random);
            let loaded = reader.read(&next);
            over += unread(&loaded).iter().filter(|unread| **unread).count();
            trials += 1;
            if loaded.director.is_some() && !next.is_empty() {
                last = next;
            }
        }
    }
    eprintln!("seed {seed}: {trials} changes, {over} virtual servers taken over unread");
    assert!(over > trials / 8, "hardly any was taken over");
}
