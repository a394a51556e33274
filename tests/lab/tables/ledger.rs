use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::options::Options;

/// The differences from keepalived that are known, each with its reason.
///
/// A line is `file difference reason`: the name of what was compared, or `*` for any; what differs,
/// in the words of who compares; why that is right.
pub struct Ledger {
    path: &'static str,
    entries: BTreeMap<(String, String), Entry>,
    /// What was found and stands in no line.
    unknown: Vec<(String, String)>,
}

struct Entry {
    used: usize,
}

impl Ledger {
    /// `path` is from the root of the repository.
    pub fn read(path: &'static str) -> Self {
        let text = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = fs::read_to_string(text).unwrap();
        let mut entries = BTreeMap::new();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [file, attribute, reason] = fields[..] else {
                panic!("{path}: {line:?} has not three fields");
            };
            assert!(!reason.is_empty(), "{path}: {line:?} gives no reason");
            let before = entries.insert((file.to_owned(), attribute.to_owned()), Entry { used: 0 });
            assert!(before.is_none(), "{path}: {line:?} is there twice");
        }
        Self {
            path,
            entries,
            unknown: Vec::new(),
        }
    }

    /// Whether all that a file shows is known.
    pub fn knows(&mut self, file: &str, differences: impl IntoIterator<Item = String>) -> bool {
        let mut all = true;
        for attribute in differences {
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
        let path = self.path;
        let whole = options.soak && options.only.is_none();
        let left_over = |(_, entry): &(_, &Entry)| whole && entry.used == 0;
        let unused = self.entries.iter().filter(left_over);
        let unused: Vec<_> = unused
            .map(|((file, attribute), _)| format!("{file}\t{attribute}"))
            .collect();
        if !unused.is_empty() {
            let count = unused.len();
            println!(
                "{count} lines of {path} that no run needs:\n{}",
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
            println!("{} differences that are not in {path}:", unknown.len());
        }
        for line in unknown {
            println!("{line}");
        }
        assert!(agree, "{path} does not say how the tables differ");
    }
}
