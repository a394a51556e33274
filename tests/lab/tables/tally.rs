use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::judge::{Judgement, Verdict};
use crate::reading::Finding;

/// Files by what came of them.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub files: usize,
    pub refused: usize,
    identical: usize,
    different: usize,
    broken: usize,
    no_table: usize,
    empty: usize,
    /// Files by each reason they were refused for, and by what differs.
    reasons: BTreeMap<String, usize>,
}

impl Tally {
    pub fn count(&mut self, judgement: &Judgement) {
        self.files += 1;
        self.no_table += usize::from(judgement.theirs.is_err());
        self.empty += usize::from(judgement.theirs == Ok(0));
        let mut reasons: Vec<String> = Vec::new();
        match &judgement.ours {
            Verdict::Refused(findings) => {
                self.refused += 1;
                reasons.extend(findings.iter().map(Finding::attribute));
            }
            Verdict::Taken(found) if found.is_empty() => {
                self.identical += usize::from(judgement.theirs.is_ok());
            }
            Verdict::Taken(found) => {
                self.different += 1;
                reasons.extend(
                    found
                        .iter()
                        .map(|found| format!("differs in {}", found.attribute)),
                );
            }
            Verdict::Broken(_) => self.broken += 1,
        }
        reasons.sort();
        reasons.dedup();
        for reason in reasons {
            *self.reasons.entry(reason).or_default() += 1;
        }
    }

    /// How long a file takes, of so much time for all.
    pub fn pace(&self, taken: Duration) -> String {
        let files = u32::try_from(self.files.max(1)).unwrap();
        format!("{:.2} s a file", (taken / files).as_secs_f64())
    }

    /// The reasons with the number of files that have them, the most frequent first.
    pub fn reasons(&self) -> String {
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), *reason));
        let lines: Vec<String> = reasons
            .iter()
            .map(|(reason, count)| format!("{count:8}  {reason}"))
            .collect();
        lines.join("\n")
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:4} files: {:3} accepted, {:3} refused, {:3} identical, {:3} different, {:3} broken; by keepalived {} empty, {} without a table",
            self.files,
            self.files - self.refused - self.broken,
            self.refused,
            self.identical,
            self.different,
            self.broken,
            self.empty,
            self.no_table,
        )
    }
}
