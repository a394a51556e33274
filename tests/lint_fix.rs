//! `lint --fix` and `--diff`: what has one right answer is changed, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use lvsctl::conf::{self, Disk, Files, Memory, Options, rules};
use lvsctl::diag::{Diagnostic, Edit, Fix, Sources, Span};
use lvsctl::lint::{self, Findings, fix};
use lvsctl::sys::replace::replace;

/// Three words with a successor, and a server that is checked.
const DEPRECATED: &str = "\
global_defs {
    vrrp_vmac_garp_intvl 10 # kept
}
vrrp_instance a {
    interface eth0
    virtual_router_id 4
    vmac_garp_intvl all 5
    virtual_ipaddress {
        192.0.2.1
    }
}
virtual_server 192.0.2.1 80 {
    protocol TCP
    lb_algo rr
    lb_kind NAT
    real_server 192.0.2.9 80 {
        HTTP_GET {
            url {
                path /
                status_code 200
            }
            nb_get_retry 4
        }
    }
}
";

fn repaired() -> String {
    DEPRECATED
        .replace("vrrp_vmac_garp_intvl", "vrrp_garp_extra_if")
        .replace("vmac_garp_intvl", "garp_extra_if")
        .replace("nb_get_retry", "retry")
}

fn lvsctl(arguments: &[&str], input: &str) -> Output {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read has gone before all is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// An empty folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fix-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Fixtures, and the corpus where there is one.
fn every_file() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "tests/lint",
        "tests/lint/mistakes",
        "../shared/corpus/lvs",
        "../shared/corpus/snippets",
        "../shared/corpus/vrrp",
    ];
    let mut all = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(here.join(folder)).into_iter().flatten();
        let paths = entries.map(|entry| entry.unwrap().path());
        all.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "conf")));
    }
    all.sort();
    all
}

fn everything(files: &dyn Files, paths: &[String]) -> Vec<Findings> {
    let paths = paths.iter();
    paths
        .flat_map(|path| lint::run(files, path, &lint::Wanted::default()))
        .collect()
}

/// Fixes a copy of a file, as the command does; whether there was anything to fix.
fn fix_copy(path: &Path, folder: &Path) -> bool {
    // What it includes is not beside the copy, before and after.
    let copy = folder.join("k.conf");
    fs::copy(path, &copy).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o604)).unwrap();
    let names = [copy.to_str().unwrap().to_owned()];
    let find = |files: &dyn Files| everything(files, &names);
    let (fixed, shown) = (fix::fix(&Disk, &names, &find), path.display());
    assert!(fixed.refused.is_empty(), "{shown}: {:?}", fixed.refused);
    let [change] = &fixed.changes[..] else {
        assert!(fixed.changes.is_empty(), "{shown}: {:?}", fixed.changes);
        return false;
    };
    let meaning = || conf::readable(&Disk, &names[0], &Options::default()).0;
    let before = meaning();
    replace(&copy, &change.old, &change.new).unwrap();
    assert_eq!(meaning(), before, "{shown}");
    let mode = fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o604, "{shown}");
    let again = fix::fix(&Disk, &names, &find);
    assert!(again.changes.is_empty(), "{shown}: {:?}", again.changes);
    for Findings {
        sources,
        diagnostics,
    } in &again.before
    {
        let left = diagnostics
            .iter()
            .find(|finding| finding.offered(sources).is_some());
        assert!(left.is_none(), "{shown}: {left:?}");
    }
    true
}

#[test]
fn a_second_time_changes_nothing_and_the_meaning_stays() {
    let folder = folder("every");
    let files = every_file();
    let (next, changed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = thread::available_parallelism().unwrap().get();
    thread::scope(|scope| {
        for thread in 0..threads {
            let folder = folder.join(thread.to_string());
            let (files, next, changed) = (&files, &next, &changed);
            scope.spawn(move || {
                fs::create_dir(&folder).unwrap();
                while let Some(path) = files.get(next.fetch_add(1, Relaxed)) {
                    changed.fetch_add(usize::from(fix_copy(path, &folder)), Relaxed);
                }
            });
        }
    });
    assert!(changed.into_inner() > 0);
}

#[test]
fn deprecated_words_get_their_successors() {
    let path = folder("words").join("k.conf");
    fs::write(&path, DEPRECATED).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let name = path.to_str().unwrap();
    let output = lvsctl(&["lint", "--fix", name], "");
    assert_eq!(fs::read_to_string(&path).unwrap(), repaired());
    assert_eq!(output.status.code(), Some(0));
    let want = format!("note: {name}: 3 findings fixed (3 deprecated)\n");
    assert_eq!(text(&output.stderr), want);
    assert!(!text(&output.stdout).contains("deprecated"));
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    let again = lvsctl(&["lint", "--fix", name], "");
    assert_eq!(text(&again.stderr), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), repaired());
}

