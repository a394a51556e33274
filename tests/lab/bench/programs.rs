use std::fs;
use std::path::Path;
use std::process::Command;

use crate::stage::director::LVSCTL;

/// Where the copies are.
pub struct Programs {
    /// Does nothing: what starting a process takes.
    pub nothing: String,
    /// The static build, where it was made.
    pub lvsctl: String,
    pub ipvsadm: String,
    pub keepalived: String,
}

impl Programs {
    pub fn in_memory() -> Self {
        Self {
            nothing: in_memory("/bin/true"),
            lvsctl: in_memory(&std::env::var("LVSCTL").unwrap_or(LVSCTL.to_owned())),
            ipvsadm: in_memory("/usr/sbin/ipvsadm"),
            keepalived: in_memory("/usr/sbin/keepalived"),
        }
    }
}

/// A program with its libraries in memory: the guest's own files come slowly from the host, which
/// would be measured instead. LD_LIBRARY_PATH leads to them.
fn in_memory(program: &str) -> String {
    let bin = "/tmp/bench/bin";
    let lib = "/tmp/bench/lib";
    fs::create_dir_all(bin).unwrap();
    fs::create_dir_all(lib).unwrap();
    let name = Path::new(program).file_name().unwrap().to_str().unwrap();
    let copy = format!("{bin}/{name}");
    fs::copy(program, &copy).unwrap();
    let output = Command::new("ldd").arg(program).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let paths = listed
        .split_whitespace()
        .filter(|word| word.starts_with("/lib/x86_64"));
    for path in paths {
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        fs::copy(path, format!("{lib}/{name}")).unwrap();
    }
    copy
}
