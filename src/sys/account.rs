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

/// Groups that list a user as their member.
pub(super) fn more_groups(user: &str) -> Option<Vec<u32>> {
    let output = Command::new("getent")
        .args(["initgroups", "--", user])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let output = output.ok().filter(|output| output.status.success())?;
    let line = String::from_utf8_lossy(&output.stdout);
    // The user's name stands first.
    let groups = line.split_whitespace().skip(1).map(str::parse);
    groups.collect::<Result<_, _>>().ok()
}

/// What the user of a number is called.
pub(super) fn user_name(number: u32) -> Option<String> {
    called("passwd", number)
}

/// What the group of a number is called.
pub(super) fn group_name(number: u32) -> Option<String> {
    called("group", number)
}

fn called(table: &str, number: u32) -> Option<String> {
    let number = number.to_string();
    let line = find(table, &number, |line| {
        line.split(':').nth(2) == Some(&number)
    })
    .here()?;
    line.split(':').next().map(str::to_owned)
}

fn look_up<T>(table: &str, name: &str, read: impl Fn(&str) -> Option<T>) -> Seen<T> {
    let named = |line: &str| line.split(':').next() == Some(name);
    // Whoever is asked would take digits for the number of an account.
    let number = name.bytes().all(|byte| byte.is_ascii_digit());
    match find(table, name, named) {
        Seen::Here(line) => read(&line).map_or(Seen::Unknown, Seen::Here),
        Seen::Unknown if !number => Seen::Unknown,
        Seen::Missing | Seen::Unknown => Seen::Missing,
    }
}

/// Most accounts stand in the file; `getent` asks whatever else the host knows them from.
fn find(table: &str, key: &str, is_it: impl Fn(&str) -> bool) -> Seen<String> {
    /// What `getent` ends with for a key that it does not find.
    const NOT_FOUND: i32 = 2;

    let entry = |text: &str| text.lines().find(|line| is_it(line)).map(str::to_owned);
    let file = fs::read_to_string(format!("/etc/{table}")).unwrap_or_default();
    if let Some(found) = entry(&file) {
        return Seen::Here(found);
    }
    let asked = Command::new("getent")
        .args([table, "--", key])
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
