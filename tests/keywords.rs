//! The table of keywords says what lvsctl reads and what keepalived reads: for each row files are
//! made that are clean but for one line, and both are asked what they say of them.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

#[path = "keywords/case.rs"]
mod case;
#[path = "keywords/context.rs"]
mod context;
#[path = "keywords/exception.rs"]
mod exception;
#[path = "keywords/keepalived.rs"]
mod keepalived;
#[path = "keywords/sample.rs"]
mod sample;
#[path = "keywords/taken.rs"]
mod taken;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use case::{Case, Want};
use exception::Exception;
use keepalived::Bench;
use lvsctl::conf::Memory;
use lvsctl::conf::keyword::{self, Support};
use lvsctl::diag::Diagnostic;
use lvsctl::lint::{self, Wanted};

/// Cases that keepalived is asked in each run that is no soak.
const SAMPLE: usize = 400;

/// Set where the test runs once more, in a network of its own.
const INSIDE: &str = "LVSCTL_KEYWORDS_INSIDE";

#[test]
fn lvsctl_says_of_every_word_what_the_table_says() {
    let mut cases = case::all();
    cases.extend(case::bogus());
    let differing: Vec<&Case> = cases.iter().filter(|case| !is_as_wanted(case)).collect();
    eprintln!("{} cases", cases.len());
    assert!(cases.len() > 3000, "{}", cases.len());
    settle(&exception::LVSCTL, &differing, |case| {
        format!("{case}: {:?}", codes(case))
    });
    let needless = Exception::needless(&exception::LVSCTL, &differing);
    assert_no_needless(&needless);
}

/// Codes of what is said of a file, but that the daemon cannot do it yet, and what keepalived says
/// nothing of; `elsewhere:` before one that is not said of the line under test.
fn codes(case: &Case) -> Vec<String> {
    let files = Memory([("k.conf".to_owned(), case.text.clone().into_bytes())].into());
    let found = lint::run(&files, "k.conf", &Wanted::default());
    let line = case.line.lines().next().unwrap_or_default();
    let line = case.text.lines().position(|other| other == line).unwrap();
    let mut codes = Vec::new();
    for findings in &found {
        // Of what silent rules find keepalived says nothing, and so the table has nothing of it but
        // what is left to others.
        let spoken =
            |finding: &&Diagnostic| !finding.rule.silent || finding.rule.code == "without-effect";
        for finding in findings.diagnostics.iter().filter(spoken) {
            let place = findings.sources.place(finding.primary.span);
            let here = place.line == line + 1;
            let before = if here { "" } else { "elsewhere:" };
            codes.push(format!("{before}{}", finding.rule.code));
        }
    }
    codes.retain(|code| !code.ends_with("not-supported"));
    codes
}

fn is_as_wanted(case: &Case) -> bool {
    let mut codes = codes(case);
    let before = codes.len();
    codes.retain(|code| !code.ends_with("without-effect"));
    assert_eq!(before - codes.len(), left_to_others(case), "{case}");
    let age = codes.iter().filter(|code| *code == "deprecated").count();
    let wrong = codes.iter().any(|code| {
        let here = !code.starts_with("elsewhere:");
        here && code != "deprecated"
    });
    match case.want {
        Want::Nothing => codes.is_empty(),
        Want::Deprecated => codes == ["deprecated"],
        Want::Something => wrong,
        Want::MoreThanDeprecated => age == 1 && wrong,
        Want::Unknown => codes == ["unknown-keyword"],
    }
}

/// How many lines of a case say what lvsctl leaves to others.
fn left_to_others(case: &Case) -> usize {
    let words = case.text.lines().filter_map(|line| line.split(' ').next());
    let left = |word: &&str| {
        let known = keyword::find("global_defs", word);
        known.is_some_and(|known| known.apply == Support::Warns)
    };
    words.filter(left).count()
}

