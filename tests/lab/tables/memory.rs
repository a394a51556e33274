//! Programs in memory: the guest's own files come slowly from the host, which costs a start far
//! more than it does on a disk.

use std::fs;
use std::process::Command;

/// Where the libraries go; whoever starts this sets LD_LIBRARY_PATH to it.
const LIB: &str = "/tmp/lab/tables/lib";
const BIN: &str = "/tmp/lab/tables/bin";

/// A copy in memory of a program and its libraries.
pub fn copy(program: &str) -> String {
    fs::create_dir_all(LIB).unwrap();
    fs::create_dir_all(BIN).unwrap();
    let name = program.rsplit('/').next().unwrap();
    let copy = format!("{BIN}/{name}");
    fs::copy(program, &copy).unwrap();
    let linked = Command::new("ldd").arg(program).output().unwrap();
    let linked = String::from_utf8(linked.stdout).unwrap();
    for path in linked
        .split_whitespace()
        .filter(|word| word.starts_with("/lib/"))
    {
        let name = path.rsplit('/').next().unwrap();
        fs::copy(path, format!("{LIB}/{name}")).unwrap();
    }
    copy
}
