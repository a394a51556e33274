use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::size::Size;

/// Seconds of everything that was measured, a value for each round.
#[derive(Default)]
pub struct Seconds(BTreeMap<String, Vec<f64>>);

/// In the order of the report.
const ORDER: [&str; 16] = [
    "a process",
    "lvsctl --version",
    "lvsctl apply",
    "  read",
    "  plan",
    "  program",
    "  verify",
    "unchanged",
    "one weight",
    "reload",
    "bare replay",
    "bare read-back",
    "ipvsadm -R",
    "keepalived start",
    "keepalived reload",
    "replay + read-back",
];

/// Above, below, and what is asked for.
const RATIOS: [(&str, &str, &str); 10] = [
    ("  program", "bare replay", "at most 1.25"),
    ("lvsctl apply", "replay + read-back", "at most 1.5"),
    ("ipvsadm -R", "lvsctl apply", "at least 10"),
    (
        "ipvsadm -R",
        "replay + read-back",
        "what the kernel leaves of it",
    ),
    ("keepalived start", "lvsctl apply", "at least 4"),
    (
        "keepalived start",
        "replay + read-back",
        "what the kernel leaves of it",
    ),
    ("keepalived reload", "one weight", "at least 10"),
    (
        "keepalived reload",
        "a process",
        "what starting a process leaves of it",
    ),
    ("keepalived reload", "reload", ""),
    ("keepalived reload", "unchanged", ""),
];

impl Seconds {
    pub fn add(&mut self, name: &str, seconds: f64) {
        self.0.entry(name.to_owned()).or_default().push(seconds);
    }

    pub fn median(&self, name: &str) -> f64 {
        if name == "replay + read-back" {
            return self.median("bare replay") + self.median("bare read-back");
        }
        let mut sorted = self.0[name].clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::json!(self.0)
    }

    pub fn report(&self, size: &Size) -> String {
        let mut text = format!(
            "{size} into an empty table, seconds, medians of {} in one boot (of others: {}), \
             programs at the same addresses at every start\n",
            size.rounds, size.rounds_of_others
        );
        for name in ORDER {
            let _ = writeln!(text, "{name:24} {:8.3}", self.median(name));
        }
        for (above, below, asked) in RATIOS {
            let ratio = self.median(above) / self.median(below);
            let name = format!("{} / {}", above.trim(), below.trim());
            let _ = writeln!(text, "{name:40} {ratio:7.2}  {asked}");
        }
        text.push_str(
            "no changing command where nothing changed, one for one weight: seen by strace\n",
        );
        text
    }
}
