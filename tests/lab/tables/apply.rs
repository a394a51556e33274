use std::fs;
use std::time::Duration;

use crate::bench::{CONFIG_ID, Filled, read};
use crate::reading::{self, Finding};
use crate::stage::host::Host;
use crate::stage::wait_until;

/// What `lvsctl apply` made of a file.
#[derive(Debug)]
pub enum Ours {
    /// As far as the kernel took it.
    Filled(Filled),
    /// Nothing was changed.
    Refused(Vec<Finding>),
    /// It did what it never should.
    Failed(String),
}

const LIMIT: Duration = Duration::from_mins(3);

/// Lets lvsctl fill the empty table of a host.
pub fn fill(program: &str, host: &Host, file: &str) -> Ours {
    let state = host.dir.join("state");
    // What an earlier file made is no longer ours.
    let _ = fs::remove_dir_all(&state);
    let _ = fs::remove_file(host.dir.join("apply.log"));
    let line = [
        program,
        "apply",
        "--netns",
        &host.name,
        "--state-dir",
        state.to_str().unwrap(),
        "--config-id",
        CONFIG_ID,
        file,
    ];
    let mut apply = host.spawn("apply.log", &line);
    let mut status = None;
    let _ = wait_until(LIMIT, || {
        status = apply.ended();
        status.is_some()
    });
    apply.kill();
    let log = apply.log();
    match status.map(|status| status.code()) {
        Some(Some(0 | 1)) => Ours::Filled(read(host)),
        Some(Some(2)) => match reading::read(file) {
            Err(findings) => Ours::Refused(findings),
            Ok(_) => Ours::Failed(log),
        },
        Some(_) => Ours::Failed(format!("{status:?}: {log}")),
        None => Ours::Failed(format!("still busy after {LIMIT:?}: {log}")),
    }
}
