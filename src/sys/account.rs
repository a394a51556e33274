use std::fs;
use std::process::{Command, Stdio};

use crate::lint::host::{Seen, User};

/// A user by name, as the host's own tools look it up.
pub(super) fn user(name: &str) -> Seen<User> {
    let number = |line: &str, at| line.split(':').nth(at)?.parse().ok();
    let read = |line: &str| {
        Some(User {
            user: number(line, 2)?,
            group: number(line, 3)?,
        })
    };
    look_up("passwd", name, read)
}

/// The number of a group by name.
pub(super) fn group(name: &str) -> Seen<u32> {
    look_up("group", name, |line| line.split(':').nth(2)?.parse().ok())
}

/// Most accounts stand in the file; `getent` asks whatever else the host knows them from.
fn look_up<T>(table: &str, name: &str, read: impl Fn(&str) -> Option<T>) -> Seen<T> {
    /// What `getent` ends with for a key that it does not find.
    const NOT_FOUND: i32 = 2;

    let entry = |text: &str| {
        let mut lines = text.lines();
        let line = lines.find(|line| line.split(':').next() == Some(name))?;
        read(line)
    };
    let file = fs::read_to_string(format!("/etc/{table}")).unwrap_or_default();
    if let Some(found) = entry(&file) {
        return Seen::Here(found);
    }
    // It would take digits for the number of an account.
    if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Seen::Missing;
    }
    let asked = Command::new("getent")
        .args([table, "--", name])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match asked {
        Ok(output) if output.status.code() == Some(NOT_FOUND) => Seen::Missing,
        Ok(output) => {
            entry(&String::from_utf8_lossy(&output.stdout)).map_or(Seen::Unknown, Seen::Here)
        }
        Err(_) => Seen::Unknown,
    }
}
