use std::time::Duration;

use crate::model::check::{Policy, ProbeKind};

/// How a kind of check goes about it, beside the patience that the file gives it.
///
/// Source: keepalived's `check_http.c`, `check_misc.c`, `check_smtp.c`, 2.2.7.
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// The first failure decides though there are retries. Not for `SMTP_CHECK`.
    pub first_decides: bool,
    /// Delays count from the start of a check, not from its end: `MISC_CHECK`.
    pub from_start: bool,
    /// `fast_recovery`: on the way up a page follows the other without a pause.
    pub hurries: bool,
    /// While down, `delay_before_retry` is kept where it is longer than `delay_loop`:
    /// `HTTP_GET` and `SSL_GET`.
    pub pauses_while_down: bool,
}

impl Manner {
    pub fn of(kind: &ProbeKind) -> Self {
        let http = match kind {
            ProbeKind::Http(http) => Some(http),
            _ => None,
        };
        Self {
            first_decides: !matches!(kind, ProbeKind::Smtp(_)),
            from_start: matches!(kind, ProbeKind::Misc(_)),
            hurries: http.is_some_and(|http| http.fast_recovery),
            pauses_while_down: http.is_some(),
        }
    }

    /// From one check to the next of a server that is down.
    pub(super) fn while_down(self, policy: &Policy) -> Duration {
        if self.pauses_while_down {
            policy.delay_loop.max(policy.delay_before_retry)
        } else {
            policy.delay_loop
        }
    }
}

/// Whether it is watched: its answers come by themselves, and it is asked only once.
pub(super) fn is_watched(kind: &ProbeKind) -> bool {
    matches!(kind, ProbeKind::File(_) | ProbeKind::Bfd(_))
}
