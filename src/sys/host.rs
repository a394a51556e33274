use crate::lint::host::User;

/// The name of this host, as it knows it itself: no resolver is asked.
///
/// Source: uname(2).
pub fn name() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

/// The same up to its first dot: what keepalived compares conditional lines with unless it is told
/// otherwise.
pub fn short_name() -> String {
    let name = name();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// A variable of this process's environment, if it is text.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Whoever runs this process.
pub fn user() -> User {
    User {
        user: rustix::process::geteuid().as_raw(),
        group: rustix::process::getegid().as_raw(),
    }
}
