//! How often each rule of the linter speaks over public configurations, per source, so that a
//! noisy one is seen.
#![expect(clippy::print_stdout, reason = "a benchmark reports")]
#![allow(clippy::unwrap_used, reason = "a benchmark may")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use lvsctl::conf::Disk;
use lvsctl::lint;

/// Of one rule at files of one source.
#[derive(Clone, Copy, Default)]
struct Count {
    files: u32,
    findings: u32,
}

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(manifest) = fs::read_to_string(corpus.join("MANIFEST.tsv")) else {
        return println!("skipped: {} is absent", corpus.display());
    };
    let mut lines = manifest.lines();
    let columns: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let column = |name| columns.iter().position(|column| *column == name).unwrap();
    let (file, source) = (column("file"), column("source"));
    let mut files: BTreeMap<&str, u32> = BTreeMap::new();
    let mut counts: BTreeMap<(&str, &str), Count> = BTreeMap::new();
    for line in lines {
        let row: Vec<&str> = line.split('\t').collect();
        *files.entry(row[source]).or_default() += 1;
        let mut seen = BTreeSet::new();
        let path = corpus.join(row[file]);
        for reading in lint::run(&Disk, path.to_str().unwrap(), &lint::Wanted::default()) {
            for finding in &reading.diagnostics {
                let code = finding.rule.code;
                let count = counts.entry((code, row[source])).or_default();
                count.findings += 1;
                count.files += u32::from(seen.insert(code));
            }
        }
    }
    print!("{:32} {:8}", "files with it (findings)", "");
    for (source, number) in &files {
        print!(" {:>16}", format!("{source} of {number}"));
    }
    println!();
    for rule in lint::rules() {
        print!("{:32} {:8}", rule.code, rule.severity.as_str());
        for source in files.keys() {
            let count = counts.get(&(rule.code, *source)).copied();
            let count = count.unwrap_or_default();
            print!(" {:>16}", format!("{} ({})", count.files, count.findings));
        }
        println!();
    }
}
