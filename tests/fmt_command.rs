//! `lvsctl fmt` as an operator meets it: files, streams and exit statuses.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const LOOSE: &str = "a  {\n  b\tc # d\n}\n";
const NEAT: &str = "a {\n    b c  # d\n}\n";

/// Exit status, standard output and standard error.
fn fmt(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lvsctl"))
        .arg("fmt")
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read has gone before all is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    (output.status.code().unwrap(), out, err)
}

/// A folder of its own for a test, with these files in it.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fmt-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

#[test]
fn files_are_changed_in_place_and_keep_their_mode() {
    let folder = folder("place", &[("one.conf", LOOSE), ("two.conf", NEAT)]);
    let (one, two) = (folder.join("one.conf"), folder.join("two.conf"));
    fs::set_permissions(&one, Permissions::from_mode(0o640)).unwrap();
    let link = folder.join("link.conf");
    symlink("one.conf", &link).unwrap();
    let untouched = fs::metadata(&two).unwrap().modified().unwrap();
    let names = [link.to_str().unwrap(), two.to_str().unwrap()];
    assert_eq!(fmt(&names, ""), (0, String::new(), String::new()));
    assert_eq!(fs::read_to_string(&one).unwrap(), NEAT);
    assert_eq!(
        fs::metadata(&one).unwrap().permissions().mode() & 0o7777,
        0o640
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&two).unwrap().modified().unwrap(), untouched);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
}

#[test]
fn standard_input_goes_to_standard_output() {
    assert_eq!(fmt(&["-"], LOOSE), (0, NEAT.to_owned(), String::new()));
    assert_eq!(fmt(&["-"], NEAT), (0, NEAT.to_owned(), String::new()));
}

#[test]
fn check_names_the_files_that_would_change() {
    let folder = folder("check", &[("one.conf", LOOSE), ("two.conf", NEAT)]);
    let (one, two) = (folder.join("one.conf"), folder.join("two.conf"));
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());
    assert_eq!(
        fmt(&["--check", one, two], ""),
        (1, format!("{one}\n"), String::new())
    );
    assert_eq!(
        fmt(&["--check", two], ""),
        (0, String::new(), String::new())
    );
    assert_eq!(
        fmt(&["--check", "-"], LOOSE),
        (1, "-\n".to_owned(), String::new())
    );
    assert_eq!(fs::read_to_string(one).unwrap(), LOOSE);
}

#[test]
fn diff_shows_what_would_change() {
    let folder = folder("diff", &[("one.conf", LOOSE)]);
    let one = folder.join("one.conf");
    let name = one.to_str().unwrap();
    let want = format!(
        "--- {name}\n+++ {name}\n@@ -1,3 +1,3 @@\n-a  {{\n-  b\tc # d\n+a {{\n+    b c  # d\n }}\n"
    );
    assert_eq!(fmt(&["--diff", name], ""), (1, want, String::new()));
    assert_eq!(
        fmt(&["--diff", "-"], NEAT),
        (0, String::new(), String::new())
    );
    assert_eq!(fs::read_to_string(&one).unwrap(), LOOSE);
}

#[test]
fn a_file_that_is_not_understood_is_left_and_the_others_are_not() {
    let cut = "é {\n  b \"c\n";
    let folder = folder("left", &[("cut.conf", cut), ("one.conf", LOOSE)]);
    let (left, one) = (folder.join("cut.conf"), folder.join("one.conf"));
    let (left, one) = (left.to_str().unwrap(), one.to_str().unwrap());
    let nowhere = "/nowhere.conf";
    let said = format!(
        "error: {left}:2:5: the quote is not closed on its line; the file is left as it is\n\
         error: {nowhere}: there is no such file\n"
    );
    assert_eq!(fmt(&[left, nowhere, one], ""), (2, String::new(), said));
    assert_eq!(fs::read_to_string(left).unwrap(), cut);
    assert_eq!(fs::read_to_string(one).unwrap(), NEAT);
    let (status, out, err) = fmt(&["--check", "-"], cut);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.starts_with("error: standard input:2:5: "), "{err}");
}

#[test]
fn a_file_with_two_names_is_left() {
    let folder = folder("names", &[("one.conf", LOOSE)]);
    let one = folder.join("one.conf");
    fs::hard_link(&one, folder.join("again.conf")).unwrap();
    let (status, out, err) = fmt(&[one.to_str().unwrap()], "");
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("several names"), "{err}");
    assert_eq!(fs::read_to_string(&one).unwrap(), LOOSE);
}