#[test]
fn a_line_that_is_deleted_leaves_no_blank_line_and_takes_no_comment_along() {
    let given = "global_defs {\n    vrrp_garp_interval 0 \t\n  vrrp_gna_interval 0 # ours\n    router_id a\n}\n";
    let want = "global_defs {\n   # ours\n    router_id a\n}\n";
    let path = folder("deleted").join("k.conf");
    fs::write(&path, given).unwrap();
    lvsctl(&["lint", "--fix", path.to_str().unwrap()], "");
    assert_eq!(fs::read_to_string(path).unwrap(), want);
}

#[test]
fn what_fix_leaves_is_shown_and_counted() {
    let path = folder("left").join("k.conf");
    let broken = DEPRECATED.replace("protocol TCP", "protocol CARROTS");
    fs::write(&path, &broken).unwrap();
    let output = lvsctl(&["lint", "--fix", path.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("CARROTS"));
    let want = repaired().replace("protocol TCP", "protocol CARROTS");
    assert_eq!(fs::read_to_string(&path).unwrap(), want);
}

#[test]
fn diff_changes_nothing_and_shows_what_fix_would() {
    let folder = folder("diff");
    let path = folder.join("k.conf");
    fs::write(&path, DEPRECATED).unwrap();
    let name = path.to_str().unwrap();
    let output = lvsctl(&["lint", "--diff", name], "");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), DEPRECATED);
    let said = text(&output.stdout);
    assert!(
        said.starts_with(&format!("--- {name}\n+++ {name}\n@@ ")),
        "{said}"
    );
    assert!(
        said.contains("-    vmac_garp_intvl all 5\n+    garp_extra_if all 5\n"),
        "{said}"
    );
    // The same from standard input, and nothing for what needs nothing.
    let piped = lvsctl(&["lint", "--diff", "-"], DEPRECATED);
    assert_eq!(text(&piped.stdout), said.replace(name, "standard input"));
    assert_eq!(
        text(&lvsctl(&["lint", "--diff", "-"], &repaired()).stdout),
        ""
    );
}

#[test]
fn what_is_no_file_of_its_own_is_refused_in_a_sentence() {
    let folder = folder("refused");
    let piped = lvsctl(&["lint", "--fix", "-"], DEPRECATED);
    assert_eq!(piped.status.code(), Some(2));
    assert!(text(&piped.stderr).contains("--diff"), "{piped:?}");
    let device = lvsctl(&["lint", "--fix", "/dev/stdin"], DEPRECATED);
    assert_eq!(device.status.code(), Some(2));
    assert!(
        text(&device.stderr).contains("it is no regular file"),
        "{device:?}"
    );
    let (path, other) = (folder.join("k.conf"), folder.join("other.conf"));
    fs::write(&path, DEPRECATED).unwrap();
    fs::hard_link(&path, &other).unwrap();
    let linked = lvsctl(&["lint", "--fix", path.to_str().unwrap()], "");
    assert_eq!(linked.status.code(), Some(2));
    assert!(text(&linked.stderr).contains("hard links"), "{linked:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), DEPRECATED);
}

#[test]
fn included_files_are_fixed_once_whatever_names_them() {
    let folder = folder("include");
    let (main, part) = (folder.join("main.conf"), folder.join("part.conf"));
    fs::write(&part, DEPRECATED).unwrap();
    symlink("part.conf", folder.join("link.conf")).unwrap();
    fs::write(&main, "include part.conf\n@one include ./link.conf\n").unwrap();
    let main = main.to_str().unwrap();
    let link = folder.join("link.conf");
    let output = lvsctl(&["lint", "--fix", main, link.to_str().unwrap()], "");
    assert_eq!(fs::read_to_string(&part).unwrap(), repaired());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(
        text(&output.stderr).contains("3 findings fixed"),
        "{output:?}"
    );
    assert_eq!(text(&output.stderr).lines().count(), 1, "{output:?}");
}

/// A finding with a fix at each place where one of `pairs` begins: its first text becomes its second.
fn offers<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&dyn Files) -> Vec<Findings> + 'a {
    move |files| {
        let mut sources = Sources::default();
        let bytes = files.read("k.conf").unwrap().bytes;
        let whole = text(&bytes);
        let source = sources.add("k.conf", bytes, None);
        let mut diagnostics = Vec::new();
        for (old, new) in pairs {
            for (at, _) in whole.match_indices(old) {
                let start = u32::try_from(at).unwrap();
                let end = start + u32::try_from(old.len()).unwrap();
                let span = Span { source, start, end };
                let fix = Fix::replace("do it", span, *new);
                diagnostics.push(Diagnostic::new(&rules::DEPRECATED, span, "").fix(fix));
            }
        }
        vec![Findings {
            sources,
            diagnostics,
        }]
    }
}

