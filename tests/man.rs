//! The manual says what the program does: every option, exit status and keyword, and the schemas.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "man/mdoc.rs"]
mod mdoc;

use std::process::Command;

use lvsctl::conf::keyword::{Inside, KEYWORDS, Keyword};
use lvsctl::lint;

const MAN8: &str = include_str!("../man/lvsctl.8");
const MAN5: &str = include_str!("../man/lvsctl-keepalived.5");
const MAN7: &str = include_str!("../man/lvsctl-rules.7");

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_option_of_every_command_is_in_the_manual() {
    let mut seen = 0;
    for command in ["lint", "fmt", "plan", "apply", "daemon"] {
        assert!(MAN8.contains(&format!(".It Cm {command}\n")), "{command}");
        // Examples speak of other programs too: an option of ours begins its line.
        let help = help(&[command, "--help"]);
        let lines = help
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with('-'));
        for word in lines.flat_map(|line| line.split_whitespace().take(2)) {
            let Some(option) = word.trim_start_matches('[').strip_prefix("--") else {
                continue;
            };
            let option = option.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            if ["help", "version"].contains(&option) {
                continue;
            }
            assert!(
                MAN8.contains(&format!("Fl -{option}")),
                "{command} --{option}"
            );
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn every_option_of_the_manual_is_one_of_the_program() {
    let commands = ["lint", "fmt", "plan", "apply", "daemon"];
    let helps: String = commands
        .iter()
        .map(|command| help(&[command, "--help"]))
        .collect();
    for option in MAN8.split("Fl -").skip(1) {
        let end = option
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .unwrap();
        assert!(
            helps.contains(&format!("--{}", &option[..end])),
            "--{}",
            &option[..end]
        );
    }
}

/// The section of the manual that lists every keyword, made from the table.
fn keywords_section() -> String {
    let mut blocks: Vec<&str> = Vec::new();
    for keyword in KEYWORDS.iter() {
        if !blocks.contains(&keyword.block) {
            blocks.push(keyword.block);
        }
    }
    let mut section = String::new();
    for block in blocks {
        match block {
            "root" => section.push_str(".Ss Outside all blocks\n"),
            block => section.extend([".Ss In ", block, "\n"]),
        }
        section.push_str(".Bl -compact -tag -width Ds\n");
        let inside = KEYWORDS
            .iter()
            .copied()
            .filter(|keyword| keyword.block == block);
        section.extend(inside.map(entry));
        section.push_str(".El\n");
    }
    section
}

fn entry(keyword: &Keyword) -> String {
    let usage = match keyword.inside {
        Inside::Nothing => keyword.usage.to_owned(),
        Inside::Keywords(_) | Inside::Values(_) => {
            let before = keyword.usage.split('{').next().unwrap().trim_end();
            format!("{before} {{ ... }}").trim_start().to_owned()
        }
    };
    let usage = usage.replace("[IGNORED...]", "");
    let mut said = vec![match (keyword.apply, keyword.daemon) {
        (apply, daemon) if apply == daemon => apply.as_str().to_owned(),
        (apply, daemon) => format!("{}, daemon {}", apply.as_str(), daemon.as_str()),
    }];
    let unit = keyword
        .unit
        .map_or(String::new(), |unit| format!(" {unit}"));
    said.extend(keyword.range.map(|range| match range.most {
        Some(most) => format!("{} to {most}{unit}", range.least),
        None => format!("{} or more{unit}", range.least),
    }));
    said.extend(keyword.default.map(|default| format!("default {default}")));
    said.extend(keyword.since.map(|since| format!("since {since}")));
    said.extend(keyword.deprecated.map(|by| match by {
        Some(by) => format!("deprecated, use {by}"),
        None => "deprecated".to_owned(),
    }));
    let head = format!(".It Ic {} {usage}", keyword.word);
    format!("{}\n{}\n", head.trim_end(), said.join("; "))
}

const END: &str = ".\\\" End of what is made.\n";

/// Holds what a page has between its marks against `want`; `LVSCTL_WRITE=1` writes it anew.
fn is_made(name: &str, page: &str, start: &str, want: &str) {
    let (before, rest) = page.split_once(start).expect("the section begins");
    let (section, after) = rest.split_once(END).expect("the section ends");
    if section != want && std::env::var_os("LVSCTL_WRITE").is_some() {
        let path = format!("{}/man/{name}", env!("CARGO_MANIFEST_DIR"));
        return std::fs::write(path, format!("{before}{start}{want}{END}{after}")).unwrap();
    }
    assert!(
        section == want,
        "{name}: run it with LVSCTL_WRITE=1, then read the difference"
    );
}

#[test]
fn the_manual_lists_every_keyword_as_the_table_has_it() {
    let start = ".\\\" Made from grammar/keywords.tsv by tests/man.rs.\n";
    is_made("lvsctl-keepalived.5", MAN5, start, &keywords_section());
}

#[test]
fn the_manual_has_every_rule_as_its_doc_comment_says() {
    let start = ".\\\" Made from the rules by tests/man.rs.\n";
    let want = mdoc::sections(lint::rules());
    for line in help(&["lint", "--list-rules"]).lines() {
        let code = line.split_whitespace().next().unwrap();
        assert!(want.contains(&format!(".It Ic {code} Pq ")), "{code}");
    }
    is_made("lvsctl-rules.7", MAN7, start, &want);
}

/// Whether `value` has what `schema` requires, as far as the schemas here go.
fn fits(value: &serde_json::Value, schema: &serde_json::Value, root: &serde_json::Value) {
    use serde_json::Value;
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return fits(value, &root["$defs"][name], root);
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        assert!(
            value.get(key.as_str().unwrap()).is_some(),
            "{key} is missing in {value}"
        );
    }
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.contains(value), "{value} is none of {allowed:?}");
    }
    if let Some(constant) = schema.get("const") {
        assert_eq!(value, constant);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match &schema["type"] {
        Value::String(want) => assert_eq!(want, kind, "{value}"),
        Value::Array(want) => assert!(want.contains(&kind.into()), "{value}"),
        _ => {}
    }
    for item in value.as_array().into_iter().flatten() {
        fits(item, &schema["items"], root);
    }
    if let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    {
        for (key, value) in object {
            // A service is one of two shapes, each with its own keys.
            let shapes = schema["oneOf"].as_array().into_iter().flatten();
            let known = shapes.filter_map(|shape| shape["properties"].get(key));
            let known = properties.get(key).or(known.into_iter().next());
            fits(
                value,
                known.unwrap_or_else(|| panic!("{key} is not in the schema")),
                root,
            );
        }
    }
}

