use std::time::Duration;

use super::keyword::Keyword;
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

/// What holds where nothing is said, for every check.
const DELAY_LOOP: Duration = Duration::from_mins(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What holds where nothing is said, for one kind of check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    pub(super) retry: u32,
    /// `None`: the same as `delay_loop`.
    pub(super) delay_before_retry: Option<Duration>,
}

impl Patience {
    /// Takes a line up if it is one of these words.
    pub(super) fn read(&mut self, to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> bool {
        match known.word {
            "delay_loop" => set(&mut self.delay_loop, to.timer(known, node)),
            "delay_before_retry" => set(&mut self.delay_before_retry, to.timer(known, node)),
            "warmup" => set(&mut self.warmup, to.timer(known, node)),
            "connect_timeout" => set(&mut self.connect_timeout, to.timer(known, node)),
            "retry" | "nb_get_retry" => set(&mut self.retry, to.number(known, node)),
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

    pub(super) fn delay_loop(self) -> Duration {
        self.delay_loop.unwrap_or(DELAY_LOOP)
    }

    pub(super) fn policy(self, habits: Habits, alpha: bool) -> Policy {
        let delay_loop = self.delay_loop();
        let before_retry = habits.delay_before_retry.unwrap_or(delay_loop);
        Policy {
            retry: self.retry.unwrap_or(habits.retry),
            delay_loop,
            delay_before_retry: self.delay_before_retry.unwrap_or(before_retry),
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