fn fixed(old: &str, pairs: &[(&str, &str)]) -> (String, Vec<String>) {
    let files = Memory([("k.conf".to_owned(), old.into())].into());
    let fixed = fix::fix(&files, &["k.conf".to_owned()], &offers(pairs));
    let new = fixed
        .changes
        .first()
        .map_or(old.to_owned(), |change| text(&change.new));
    let refused = fixed.refused.into_iter();
    let refused = refused.map(|refused| format!("{}: {}", refused.place, refused.reason));
    (new, refused.collect())
}

#[test]
fn a_fix_that_changes_the_meaning_is_left_out_and_the_others_are_done() {
    let pairs = [
        ("# kept", "# still"),
        ("lb_algo rr", "lb_algo wrr"),
        ("eth0", "eth1"),
    ];
    let (new, refused) = fixed(DEPRECATED, &pairs);
    let want = DEPRECATED
        .replace("# kept", "# still")
        .replace("eth0", "eth1");
    assert_eq!(new, want);
    let why = "it would change what the configuration means";
    assert_eq!(refused, [format!("k.conf:14: {why}")]);
}

#[test]
fn the_meaning_of_a_refused_file_is_kept_too() {
    let broken = DEPRECATED.replace("protocol TCP", "protocol CARROTS");
    let (new, refused) = fixed(&broken, &[("lb_algo rr", "lb_algo wrr")]);
    assert_eq!((new, refused.len()), (broken, 1));
}

#[test]
fn of_fixes_that_overlap_the_first_is_done_and_the_next_round_sees_what_is_left() {
    let (new, refused) = fixed("# abcd\n", &[("abc", "x"), ("bcd", "y"), ("xd", "z")]);
    assert_eq!((&*new, refused.len()), ("# z\n", 0));
    let (new, _) = fixed("# aaaa\n", &[("a", "b")]);
    assert_eq!(new, "# bbbb\n");
}

#[test]
fn fixes_that_undo_each_other_come_to_an_end() {
    let (new, _) = fixed("# a\n", &[("a", "b"), ("b", "a")]);
    assert!(["# a\n", "# b\n"].contains(&&*new), "{new}");
}

#[test]
fn several_edits_are_done_together_or_not_at_all() {
    let files = Memory([("k.conf".to_owned(), DEPRECATED.into())].into());
    let find = |files: &dyn Files| {
        let mut all = offers(&[("# kept", ""), ("lb_kind NAT", "lb_kind DR")])(files);
        let edits: Vec<Edit> = all[0]
            .diagnostics
            .drain(..)
            .flat_map(|finding| finding.fix.unwrap().edits)
            .collect();
        if let Some(first) = edits.first() {
            let finding = Diagnostic::new(&rules::DEPRECATED, first.span, "");
            let title = "do both".to_owned();
            all[0].diagnostics = vec![finding.fix(Fix { title, edits })];
        }
        all
    };
    let fixed = fix::fix(&files, &["k.conf".to_owned()], &find);
    assert!(fixed.changes.is_empty());
    assert_eq!(fixed.refused.len(), 1);
}

/// The linter stops at ten thousand findings, and what stands behind them is not read.
#[test]
fn more_findings_than_are_kept_are_fixed_all_the_same() {
    let lines = "    vrrp_vmac_garp_intvl 10\n".repeat(10_010);
    let whole = format!("global_defs {{\n{lines}}}\n{DEPRECATED}");
    let files = Memory([("k.conf".to_owned(), whole.clone().into())].into());
    let names = ["k.conf".to_owned()];
    let fixed = fix::fix(&files, &names, &|files| everything(files, &names));
    assert!(fixed.refused.is_empty(), "{:?}", fixed.refused.first());
    let lines = "    vrrp_garp_extra_if 10\n".repeat(10_010);
    let want = format!("global_defs {{\n{lines}}}\n{}", repaired());
    assert_eq!(text(&fixed.changes[0].new), want);
}
