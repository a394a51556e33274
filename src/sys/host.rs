/// The name of this host up to its first dot: what keepalived compares conditional lines with
/// unless it is told otherwise.
///
/// Source: uname(2).
pub fn short_name() -> String {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// A variable of this process's environment, if it is text.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
