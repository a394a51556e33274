//! The binary as an operator meets it: streams, exit statuses, sentences. No kernel is needed.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn example() -> String {
    format!("{}/examples/dr/dr-master.conf", env!("CARGO_MANIFEST_DIR"))
}

fn lvsctl(arguments: &[&str]) -> Output {
    with_input(arguments, b"")
}

fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read has gone before all is written.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A file of its own for a test.
fn file(name: &str, contents: &str) -> String {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = dir.join(format!("cli-{name}"));
    std::fs::write(&path, contents).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn lint_is_quiet_on_a_clean_file() {
    // As the example stands keepalived cuts its password, and lint says so.
    let example = std::fs::read_to_string(example()).unwrap();
    let clean = file("clean.conf", &example.replace("Venezuela21", "Venezuel"));
    let output = lvsctl(&["lint", &clean]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        (String::new(), String::new())
    );
}

#[test]
fn lint_shows_the_line_with_a_caret_under_the_fault() {
    let output = with_input(
        &["lint", "-"],
        b"virtual_server 192.0.2.1 80 {\n\tdelay_lop 6\n}\n",
    );
    let want = "\
error[no-real-server]: a virtual server has no real server
 --> standard input:1:1
  |
1 | virtual_server 192.0.2.1 80 {
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^ its block names none
  = note: keepalived drops the virtual server
";
    let said = text(&output.stdout);
    assert!(said.contains(want), "{said}");
    let want = "\
warning[unknown-keyword]: no such keyword in this block
 --> standard input:2:2
  |
2 |     delay_lop 6
  |     ^^^^^^^^^ delay_lop is unknown in virtual_server
  = note: keepalived ignores the line, and so does lvsctl
  = help: did you mean delay_loop?
";
    assert!(said.contains(want), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_warning_alone_does_not_fail_lint() {
    let conf = std::fs::read_to_string(example())
        .unwrap()
        .replace("\tlb_algo rr\n", "");
    let output = lvsctl(&["lint", &file("warning.conf", &conf)]);
    assert!(text(&output.stdout).contains("warning[scheduler-unset]"));
    assert_eq!(output.status.code(), Some(0));
}

/// The two directors of the example.
fn directors() -> [String; 2] {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/dr");
    ["master", "backup"].map(|name| format!("{folder}/dr-{name}.conf"))
}

#[test]
fn directors_that_agree_are_told_nothing_with_peer() {
    let [master, backup] = directors();
    let alone = lvsctl(&["lint", &master, &backup]);
    assert_eq!(text(&alone.stdout).matches("auth-pass-too-long").count(), 2);
    let peers = lvsctl(&["lint", "--peer", &master, &backup]);
    assert_eq!(text(&peers.stdout), "");
    assert_eq!(text(&peers.stderr), "");
    assert_eq!(peers.status.code(), Some(0));
}

#[test]
fn directors_that_disagree_are_shown_at_both_places() {
    let [master, backup] = directors();
    let changed = std::fs::read_to_string(backup).unwrap();
    let changed = changed.replace("virtual_router_id 21", "virtual_router_id 12");
    let backup = file("peer.conf", &changed);
    let output = lvsctl(&["lint", "--peer", &master, &backup]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    for place in [
        format!(" --> {backup}:13:20\n"),
        format!(" ::: {master}:13:20\n"),
    ] {
        assert!(shown.contains(&place), "{shown}");
    }
    assert!(!shown.contains("auth-pass-too-long"), "{shown}");

    let output = lvsctl(&["lint", "--format", "json", "--peer", &master, &backup]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = found["findings"].as_array().unwrap();
    let mut ids = findings
        .iter()
        .filter(|finding| finding["code"] == "peer-router-id-differs");
    let finding = ids.next().unwrap();
    assert_eq!(finding["file"], backup.as_str());
    assert_eq!(finding["related"][0]["file"], master.as_str());
    assert!(ids.next().is_none());
}

#[test]
fn peer_wants_something_to_compare() {
    let [master, _] = directors();
    let output = lvsctl(&["lint", "--peer", &master]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    assert!(text(&output.stderr).contains("remedy: name the file of each director"));

    // One file for all hosts, whose conditional lines name them.
    let both = "vrrp_instance a {\ninterface eth0\n@one virtual_router_id 5\n@two virtual_router_id 6\nvirtual_ipaddress {\n192.0.2.5\n}\n@one priority 9\n@two priority 8\n}\n";
    let output = with_input(&["lint", "--peer", "-"], both.as_bytes());
    let shown = text(&output.stdout);
    assert!(shown.contains("peer-router-id-differs"), "{shown}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_command_line_decides_how_bad_a_finding_is() {
    // Without a scheduler and with a word that nobody knows: two warnings.
    let conf = std::fs::read_to_string(example()).unwrap();
    let conf = conf
        .replace("Venezuela21", "Venezuel")
        .replace("\tlb_algo rr\n", "\tcolour blue\n");
    let path = file("levels.conf", &conf);
    let cases: [(&[&str], Option<i32>, &[&str]); 7] = [
        (
            &[],
            Some(0),
            &["warning[scheduler-unset]", "warning[unknown-keyword]"],
        ),
        (
            &["--deny", "warnings"],
            Some(1),
            &["error[scheduler-unset]", "error[unknown-keyword]"],
        ),
        (
            &["--deny", "scheduler-unset"],
            Some(1),
            &["error[scheduler-unset]", "warning[unknown-keyword]"],
        ),
        (
            &[
                "--deny",
                "warnings",
                "--warn",
                "scheduler-unset",
                "--allow",
                "unknown-keyword",
            ],
            Some(0),
            &["warning[scheduler-unset]"],
        ),
        (&["--allow", "warnings"], Some(0), &[]),
        (&["--deny", "scheduler-unsat"], Some(2), &[]),
        (
            &["--deny", "scheduler-unset", "--allow", "scheduler-unset"],
            Some(2),
            &[],
        ),
    ];
    for (options, status, heads) in cases {
        let output = lvsctl(&[&["lint"], options, &[&path]].concat());
        assert_eq!(output.status.code(), status, "{options:?}");
        let said = text(&output.stdout);
        let found = said.lines().filter(|line| line.contains("]: "));
        let found: Vec<&str> = found.map(|line| line.split(": ").next().unwrap()).collect();
        assert_eq!(found, heads, "{options:?}");
    }
    let output = lvsctl(&["lint", "--deny", "scheduler-unsat", &path]);
    assert!(text(&output.stderr).contains("did you mean scheduler-unset?"));
}

#[test]
fn a_baseline_hides_what_was_there_wherever_it_moved() {
    let name = "baseline.conf";
    let conf = "vrrp_script check {\n script /bin/true\n colour blue\n colour blue\n}\n";
    let path = file(name, conf);
    let before = lvsctl(&["lint", "--format", "json", &path]);
    let baseline = file("baseline.json", &text(&before.stdout));
    let lint = || lvsctl(&["lint", "--baseline", &baseline, &path]);
    assert_eq!(text(&lint().stdout), "");
    file(name, &format!("\n\n# lines move\n{conf}"));
    assert_eq!(text(&lint().stdout), "");
    // A third one, and one of another kind, are new.
    file(
        name,
        &conf.replace(
            " colour blue\n}",
            " colour blue\n colour blue\n shape round\n}",
        ),
    );
    let after = text(&lint().stdout);
    assert_eq!(after.matches("colour is unknown").count(), 1, "{after}");
    assert_eq!(after.matches("shape is unknown").count(), 1, "{after}");
    for (wrong, want) in [
        (
            file("no-baseline.json", "{}"),
            "is no answer of lvsctl lint --format json",
        ),
        ("/nowhere.json".to_owned(), "No such file"),
    ] {
        let output = lvsctl(&["lint", "--baseline", &wrong, &path]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stderr).contains(want),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn lint_looks_at_the_machine_only_when_told() {
    let script = b"vrrp_script web {\n\tscript \"/nowhere/check 1\"\n}\n";
    let output = with_input(&["lint", "--host", "-"], script);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!((output.status.code(), err.as_str()), (Some(0), ""));
    assert!(out.contains("warning[script-missing]"), "{out}");
    assert!(out.contains(" --> standard input:2:9\n"), "{out}");
    let output = with_input(&["lint", "-"], script);
    assert!(!text(&output.stdout).contains("script-missing"));
}

#[test]
fn lint_names_what_a_release_does_not_know_where_one_is_named() {
    let conf = b"global_defs {\n    startup_script /bin/true\n    json_version 2\n}\n";
    let newer = |target: &[&str]| {
        let args = [&["lint", "--format", "json"], target, &["-"]].concat();
        let report: serde_json::Value =
            serde_json::from_slice(&with_input(&args, conf).stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().clone();
        let newer = findings
            .iter()
            .filter(|finding| finding["code"] == "newer-than-target");
        let lines = newer.map(|finding| finding["start"]["line"].as_u64().unwrap());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(newer(&["--target", "2.0"]), [2, 3]);
    assert_eq!(newer(&["--target", "2.2"]), [3]);
    assert_eq!(newer(&["--target", "2.4"]), [0_u64; 0]);
    assert_eq!(newer(&[]), [0_u64; 0]);
}

#[test]
fn lint_that_cannot_read_ends_with_2() {
    let folder = env!("CARGO_MANIFEST_DIR");
    for (path, want) in [
        ("/nowhere.conf", "there is no such file"),
        (folder, "it is a directory"),
    ] {
        let output = lvsctl(&["lint", path]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        assert!(
            text(&output.stdout).contains(want),
            "{}",
            text(&output.stdout)
        );
    }
}

#[test]
fn lint_as_json_counts_from_one_and_bytes_from_zero() {
    let output = with_input(
        &["lint", "--format", "json", "-"],
        "# é\n  ü 1\n".as_bytes(),
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["version"], 1);
    let finding = &report["findings"][0];
    assert_eq!(finding["code"], "unknown-keyword");
    assert_eq!(finding["severity"], "warning");
    assert_eq!(
        finding["start"],
        serde_json::json!({"line": 2, "column": 3, "byte": 7})
    );
    assert_eq!(
        finding["end"],
        serde_json::json!({"line": 2, "column": 4, "byte": 9})
    );
    for key in ["message", "file", "notes", "related"] {
        assert!(!finding[key].is_null(), "{key}");
    }
}

#[test]
fn plan_compares_two_files_without_a_kernel() {
    let old = std::fs::read_to_string(example()).unwrap();
    let new = old
        .replace("lb_algo rr", "lb_algo wrr")
        .replacen("weight 1", "weight 7", 1);
    let new = file("new.conf", &new);
    let output = lvsctl(&["plan", "--exit-code", "--from", &example(), &new]);
    let want = format!(
        "~ TCP 192.168.1.20:80  scheduler rr -> wrr  ({new}:27)
~ TCP 192.168.1.20:80 -> 192.168.1.50:80  weight 1 -> 7  ({new}:37)
0 to add, 2 to change, 0 to remove
"
    );
    // The scheduler's wave comes before the weight's.
    assert_eq!(text(&output.stdout), want);
    assert_eq!(output.status.code(), Some(1));
    let output = lvsctl(&["plan", "--exit-code", "--from", &example(), &example()]);
    assert_eq!(
        text(&output.stdout),
        "nothing to do: the table is as the file says\n"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn plan_as_json_names_objects_and_what_becomes_of_them() {
    let old = std::fs::read_to_string(example()).unwrap();
    let new = file("json.conf", &old.replacen("weight 1", "weight 7", 1));
    let output = lvsctl(&["plan", "--format", "json", "--from", &example(), &new]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["result"], "to-do");
    assert_eq!(report["foreign"], serde_json::json!([]));
    let step = &report["steps"][0];
    assert_eq!(step["op"], "edit-dest");
    let service = serde_json::json!(
        {"family": "inet", "protocol": "tcp", "address": "192.168.1.20", "port": 80}
    );
    assert_eq!(step["service"], service);
    assert_eq!(
        step["dest"],
        serde_json::json!({"address": "192.168.1.50", "port": 80})
    );
    assert_eq!(step["before"]["weight"], 1);
    assert_eq!(step["after"]["weight"], 7);
    assert_eq!(step["place"], format!("{new}:37"));
}

#[test]
fn strict_refuses_what_keepalived_would_only_warn_of() {
    let conf = std::fs::read_to_string(example())
        .unwrap()
        .replace("\tlb_algo rr\n", "");
    let conf = file("strict.conf", &conf);
    let lenient = lvsctl(&["plan", "--from", &conf, &conf]);
    assert_eq!(lenient.status.code(), Some(0), "{}", text(&lenient.stderr));
    let strict = lvsctl(&["plan", "--strict", "--from", &conf, &conf]);
    assert_eq!(strict.status.code(), Some(2));
    assert!(
        text(&strict.stderr).contains("--strict"),
        "{}",
        text(&strict.stderr)
    );
}

#[test]
fn a_refused_file_ends_every_command_with_2_and_a_sentence() {
    let cut = &std::fs::read_to_string(example()).unwrap()[..900];
    let cut = file("cut.conf", cut);
    for command in ["plan", "apply", "daemon"] {
        let output = lvsctl(&[command, &cut]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        let said = text(&output.stderr);
        assert!(said.contains("braces do not balance"), "{command}: {said}");
        assert!(!said.contains("panicked"), "{command}: {said}");
    }
}

#[test]
fn bad_usage_ends_with_2_and_help_with_0() {
    for line in [
        &["explode"][..],
        &["lint"],
        &["apply", "--removal-grace", "-1", "x"],
        &["daemon", "--resync", "0"],
        &["plan", "--format", "xml"],
    ] {
        assert_eq!(lvsctl(line).status.code(), Some(2), "{line:?}");
    }
    for line in [
        &["--help"][..],
        &["--version"],
        &["apply", "--help"],
        &["daemon", "--help"],
    ] {
        let output = lvsctl(line);
        assert_eq!(output.status.code(), Some(0), "{line:?}");
        assert!(text(&output.stdout).contains("lvsctl"), "{line:?}");
    }
}

#[test]
fn standard_input_is_a_file_too() {
    let conf = std::fs::read(example()).unwrap();
    assert_eq!(with_input(&["lint", "-"], &conf).status.code(), Some(0));
}

#[test]
fn a_hundred_megabytes_of_braces_are_refused_at_once() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli-braces.conf");
    let mut flood = std::fs::File::create(&path).unwrap();
    for _ in 0..100 {
        flood.write_all(&vec![b'{'; 1 << 20]).unwrap();
    }
    for command in ["lint", "apply"] {
        let output = lvsctl(&[command, path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(said.contains("larger than 32 MiB"), "{said}");
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn conditional_lines_are_those_of_the_named_host() {
    let path = file(
        "id.conf",
        "@one $VIP=192.0.2.1\n@two $VIP=192.0.2.2\nvirtual_server ${VIP} 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\ndelay_loop 6\nreal_server 192.0.2.9 80 {\nTCP_CHECK {\n}\n}\n}\n",
    );
    let two = lvsctl(&["plan", "--from", &path, "-i", "two", &path]);
    assert_eq!(two.status.code(), Some(0), "{}", text(&two.stderr));
    let three = lvsctl(&["plan", "--from", &path, "--config-id", "three", &path]);
    assert_eq!(three.status.code(), Some(2));
    let said = text(&three.stderr);
    assert!(
        said.contains("a conditional line defines it on another host"),
        "{said}"
    );
    // lint knows no host: it takes each that is named.
    let lint = lvsctl(&["lint", &path]);
    assert_eq!(text(&lint.stdout), "");
    assert_eq!(lint.status.code(), Some(0));
}

/// Command lines of lvsctl in a text: what follows the name, up to a redirection.
fn commands(text: &str) -> Vec<Vec<&str>> {
    let mut all = Vec::new();
    for line in text.lines() {
        let line = line.trim_start_matches(".Dl ").trim();
        let line = line.trim_start_matches("- ").trim_start_matches("run: ");
        let line = line.trim_start_matches("entry: ");
        let Some(rest) = line.strip_prefix("lvsctl ") else {
            continue;
        };
        let words = rest.split_whitespace();
        all.push(
            words
                .take_while(|word| *word != ">" && *word != "<")
                .collect(),
        );
    }
    all
}

#[test]
fn what_ci_is_told_to_run_can_be_typed() {
    use clap::{CommandFactory, Parser};
    use lvsctl::cli::Cli;
    let texts = [
        include_str!("../examples/ci/github.yml"),
        include_str!("../examples/ci/gitlab.yml"),
        include_str!("../examples/ci/README.md"),
        include_str!("../.pre-commit-hooks.yaml"),
        include_str!("../man/lvsctl.8"),
    ];
    for text in texts {
        let commands = commands(text);
        assert!(!commands.is_empty(), "{text}");
        for mut words in commands {
            if words[0] == "fmt" && Cli::command().find_subcommand("fmt").is_none() {
                continue;
            }
            // pre-commit names the files itself.
            if text.contains("language: rust") {
                words.push("keepalived.conf");
            }
            let typed = ["lvsctl"].iter().chain(&words);
            if let Err(error) = Cli::try_parse_from(typed) {
                panic!("{words:?}: {error}");
            }
        }
    }
}

#[test]
fn every_rule_is_listed_and_explained() {
    let output = lvsctl(&["lint", "--list-rules"]);
    assert_eq!(output.status.code(), Some(0));
    let list = text(&output.stdout);
    assert!(list.lines().count() > 90, "{list}");
    assert!(list.lines().is_sorted(), "{list}");
    for line in list.lines() {
        let mut words = line.split_whitespace();
        let code = words.next().unwrap();
        let level = words.next().unwrap();
        assert!(["error", "warning", "info"].contains(&level), "{line}");
        let output = lvsctl(&["lint", "--explain", code]);
        assert_eq!(output.status.code(), Some(0));
        let entry = text(&output.stdout);
        assert!(entry.starts_with(&format!("{code} ({level}): ")), "{entry}");
        assert!(entry.contains("\nRemedy: "), "{entry}");
        let lines = entry.lines().skip(1);
        let mut wide = lines.filter(|line| line.chars().count() > 80 && !line.starts_with("    "));
        assert_eq!(wide.next(), None, "{code}");
    }
    let output = lvsctl(&["lint", "--explain", "port-need-nat"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "error: port-need-nat is no rule; did you mean port-needs-nat?\n"
    );
    let output = lvsctl(&["lint", "--explain", "weather"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--list-rules"));
    let output = lvsctl(&["lint", "--list-rules", "--format", "sarif"]);
    assert_eq!(output.status.code(), Some(2));
}
