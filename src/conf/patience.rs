use std::time::Duration;

use super::lowering::Lowering;
use super::tree::Node;
use crate::model::check::Policy;

/// The words that virtual server, real server and check all know; the innermost that is given
/// counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Patience {
    delay_loop: Option<Duration>,
    delay_before_retry: Option<Duration>,
    retry: Option<u32>,
    warmup: Option<Duration>,
    connect_timeout: Option<Duration>,
}

/// What holds where nothing is said: `delay_loop` and `connect_timeout` for every check, the other
/// two for TCP_CHECK.
const DELAY_LOOP: Duration = Duration::from_mins(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TCP_RETRY: u32 = 1;
const TCP_DELAY_BEFORE_RETRY: Duration = Duration::from_secs(1);

impl Patience {
    /// Takes a line up if it is one of these words.
    pub(super) fn read(&mut self, to: &mut Lowering, block: &str, word: &str, node: &Node) -> bool {
        match word {
            "delay_loop" => set(&mut self.delay_loop, to.timer(block, node)),
            "delay_before_retry" => set(&mut self.delay_before_retry, to.timer(block, node)),
            "warmup" => set(&mut self.warmup, to.timer(block, node)),
            "connect_timeout" => set(&mut self.connect_timeout, to.timer(block, node)),
            "retry" => set(&mut self.retry, to.number(block, node)),
            _ => return false,
        }
        true
    }

    /// What holds for a block inside the one that says `outer`.
    pub(super) fn within(self, outer: Self) -> Self {
        Self {
            delay_loop: self.delay_loop.or(outer.delay_loop),
            delay_before_retry: self.delay_before_retry.or(outer.delay_before_retry),
            retry: self.retry.or(outer.retry),
            warmup: self.warmup.or(outer.warmup),
            connect_timeout: self.connect_timeout.or(outer.connect_timeout),
        }
    }

    pub(super) fn timeout(self) -> Duration {
        self.connect_timeout.unwrap_or(CONNECT_TIMEOUT)
    }

    pub(super) fn tcp_policy(self, alpha: bool) -> Policy {
        let delay_loop = self.delay_loop.unwrap_or(DELAY_LOOP);
        Policy {
            retry: self.retry.unwrap_or(TCP_RETRY),
            delay_loop,
            delay_before_retry: self.delay_before_retry.unwrap_or(TCP_DELAY_BEFORE_RETRY),
            warmup: self.warmup.unwrap_or(delay_loop),
            alpha,
        }
    }
}

/// A line that counts for nothing leaves what an earlier one said.
fn set<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}
