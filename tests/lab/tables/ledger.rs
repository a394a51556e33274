use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::judge::Judgement;
use crate::options::Options;

/// The differences from keepalived that are known, each with its reason.
///
/// A line is `file attribute reason`, where the file is as the corpus names it, `drawn`, or `*`
/// for any, and the attribute is one of the table, or `refused CODE WORD`.
pub struct Ledger {
    entries: BTreeMap<(String, String), Entry>,
    /// What was found and stands in no line.
    unknown: Vec<(String, String)>,
}

struct Entry {
    used: usize,
}

const PATH: &str = "tests/lab/tables/differences.tsv";

impl Ledger {
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH);
        let text = fs::read_to_string(path).unwrap();
        let mut entries = BTreeMap::new();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [file, attribute, reason] = fields[..] else {
                panic!("{PATH}: {line:?} has not three fields");
            };
            assert!(!reason.is_empty(), "{PATH}: {line:?} gives no reason");
            let before = entries.insert((file.to_owned(), attribute.to_owned()), Entry { used: 0 });
            assert!(before.is_none(), "{PATH}: {line:?} is there twice");
        }
        Self {
            entries,
            unknown: Vec::new(),
        }
    }

    /// Whether all that a file shows is known.
    pub fn knows(&mut self, file: &str, judgement: &Judgement) -> bool {
        let mut all = true;
        for attribute in judgement.attributes() {
            let any = ("*".to_owned(), attribute.clone());
            let own = (file.to_owned(), attribute);
            let mut known = false;
            for key in [&own, &any] {
                if let Some(entry) = self.entries.get_mut(key) {
                    entry.used += 1;
                    known = true;
                }
            }
            if !known {
                self.unknown.push(own);
                all = false;
            }
        }
        all
    }

    /// Says what is missing and what is left over, and fails where there is any.
    pub fn close(self, options: &Options) {
        let whole = options.soak && options.only.is_none();
        let left_over = |(_, entry): &(_, &Entry)| whole && entry.used == 0;
        let unused = self.entries.iter().filter(left_over);
        let unused: Vec<_> = unused
            .map(|((file, attribute), _)| format!("{file}\t{attribute}"))
            .collect();
        if !unused.is_empty() {
            let count = unused.len();
            println!(
                "{count} lines of {PATH} that no run needs:\n{}",
                unused.join("\n")
            );
        }
        let unknown: BTreeSet<String> = self
            .unknown
            .iter()
            .map(|(file, attribute)| format!("{file}\t{attribute}\t"))
            .collect();
        let agree = unknown.is_empty() && unused.is_empty();
        if !unknown.is_empty() {
            println!("{} differences that are not in {PATH}:", unknown.len());
        }
        for line in unknown {
            println!("{line}");
        }
        assert!(agree, "{PATH} does not say how the tables differ");
    }
}
