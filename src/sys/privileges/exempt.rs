use std::fs;

/// What the calling thread's network namespace allows everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exempt {
    /// Groups whose members may send an echo: the first and the last.
    pub ping_groups: Option<(u32, u32)>,
    /// From this port on anybody may bind.
    pub first_port: u16,
}

impl Default for Exempt {
    /// The kernel's own.
    fn default() -> Self {
        Self {
            ping_groups: None,
            first_port: 1024,
        }
    }
}

impl Exempt {
    /// By sysctls `net.ipv4.ping_group_range` and `net.ipv4.ip_unprivileged_port_start`, which are
    /// of IPv6 too.
    pub fn read() -> Self {
        let read = |name| fs::read_to_string(format!("/proc/sys/net/ipv4/{name}")).ok();
        let range = read("ping_group_range");
        let port = read("ip_unprivileged_port_start");
        let first_port = port.and_then(|port| port.trim().parse().ok());
        Self {
            ping_groups: range.as_deref().and_then(range_of),
            first_port: first_port.unwrap_or(Self::default().first_port),
        }
    }

    pub fn may_ping(&self, mut groups: impl Iterator<Item = u32>) -> bool {
        let range = self.ping_groups;
        range.is_some_and(|(first, last)| groups.any(|group| (first..=last).contains(&group)))
    }
}

/// Nobody, where the first is above the last, as the kernel has it from the start.
fn range_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(first)), Some(Ok(last))) if first <= last => Some((first, last)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_groups_is_read_as_the_kernel_writes_it() {
        let allows = |text: &str, group: u32| {
            let exempt = Exempt {
                ping_groups: range_of(text),
                ..Exempt::default()
            };
            exempt.may_ping([7, group].into_iter())
        };
        assert!(!allows("1\t0\n", 0) && !allows("1\t0\n", 1));
        assert!(allows("0\t2147483647\n", 0));
        assert!(allows("100\t200\n", 100) && allows("100\t200\n", 200));
        assert!(!allows("100\t200\n", 99) && !allows("100\t200\n", 201));
        assert!(!allows("", 0) && !allows("5", 5));
    }
}
