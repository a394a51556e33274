use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::history::History;
use crate::outcome::Outcome;
use crate::sequence::Channel;

/// Leaves a file where the host can see it.
pub fn keep(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lab/out/histories");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

/// Leaves the history as one that states what keepalived did.
pub fn keep_as_stated(history: &History, outcome: &Outcome) {
    let text = fs::read_to_string(&history.path).unwrap();
    let heads = Channel::ALL.map(|channel| format!("\n== {}\n", channel.name()));
    let ends = heads.iter().filter_map(|head| text.find(head));
    let end = ends.min().unwrap_or(text.len());
    let mut stated = format!("{}\n", text[..end].trim_end());
    for (channel, both) in &outcome.seen {
        let mut stood = both.theirs.iter().filter(|seen| !seen.passing).peekable();
        if stood.peek().is_some() {
            let _ = writeln!(stated, "\n== {}", channel.name());
        }
        for seen in stood {
            let _ = writeln!(stated, "{}", seen.what);
        }
    }
    keep(&format!("{}.history", history.name), &stated);
}
