/// Descriptors that are left to all that is no check: netlink, state files, notifications, scripts,
/// BFD sessions, and what a library opens for a moment.
const RESERVE: u64 = 128;
/// Conversations at one time. Each has a socket, and a page in memory where a pattern is looked
/// for.
const CONVERSATIONS: usize = 1024;

/// How many checks may be on their way at one time: each holds a descriptor. Who waits for its turn
/// is late, and that is nobody's fault but this host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Checks that a few packets settle.
    pub(super) packets: usize,
    pub(super) conversations: usize,
}

impl Room {
    /// In a process that may hold so many descriptors. There is always room for one of each kind.
    pub(super) fn of(descriptors: u64) -> Self {
        let free = descriptors.saturating_sub(RESERVE);
        let free = usize::try_from(free).unwrap_or(usize::MAX);
        let conversations = (free / 4).clamp(1, CONVERSATIONS);
        Self {
            packets: free.saturating_sub(conversations).max(1),
            conversations,
        }
    }
}

/// Whether so many checks fit into so many descriptors, all at one time.
pub fn holds(descriptors: u64, checks: usize) -> bool {
    u64::try_from(checks).is_ok_and(|checks| checks.saturating_add(RESERVE) <= descriptors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_the_rest_of_the_process_leaves() {
        let cases = [
            (0, 1, 1),
            (40, 1, 1),
            (130, 1, 1),
            (1024, 672, 224),
            (65_536, 64_384, 1024),
        ];
        for (descriptors, packets, conversations) in cases {
            let want = Room {
                packets,
                conversations,
            };
            assert_eq!(Room::of(descriptors), want, "{descriptors}");
        }
        let unlimited = Room::of(u64::MAX);
        assert!(unlimited.packets > 1 << 30, "{unlimited:?}");
        assert!(holds(1024, 896) && !holds(1024, 897));
    }
}