#[test]
fn what_machines_read_fits_its_schema() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/dr/dr-master.conf");
    let reject = concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/reject/mistakes.conf");
    let accept = concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/accept/forms.conf");
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let lint = parse(include_str!("../man/schema/lint.json"));
    let report = parse(&help(&["lint", "--format", "json", reject]));
    assert!(report["findings"].as_array().unwrap().len() > 10);
    fits(&report, &lint, &lint);
    let fixes = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/lint/mistakes/words-with-successors.conf"
    );
    let report = parse(&help(&["lint", "--format", "json", fixes]));
    let findings = report["findings"].as_array().unwrap();
    let with_fix = findings
        .iter()
        .filter(|finding| finding["fixes"][0].is_object());
    assert!(with_fix.count() > 2);
    fits(&report, &lint, &lint);
    let rules = parse(include_str!("../man/schema/rules.json"));
    for arguments in [&["--list-rules"][..], &["--explain", "bad-port"]] {
        let report = parse(&help(&[&["lint", "--format", "json"], arguments].concat()));
        assert!(!report["rules"].as_array().unwrap().is_empty());
        fits(&report, &rules, &rules);
    }
    let plan = parse(include_str!("../man/schema/plan.json"));
    let report = parse(&help(&[
        "plan", "--format", "json", "--from", example, accept,
    ]));
    assert!(report["steps"].as_array().unwrap().len() > 4);
    fits(&report, &plan, &plan);
}
