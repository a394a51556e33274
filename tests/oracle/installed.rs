//! keepalived, the oracle.

use std::process::Command;

/// Whether it can be asked. Without it the test is skipped, except in CI.
pub(crate) fn installed() -> bool {
    let found = Command::new("keepalived").arg("--version").output().is_ok();
    assert!(
        found || std::env::var_os("CI").is_none(),
        "keepalived is not installed"
    );
    if !found {
        eprintln!("skipped: keepalived is not installed");
    }
    found
}
