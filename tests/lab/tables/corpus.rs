use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::draw::random::Random;
use crate::judge::judge;
use crate::ledger::Ledger;
use crate::options::Options;
use crate::tally::Tally;

/// So many files in a sample.
const SAMPLE: usize = 40;
/// With 30,000 real servers each, which takes minutes: no part of a sample.
const LONG: [&str; 2] = ["lvs/143.conf", "lvs/144.conf"];
/// What takes longer is told.
const SLOW: Duration = Duration::from_secs(10);

/// Files that people have, each with where it is from.
pub fn run(bench: &Bench, options: &Options, ledger: &mut Ledger) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(manifest) = fs::read_to_string(folder.join("MANIFEST.tsv")) else {
        return println!("skipped: {} is absent", folder.display());
    };
    let folder = folder.canonicalize().unwrap();
    let mut files = listed(&folder, &manifest);
    files.retain(|file| options.wants(&file.name));
    let all = files.len();
    if !options.soak && options.only.is_none() {
        files.retain(|file| !LONG.contains(&file.name.as_str()));
        Random::new(options.seed).shuffle(&mut files);
        files.truncate(SAMPLE);
        files.sort_by(|a, b| a.name.cmp(&b.name));
    }
    println!(
        "corpus: {} of {all} files that hold a virtual server",
        files.len()
    );
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for file in files {
        let start = Instant::now();
        let judgement = judge(bench, file.path.to_str().unwrap());
        if start.elapsed() > SLOW {
            println!("{} took {:.0?}", file.name, start.elapsed());
        }
        let known = ledger.knows(&file.name, judgement.attributes());
        if !known || options.only.is_some() {
            print!("{}\n{judgement}", file.name);
        }
        tallies.entry(file.source()).or_default().count(&judgement);
    }
    for (source, tally) in &tallies {
        println!("corpus: {source:16} {tally}");
    }
    for (source, tally) in &tallies {
        println!(
            "corpus: {source}: {} of {} refused\n{}",
            tally.refused,
            tally.files,
            tally.reasons()
        );
    }
}

struct Listed {
    /// As the manifest names it.
    name: String,
    path: PathBuf,
    /// wild, family or pqa.
    class: String,
}

impl Listed {
    fn source(&self) -> String {
        let (folder, _) = self.name.split_once('/').unwrap_or_default();
        format!("{folder} {}", self.class)
    }
}

/// Whole configurations and snippets in which a virtual server is written.
fn listed(folder: &Path, manifest: &str) -> Vec<Listed> {
    let mut lines = manifest.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name| head.iter().position(|head| *head == name).expect(name);
    let (file, source) = (column("file"), column("source"));
    let listed = lines.filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let name = fields[file];
        let of_interest = name.starts_with("lvs/") || name.starts_with("snippets/");
        let path = folder.join(name);
        (of_interest && holds_a_virtual_server(&path)).then(|| Listed {
            name: name.to_owned(),
            path,
            class: fields[source].to_owned(),
        })
    });
    listed.collect()
}

fn holds_a_virtual_server(path: &Path) -> bool {
    let text = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let text = String::from_utf8_lossy(&text);
    text.lines().any(|line| {
        let line = line.split(['#', '!']).next().unwrap_or_default();
        line.split_whitespace().any(|word| word == "virtual_server")
    })
}
