use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::system::uname;

/// Has those of `names` loaded that the kernel does not have yet, by one modprobe; none is started
/// where it has them all. True when the kernel then has them.
///
/// The kernel would load them itself, but inside a request, under locks that stop every other
/// request on the host. Without effect in a container without modprobe or without the right: what
/// needs the module is then refused by the kernel.
pub fn load<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    let loaded = Path::new("/sys/module");
    let mut missing: Vec<&str> = names.into_iter().collect();
    missing.retain(|name| !loaded.join(name).exists());
    if missing.is_empty() {
        return true;
    }
    // What is built in is in /sys/module only where it has parameters.
    let builtin = builtin();
    missing.retain(|name| !is_listed(&builtin, name));
    missing.is_empty() || modprobe().is_some_and(|program| run(program, &missing))
}

/// The kernel's list of what is built in: paths such as `kernel/fs/fuse/fuse.ko`, one a line.
fn builtin() -> Vec<u8> {
    let release = uname();
    let release = release.release().to_string_lossy();
    fs::read(format!("/lib/modules/{release}/modules.builtin")).unwrap_or_default()
}

fn is_listed(builtin: &[u8], name: &str) -> bool {
    let file = |line: &[u8]| line.strip_suffix(b".ko").map(<[u8]>::to_vec);
    let mut lines = builtin.split(|byte| *byte == b'\n').filter_map(file);
    lines.any(|line| line.rsplit(|byte| *byte == b'/').next() == Some(name.as_bytes()))
}

/// The program that the kernel itself would run, wherever the search path leads; `None` where the
/// host wants no module loaded.
fn modprobe() -> Option<OsString> {
    let mut path = fs::read("/proc/sys/kernel/modprobe").ok()?;
    path.truncate(path.trim_ascii_end().len());
    (!path.is_empty()).then(|| OsString::from_vec(path))
}

fn run(program: OsString, names: &[&str]) -> bool {
    let modprobe = Command::new(program)
        .arg("-qa")
        .args(names)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    modprobe.is_ok_and(|status| status.success())
}
