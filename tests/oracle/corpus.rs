use std::fs;

use super::{Answer, Ended, manifest};

/// What keepalived said of every file of the corpus, in a namespace with the interfaces that the
/// file names; `None` where there is no corpus.
pub(crate) fn answers() -> Option<Vec<Answer>> {
    let folder = manifest().join("../shared/corpus");
    let Ok(table) = fs::read_to_string(folder.join("oracle.tsv")) else {
        eprintln!("skipped: there is no {}/oracle.tsv", folder.display());
        return None;
    };
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next()?.split('\t').collect();
    let column = |name: &str| names.iter().position(|known| *known == name).unwrap();
    let (file, status, messages) = (
        column("file"),
        column("rc_ifaces"),
        column("messages_ifaces"),
    );
    let answer = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        assert_eq!(columns.len(), names.len(), "{line}");
        Answer {
            file: columns[file].to_owned(),
            path: folder.join(columns[file]),
            ended: match columns[status].parse().unwrap() {
                0 => Ended::Clean,
                124 | i32::MIN..0 => Ended::Never,
                _ => Ended::Findings,
            },
            messages: messages_of(columns[messages]),
        }
    };
    Some(lines.map(answer).collect())
}

fn messages_of(column: &str) -> Vec<String> {
    let messages = column.split(" ⏎ ").filter(|message| !message.is_empty());
    messages
        .map(|message| without_place(message).to_owned())
        .collect()
}

/// A message without `(Line 5)` or `(FILE: Line 5)` in front.
pub(crate) fn without_place(message: &str) -> &str {
    let message = message.trim_start();
    let placed = message
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "));
    match placed {
        Some((place, rest)) if place.contains("Line ") => rest,
        _ => message,
    }
}
