//! The manual says what the program does: every option, exit status and keyword, and the schemas.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::process::Command;

use lvsctl::conf::keyword::{KEYWORDS, Support};

const MAN8: &str = include_str!("../man/lvsctl.8");
const MAN5: &str = include_str!("../man/lvsctl-keepalived.5");

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
    for command in ["lint", "plan", "apply", "daemon"] {
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
    let commands = ["lint", "plan", "apply", "daemon"];
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

#[test]
fn every_keyword_is_in_the_manual_with_what_is_done_with_it() {
    for ((block, word), keyword) in KEYWORDS.iter() {
        let support = match keyword.support {
            Support::Acts => "acts",
            Support::Accepts => "accepts",
            Support::Warns => "warns",
            Support::Refuses => "refuses",
            Support::Foreign => "foreign",
        };
        let title = match *block {
            "root" => ".Ss Outside all blocks\n".to_owned(),
            block => format!(".Ss In {block}\n"),
        };
        let section = MAN5
            .split(&title)
            .nth(1)
            .unwrap_or_else(|| panic!("no section {title}"));
        let section = section.split(".El").next().unwrap();
        let entry = section
            .split(".It Ic ")
            .find(|entry| entry.split([' ', '\n']).next() == Some(*word));
        let entry = entry.unwrap_or_else(|| panic!("{word} of {block} is missing"));
        let said = entry.lines().nth(1).unwrap();
        assert_eq!(said.split(';').next(), Some(support), "{word} of {block}");
    }
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
    let plan = parse(include_str!("../man/schema/plan.json"));
    let report = parse(&help(&[
        "plan", "--format", "json", "--from", example, accept,
    ]));
    assert!(report["steps"].as_array().unwrap().len() > 4);
    fits(&report, &plan, &plan);
}