#[test]
fn keepalived_says_of_every_word_what_the_table_says() {
    if std::env::var_os(INSIDE).is_some() {
        return ask_keepalived();
    }
    if let Some(reason) = keepalived::absent() {
        let must = std::env::var_os("CI").is_some();
        assert!(!must, "{reason}");
        return eprintln!("skipped: {reason}");
    }
    let me = std::env::current_exe().unwrap();
    let mut command = keepalived::isolated();
    command.arg("env").arg(format!("{INSIDE}=1"));
    for name in ["LVSCTL_SOAK", "LVSCTL_SEED"] {
        if let Ok(value) = std::env::var(name) {
            command.arg(format!("{name}={value}"));
        }
    }
    command.arg(me).args(["--exact", "--nocapture"]);
    command.arg("keepalived_says_of_every_word_what_the_table_says");
    let output = command.output().unwrap();
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
}

fn ask_keepalived() {
    let start = Instant::now();
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let mut all = case::all();
    for case in all.iter_mut().filter(|case| !keepalived::is_old(case)) {
        case.want = Want::Unknown;
    }
    let bogus = case::bogus();
    let mut cases: Vec<&Case> = all.iter().filter(|case| is_asked(case)).collect();
    if !soak {
        cases = sampled(&cases, seed());
    }
    let known = |case: &&Case| keepalived::is_old(case);
    cases.extend(bogus.iter().filter(known));
    let differing = Bench::new().differing(&cases);
    let shown: Vec<&Case> = differing.iter().map(|(case, _)| *case).collect();
    eprintln!("{} runs in {:?}", cases.len(), start.elapsed());
    settle(&exception::KEEPALIVED, &shown, |case| {
        let said = differing
            .iter()
            .find(|(other, _)| std::ptr::eq(*other, case));
        format!("{case}: {:?}", said.unwrap().1)
    });
    if soak {
        let needless = Exception::needless(&exception::KEEPALIVED, &shown);
        assert_no_needless(&needless);
    }
}

/// Of a word that is too new one case is enough, and a block that is too new cannot be entered.
fn is_asked(case: &Case) -> bool {
    let new = case.want == Want::Unknown;
    !new || case.kind == "required only" && case.row.block != "auth_hmac"
}

fn seed() -> u64 {
    let given = std::env::var("LVSCTL_SEED").ok();
    let seed = given.map_or_else(
        || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_secs()
        },
        |seed| seed.parse().unwrap(),
    );
    eprintln!("LVSCTL_SEED={seed}");
    seed
}

/// Some of the cases, chosen by the seed.
fn sampled<'a>(cases: &[&'a Case], seed: u64) -> Vec<&'a Case> {
    let mut numbers = seed;
    // Knuth's MMIX generator.
    let mut next = || {
        numbers = numbers.wrapping_mul(6_364_136_223_846_793_005);
        numbers = numbers.wrapping_add(1_442_695_040_888_963_407);
        numbers >> 33
    };
    let mut keyed: Vec<_> = cases.iter().map(|case| (next(), *case)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed
        .into_iter()
        .take(SAMPLE)
        .map(|(_, case)| case)
        .collect()
}

fn settle(table: &[Exception], differing: &[&Case], show: impl Fn(&Case) -> String) {
    let unexplained = Exception::unexplained(table, differing);
    let shown: Vec<String> = unexplained.iter().map(|case| show(case)).collect();
    assert!(
        shown.is_empty(),
        "{} differ:\n{}",
        shown.len(),
        shown.join("\n")
    );
}

fn assert_no_needless(needless: &[&Exception]) {
    for one in needless {
        eprintln!("{} {} {}: {}", one.block, one.word, one.kind, one.reason);
    }
    assert!(needless.is_empty(), "exceptions that nothing needs");
}

#[test]
fn a_word_that_acts_is_taken_up() {
    let idle = taken::idle();
    assert!(idle.is_empty(), "nothing reads:\n{}", idle.join("\n"));
}
