//! The units of `examples/systemd`, as the service manager's own tools read them.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the unit expects the program.
const INSTALLED: &str = "/usr/local/sbin/lvsctl";

/// A folder with the unit, which ends with the test.
struct Stage(PathBuf);

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/systemd");
    fs::read_to_string(folder.join(name)).unwrap()
}

impl Stage {
    /// The unit, and the drop-in for scripts where that is wanted, with the program of this build.
    fn new(scripts: bool) -> Self {
        let name = format!("lvsctl-systemd-{}-{scripts}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let here = |name: &str| example(name).replace(INSTALLED, env!("CARGO_BIN_EXE_lvsctl"));
        fs::create_dir_all(folder.join("lvsctl.service.d")).unwrap();
        fs::write(folder.join("lvsctl.service"), here("lvsctl.service")).unwrap();
        if scripts {
            let drop_in = folder.join("lvsctl.service.d/scripts.conf");
            fs::write(drop_in, here("scripts.conf")).unwrap();
        }
        Self(folder)
    }

    /// `None` where the tool is not there, which is said.
    fn analyze(&self, arguments: &[&str]) -> Option<Output> {
        let unit = self.0.join("lvsctl.service");
        let output = Command::new("systemd-analyze")
            .args(arguments)
            .arg(unit)
            .output();
        match output {
            Ok(output) => Some(output),
            Err(error) => {
                eprintln!("skipped: systemd-analyze: {error}");
                None
            }
        }
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn the_manager_has_nothing_to_say_against_a_unit() {
    for scripts in [false, true] {
        let stage = Stage::new(scripts);
        let Some(output) = stage.analyze(&["verify", "--man=no"]) else {
            return;
        };
        let said = said(&output);
        assert!(
            output.status.success() && said.is_empty(),
            "scripts {scripts}: {said}"
        );
    }
}

/// In tenths: what `systemd-analyze security` calls OK ends below 5.
#[test]
fn little_is_exposed() {
    for (scripts, most) in [(false, "22"), (true, "70")] {
        let stage = Stage::new(scripts);
        let threshold = format!("--threshold={most}");
        let Some(output) = stage.analyze(&["security", "--offline=true", &threshold]) else {
            return;
        };
        let said = said(&output);
        eprintln!("{}", said.trim().lines().last().unwrap_or_default());
        assert!(output.status.success(), "scripts {scripts}: {said}");
    }
}

/// A line that the manager does not know it passes over.
#[test]
fn what_must_not_be_lost_is_in_the_unit() {
    let unit = example("lvsctl.service");
    for line in [
        "User=lvsctl",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=CAP_NET_ADMIN",
        "RuntimeDirectory=lvsctl",
        "RuntimeDirectoryPreserve=yes",
        "ProtectSystem=strict",
    ] {
        assert!(unit.lines().any(|one| one == line), "{line}");
    }
    let drop_in = example("scripts.conf");
    assert!(drop_in.contains("daemon --user lvsctl\n"));
    let user = example("sysusers.conf");
    assert!(user.lines().any(|line| line.starts_with("u lvsctl ")));
}
