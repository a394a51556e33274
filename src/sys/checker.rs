use std::fs;

use super::netns;

/// Processes of keepalived that check servers and change the table in the calling thread's
/// network namespace.
///
/// keepalived started with `--vrrp` alone has no checker. Otherwise its parent runs children of
/// the same name; which of them checks cannot be told from outside, so that parents are named,
/// and only those that have the words for a checker: no `-P` or `--vrrp` without `-C` or
/// `--check`.
pub fn running() -> Vec<u32> {
    let keepalived = neighbours(&["keepalived"]).into_iter();
    let mut checkers: Vec<u32> = keepalived
        .map(|(process, _)| process)
        .filter(|process| parent(*process).and_then(name).as_deref() != Some("keepalived"))
        .filter(|process| checks(&arguments(*process)))
        .collect();
    checkers.sort_unstable();
    checkers
}

/// Programs that change IPVS tables by themselves, by the names that the kernel keeps of them.
const DIRECTORS: [&str; 4] = ["dockerd", "kube-proxy", "kube-router", "ldirectord"];

/// Who of those that run in the calling thread's network namespace may be changing the table.
pub fn suspects() -> Vec<String> {
    let keepalived = running().into_iter().map(|process| (process, "keepalived"));
    let suspects = keepalived.chain(neighbours(&DIRECTORS));
    let sentence = |(process, name)| format!("{name} with process number {process}");
    suspects.map(sentence).collect()
}

/// Processes of these names in the calling thread's network namespace.
fn neighbours(names: &[&'static str]) -> Vec<(u32, &'static str)> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // The name is the cheaper question, and few are asked the other.
    let known = numbers.filter_map(|process| {
        let name = name(process)?;
        let one = names.iter().find(|one| **one == name)?;
        Some((process, *one))
    });
    let here = known.filter(|(process, _)| netns::is_shared_with(*process));
    here.collect()
}

fn name(process: u32) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

fn parent(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    line.trim().parse().ok()
}

fn arguments(process: u32) -> Vec<String> {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words = line.split(|byte| *byte == 0).skip(1);
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

/// Whether a keepalived with these arguments runs a checker, given a file that needs one.
fn checks(arguments: &[String]) -> bool {
    let given = |short: char, long: &str| {
        arguments.iter().any(|word| {
            let shorts = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
            word == long || shorts.is_some_and(|shorts| flags(shorts).contains(short))
        })
    };
    given('C', "--check") || !given('P', "--vrrp")
}

/// The letters of a cluster such as `-nlP` up to the first that takes a value.
fn flags(cluster: &str) -> &str {
    const WITH_VALUE: &[char] = &[
        'f', 'S', 'g', 'p', 'r', 'c', 'b', 's', 'i', 'A', 'u', 'T', 'M',
    ];
    let end = cluster.find(WITH_VALUE).unwrap_or(cluster.len());
    &cluster[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_keepalived_that_is_for_vrrp_alone_does_not_check() {
        let cases: [(&str, bool); 8] = [
            ("", true),
            ("-n -l -D", true),
            ("--vrrp", false),
            ("-nlP", false),
            ("-n -P -f /etc/keepalived/keepalived.conf", false),
            ("-P -C", true),
            ("--dont-fork --check", true),
            ("-fP.conf", true),
        ];
        for (line, want) in cases {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(checks(&words), want, "keepalived {line}");
        }
    }
}
