//! What `lint --format` gives machines, held against what they ask for.
//!
//! The SARIF log was also valid against the schema of OASIS, which may not be copied here.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const CONF: &str = "\
virtual_server 192.0.2.1 80 { # é
    protocol TCP
    lb_algo rr
    lb_kind NAT
    ü delay_lop 6
    real_server 192.0.2.9 80 {
        HTTP_GET {
            url {
                path /
                status_code 200
            }
            nb_get_retry 4
        }
    }
    virtualhost 100%,a:b
}
";

/// A folder of its own for a test, with files in it.
fn folder(name: &str, files: &[(&str, &str)]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("formats-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

fn lint(folder: &str, format: &str, files: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
        .args(["lint", "--format", format])
        .args(files)
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn parsed(folder: &str, format: &str, files: &[&str]) -> Value {
    serde_json::from_str(&lint(folder, format, files)).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn is_region(region: &Value) {
    assert_eq!(
        keys(region),
        ["endColumn", "endLine", "startColumn", "startLine"]
    );
    let number = |key: &str| region[key].as_u64().unwrap();
    assert!(number("startLine") >= 1 && number("startColumn") >= 1);
    let (start, end) = (
        (number("startLine"), number("startColumn")),
        (number("endLine"), number("endColumn")),
    );
    assert!(start <= end, "{region}");
}

/// What sections 3.13, 3.19, 3.27, 3.49 and 3.55 to 3.57 of SARIF 2.1.0 ask for.
fn is_sarif(log: &Value) {
    assert_eq!(keys(log), ["$schema", "runs", "version"]);
    assert_eq!(log["version"], "2.1.0");
    assert!(
        log["$schema"]
            .as_str()
            .unwrap()
            .ends_with("/sarif-schema-2.1.0.json")
    );
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    let run = &log["runs"][0];
    assert_eq!(keys(run), ["columnKind", "results", "tool"]);
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "lvsctl");
    assert_eq!(driver["version"], env!("CARGO_PKG_VERSION"));
    let levels = ["error", "warning", "note"];
    let rules = driver["rules"].as_array().unwrap();
    let ids: Vec<&str> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{rule}");
        }
        assert!(rule["help"]["markdown"].is_string());
        assert!(levels.contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
    }
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(ids[index], result["ruleId"]);
        assert!(levels.contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert_eq!(result["locations"].as_array().unwrap().len(), 1);
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        for location in related.chain(result["locations"].as_array().unwrap()) {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
            if let Some(region) = physical.get("region") {
                is_region(region);
            }
        }
        for fix in result["fixes"].as_array().into_iter().flatten() {
            assert!(fix["description"]["text"].is_string());
            for change in fix["artifactChanges"].as_array().unwrap() {
                assert!(change["artifactLocation"]["uri"].is_string());
                assert!(!change["replacements"].as_array().unwrap().is_empty());
                for replacement in change["replacements"].as_array().unwrap() {
                    is_region(&replacement["deletedRegion"]);
                    assert!(replacement["insertedContent"]["text"].is_string());
                }
            }
        }
    }
}

#[test]
fn sarif_has_rules_places_and_fixes() {
    let folder = folder("sarif", &[("a b.conf", CONF)]);
    let log = parsed(&folder, "sarif", &["./a b.conf", "/nowhere.conf"]);
    is_sarif(&log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |code: &str| {
        let mut results = results.iter();
        results.find(|result| result["ruleId"] == code).unwrap()
    };
    let unknown = of("unknown-keyword");
    let place = &unknown["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.conf");
    let region = json!({"startLine": 5, "startColumn": 5, "endLine": 5, "endColumn": 6});
    assert_eq!(place["region"], region);
    let place = &of("unreadable-file")["locations"][0]["physicalLocation"];
    let want = json!({"artifactLocation": {"uri": "file:///nowhere.conf"}});
    assert_eq!(*place, want);
    let deprecated = of("deprecated");
    let region = json!({"startLine": 12, "startColumn": 13, "endLine": 12, "endColumn": 25});
    let want = json!([{
        "description": {"text": "write retry, which means the same"},
        "artifactChanges": [{
            "artifactLocation": {"uri": "a%20b.conf"},
            "replacements": [{"deletedRegion": region, "insertedContent": {"text": "retry"}}],
        }],
    }]);
    assert_eq!(deprecated["fixes"], want);
}

/// Every answer to the files that try the linter.
#[test]
fn sarif_of_every_fixture_is_sarif() {
    let here = env!("CARGO_MANIFEST_DIR");
    let folders = ["tests/lint", "tests/lint/mistakes", "grammar/reject"];
    let entries = folders.map(|folder| fs::read_dir(format!("{here}/{folder}")).unwrap());
    let paths = entries.into_iter().flatten();
    let paths = paths.map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "conf"));
    let names: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let log = parsed(here, "sarif", &names);
    is_sarif(&log);
    assert!(log["runs"][0]["results"].as_array().unwrap().len() > 100);
    let related = log.to_string().contains("\"relatedLocations\":[{\"id\":1,");
    assert!(related, "no finding has two places");
}

#[test]
fn a_fingerprint_stays_where_lines_come_and_go() {
    let again = CONF.replace("    ü", "# a\n\n  ü");
    let folder = folder("fingerprints", &[("k.conf", CONF)]);
    let prints = || {
        let log = parsed(&folder, "sarif", &["k.conf"]);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let prints = results
            .iter()
            .map(|result| result["partialFingerprints"]["codeAndLine/v1"].to_string());
        prints.collect::<Vec<_>>()
    };
    let before = prints();
    fs::write(format!("{folder}/k.conf"), again).unwrap();
    assert_eq!(prints(), before);
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
}

#[test]
fn github_gets_one_command_a_finding_with_its_escapes() {
    let folder = folder("github", &[("a,b:c%.conf", CONF)]);
    let said = lint(&folder, "github", &["a,b:c%.conf"]);
    let want = "::warning file=a%2Cb%3Ac%25.conf,line=5,endLine=5,col=5,endColumn=6,title=unknown-keyword::";
    assert!(said.lines().any(|line| line.starts_with(want)), "{said}");
    let want = "title=deprecated::the keyword is deprecated: nb_get_retry still works, for now%0AHelp: write retry, which means the same";
    assert!(said.lines().any(|line| line.ends_with(want)), "{said}");
    for line in said.lines() {
        let command = line.strip_prefix("::").unwrap().split(' ').next().unwrap();
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
    }
    let unread = lint(&folder, "github", &["nowhere.conf"]);
    assert!(
        unread.starts_with("::error file=nowhere.conf,title=unreadable-file::"),
        "{unread}"
    );
}

#[test]
fn gitlab_gets_an_array_of_issues_with_names_of_their_own() {
    let folder = folder("gitlab", &[("k.conf", CONF), ("again.conf", CONF)]);
    let report = parsed(&folder, "gitlab", &["./k.conf", "again.conf"]);
    let issues = report.as_array().unwrap();
    let mut prints = BTreeSet::new();
    for issue in issues {
        let want = [
            "check_name",
            "description",
            "fingerprint",
            "location",
            "severity",
        ];
        assert_eq!(keys(issue), want);
        let severities = ["info", "minor", "major", "critical", "blocker"];
        assert!(severities.contains(&issue["severity"].as_str().unwrap()));
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
        let path = issue["location"]["path"].as_str().unwrap();
        assert!(["k.conf", "again.conf"].contains(&path), "{path}");
        assert!(prints.insert(issue["fingerprint"].to_string()));
    }
    assert!(issues.len() >= 4);
}

#[test]
fn where_nothing_is_found_each_form_says_so_in_its_way() {
    let clean = "global_defs {\n    router_id a\n}\n";
    let folder = folder("clean", &[("k.conf", clean)]);
    assert_eq!(lint(&folder, "human", &["k.conf"]), "");
    assert_eq!(lint(&folder, "github", &["k.conf"]), "");
    assert_eq!(parsed(&folder, "gitlab", &["k.conf"]), json!([]));
    assert_eq!(parsed(&folder, "json", &["k.conf"])["findings"], json!([]));
    let log = parsed(&folder, "sarif", &["k.conf"]);
    is_sarif(&log);
    assert_eq!(log["runs"][0]["results"], json!([]));
}

#[test]
fn people_read_a_last_line_with_the_numbers() {
    let folder = folder("human", &[("k.conf", CONF)]);
    let said = lint(&folder, "human", &["k.conf", "nowhere.conf"]);
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("1 error, "), "{last}");
    assert!(
        last.ends_with(" in 2 files; 1 can be fixed with --fix"),
        "{last}"
    );
    let want = "= help: write retry, which means the same (lint --fix does it)\n";
    assert_eq!(said.matches(want).count(), 1, "{said}");
    assert_eq!(said.matches("write retry").count(), 1, "{said}");
}
