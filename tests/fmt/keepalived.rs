//! What keepalived says of a text, without the places.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// How it ended, and its messages. `file` gets the text.
pub(crate) fn says(file: &Path, text: &[u8]) -> (String, Vec<String>) {
    fs::write(file, text).unwrap();
    // It ends within a tenth of a second, or never.
    let output = Command::new("timeout")
        .args([
            "--signal=KILL",
            "5",
            "keepalived",
            "--config-test",
            "--use-file",
        ])
        .arg(file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let messages = text.lines().map(|line| match line.split_once(") ") {
        Some((place, rest)) if place.contains("Line ") => rest.to_owned(),
        _ => line.to_owned(),
    });
    (output.status.to_string(), messages.collect())
}
