use std::collections::BTreeSet;

use super::Drawn;
use crate::keywords;

/// What a run did not draw, read from what it drew: every keyword that acts on the table must be
/// there, and every range at both ends.
pub fn missing(drawn: &[Drawn]) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for drawn in drawn {
        collect(&drawn.text, &mut lines);
    }
    let mut missing = Vec::new();
    for block in [
        "virtual_server_group",
        "virtual_server",
        "real_server",
        "global_defs",
    ] {
        let timeouts = |word: &str| block != "global_defs" || word == "lvs_timeouts";
        for row in keywords::acting(block).filter(|row| timeouts(row.word)) {
            let has = |argument: Option<&str>| {
                lines
                    .iter()
                    .any(|(b, word, arguments): &(String, String, Vec<String>)| {
                        *b == block
                            && *word == row.word
                            && argument.is_none_or(|end| arguments.iter().any(|word| word == end))
                    })
            };
            if !has(None) {
                missing.push(format!("{block} {}", row.word));
            }
            let untouched = keywords::ends(row)
                .into_iter()
                .filter(|end| !has(Some(end)));
            missing.extend(untouched.map(|end| format!("{block} {} {end}", row.word)));
        }
    }
    missing
}

/// Every line with the block it stands in.
fn collect(text: &str, lines: &mut BTreeSet<(String, String, Vec<String>)>) {
    let mut blocks = vec!["root".to_owned()];
    for line in text.lines() {
        let mut words = line.split_whitespace().map(str::to_owned);
        let Some(first) = words.next() else { continue };
        if first == "}" {
            blocks.pop();
            continue;
        }
        let arguments: Vec<String> = words.collect();
        let opens = arguments.last().is_some_and(|word| word == "{");
        let block = blocks.last().map_or("root", String::as_str);
        lines.insert((block.to_owned(), first.clone(), arguments));
        if opens {
            blocks.push(first);
        }
    }
}
