//! Folders of `tests/lint/peer`: each file is one director's, and states what `--peer` finds in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use lvsctl::conf::{Disk, Memory};
use lvsctl::lint::{self, Disagreements};

use super::stated::{Stated, expected};

/// Each folder, with its files.
fn cases() -> Vec<(String, Vec<String>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint/peer");
    let within = |folder: PathBuf| {
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> = paths.collect();
        paths.sort();
        paths
    };
    let cases = within(folder.into()).into_iter().map(|case| {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let files = within(case).into_iter();
        let files = files.map(|path| path.to_str().unwrap().to_owned());
        (name, files.collect())
    });
    cases.collect()
}

/// What was found in one file and not stated, or stated and not found.
fn differences(found: &Disagreements, path: &str) -> Vec<String> {
    let mut stated: Vec<Stated> = expected(&fs::read_to_string(path).unwrap());
    let mut different = Vec::new();
    let findings = &found.findings;
    for finding in &findings.diagnostics {
        let place = findings.sources.place(finding.primary.span);
        if place.file != *path {
            continue;
        }
        let same = |(line, column, code): &Stated| {
            *line == place.line
                && code == finding.rule.code
                && column.is_none_or(|column| column == place.column)
        };
        match stated.iter().position(same) {
            Some(at) => drop(stated.swap_remove(at)),
            None => different.push(format!(
                "found {} at {place}:{}: {}",
                finding.rule.code, place.column, finding.primary.text
            )),
        }
    }
    let missing = stated.into_iter();
    different.extend(missing.map(|stated| format!("{path}: stated, not found: {stated:?}")));
    different
}

#[test]
fn directors_disagree_where_their_files_state_it() {
    let mut all = Vec::new();
    for (case, files) in cases() {
        let found = lint::disagreements(&Disk, &files).unwrap();
        for path in &files {
            all.extend(differences(&found, path));
        }
        assert!(found.aside.is_empty(), "{case}: {:?}", found.aside);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_disagreement_shows_a_place_in_each_of_two_files() {
    for (case, files) in cases() {
        let Disagreements { findings, .. } = lint::disagreements(&Disk, &files).unwrap();
        for finding in &findings.diagnostics {
            let primary = findings.sources.place(finding.primary.span);
            let mut others = finding.context.iter();
            let other = others.any(|label| {
                let place = findings.sources.place(label.span);
                place.file != primary.file || files.len() == 1
            });
            assert!(other, "{case}: {} at {primary}", finding.rule.code);
        }
    }
}

#[test]
fn every_rule_that_compares_has_a_case_in_which_it_is_found() {
    let mut stated = BTreeSet::new();
    for path in cases().into_iter().flat_map(|(_, files)| files) {
        let all = expected(&fs::read_to_string(path).unwrap());
        stated.extend(all.into_iter().map(|(_, _, code)| code));
    }
    let rules = lint::rules()
        .into_iter()
        .filter(|rule| rule.code.starts_with("peer-"));
    let missing: Vec<&str> = rules
        .map(|rule| rule.code)
        .filter(|code| !stated.contains(*code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_director_whose_file_is_refused_is_compared_in_its_vrrp_half_alone() {
    let good = "virtual_server 192.0.2.5 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 192.0.2.11 80 {\n }\n}\nvrrp_instance a {\n interface eth0\n virtual_router_id 5\n priority 150\n virtual_ipaddress {\n 192.0.2.5\n }\n}\n";
    let bad = good.replace("192.0.2.11 80", "192.0.2.300 80");
    let bad = bad.replace("priority 150", "priority 100");
    let bad = bad.replace("_id 5", "_id 6");
    let named = [("a.conf", good.to_owned()), ("b.conf", bad)];
    let paths: Vec<String> = named.iter().map(|(name, _)| (*name).to_owned()).collect();
    let files = named.map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let found = lint::disagreements(&Memory(files.into()), &paths).unwrap();
    let codes: Vec<&str> = found
        .findings
        .diagnostics
        .iter()
        .map(|finding| finding.rule.code)
        .collect();
    assert_eq!(codes, ["peer-router-id-differs"]);
    assert_eq!(found.aside, ["in b.conf"]);
}

#[test]
fn one_file_for_all_is_compared_by_the_hosts_it_names_and_else_not_at_all() {
    let one = |text: &str| {
        let files = [("k.conf".to_owned(), text.as_bytes().to_vec())];
        lint::disagreements(&Memory(files.into()), &["k.conf".to_owned()])
    };
    assert!(one("vrrp_instance a {\n}\n").is_none());
    assert!(one("vrrp_instance a {\n@one priority 1\n}\n").is_some());
}

/// Both files of every case, cut off at every 97th byte.
#[test]
fn damaged_files_are_compared_without_panic() {
    for (_, files) in cases() {
        let texts: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
        let longest = texts.iter().map(Vec::len).max().unwrap();
        for at in (0..longest).step_by(97) {
            for damaged in 0..texts.len() {
                let text = |index: usize| {
                    let end = if index == damaged { at } else { usize::MAX };
                    texts[index][..end.min(texts[index].len())].to_vec()
                };
                let named = (0..texts.len()).map(|index| (format!("{index}.conf"), text(index)));
                let named: std::collections::BTreeMap<String, Vec<u8>> = named.collect();
                let paths: Vec<String> = named.keys().cloned().collect();
                let Some(found) = lint::disagreements(&Memory(named), &paths) else {
                    continue;
                };
                for finding in &found.findings.diagnostics {
                    let span = finding.primary.span;
                    let length = found.findings.sources.get(span.source).bytes.len();
                    assert!(span.start <= span.end && span.end as usize <= length);
                }
            }
        }
    }
}
