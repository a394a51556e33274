use super::{Answer, Ended};

const TABLE: &str = include_str!("differences.tsv");

/// Why keepalived and lvsctl need not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    /// What keepalived says counts for nothing.
    Says,
    /// What lvsctl says counts for nothing.
    Stricter,
    /// The file counts for nothing.
    Unjudged,
}

struct Entry {
    list: List,
    /// A message with `*` for any text, or a code.
    what: &'static str,
    file: Option<&'static str>,
    needed: bool,
}

/// The table, and which of its entries some file needed.
pub(crate) struct Differences {
    entries: Vec<Entry>,
}

impl Differences {
    pub(crate) fn read() -> Self {
        let rows = TABLE.lines().skip(1).map(|row| {
            let columns: Vec<&'static str> = row.split('\t').collect();
            let [list, what, file, reason] = *columns.as_slice() else {
                panic!("four columns: {row}");
            };
            assert!(reason.split_whitespace().count() > 3, "a reason: {row}");
            Entry {
                list: match list {
                    "host" | "defect" => List::Says,
                    "stricter" => List::Stricter,
                    "unjudged" => List::Unjudged,
                    other => panic!("no list {other}"),
                },
                what,
                file: (file != "-").then_some(file),
                needed: false,
            }
        });
        Self {
            entries: rows.collect(),
        }
    }

    /// Whether both agree on a file; what the table had to do with it is noted.
    pub(crate) fn judge(&mut self, answer: &Answer, codes: &[&str]) -> Result<(), String> {
        if !self.agree(answer, codes, None) {
            let left: Vec<&String> = answer.messages.iter().take(3).collect();
            return Err(format!(
                "{}: keepalived {:?} {left:?}, lvsctl {codes:?}",
                answer.file, answer.ended
            ));
        }
        for index in 0..self.entries.len() {
            if !self.entries[index].needed && !self.agree(answer, codes, Some(index)) {
                self.entries[index].needed = true;
            }
        }
        Ok(())
    }

    /// Whether both agree, perhaps without one entry.
    fn agree(&self, answer: &Answer, codes: &[&str], without: Option<usize>) -> bool {
        let counts_for_nothing = |list: List, what: &str| {
            self.entries.iter().enumerate().any(|(index, entry)| {
                Some(index) != without
                    && entry.list == list
                    && entry.file.is_none_or(|file| file == answer.file)
                    && matches(entry.what, what)
            })
        };
        if counts_for_nothing(List::Unjudged, "") {
            return true;
        }
        let mut says = answer.messages.iter();
        let found = codes
            .iter()
            .any(|code| !counts_for_nothing(List::Stricter, code));
        let said = says.any(|message| !counts_for_nothing(List::Says, message));
        match answer.ended {
            Ended::Never => false,
            Ended::Clean => !found,
            Ended::Findings if answer.messages.is_empty() => found,
            // Where an interface is missing keepalived ends before it has looked at everything.
            Ended::Findings if answer.messages.iter().any(|message| message == CUT_SHORT) => {
                found || !said
            }
            Ended::Findings => found == said,
        }
    }

    /// Entries that no file needed.
    pub(crate) fn needless(&self) -> Vec<String> {
        let needless = self.entries.iter().filter(|entry| !entry.needed);
        needless
            .map(|entry| format!("{} {}", entry.what, entry.file.unwrap_or("-")))
            .collect()
    }
}

const CUT_SHORT: &str = "Non-existent interface specified in configuration";

/// Whether a text is a pattern, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.into_iter().any(|at| matches(tail, &rest[at..]))
        }),
    }
}
