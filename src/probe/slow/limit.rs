use std::pin::pin;
use std::time::Duration;

use tokio::time::sleep;

use crate::health::Verdict;
use crate::sys::clock;

/// The longest part of a time limit that is waited for at once.
const SLICE: Duration = Duration::from_millis(200);

/// What remains of a time limit, in time that this process was awake for: a server is not to blame
/// for an answer that nobody was there to hear.
#[derive(Clone, Copy, Debug)]
struct Remaining(Duration);

impl Remaining {
    /// How long to wait before looking again; `None` where the time is over.
    fn slice(self) -> Option<Duration> {
        (!self.0.is_zero()).then_some(self.0.min(SLICE))
    }

    /// After waiting for a slice took so long. What goes far beyond a slice was a process stopped,
    /// a host asleep, or a thread that was busy.
    fn spend(&mut self, took: Duration) {
        self.0 = self.0.saturating_sub(took.min(2 * SLICE));
    }
}

/// How a conversation ended, if it did in time.
pub(super) async fn within<T>(
    limit: Duration,
    conversation: impl Future<Output = Result<T, Verdict>>,
) -> Result<T, Verdict> {
    let mut conversation = pin!(conversation);
    let mut remaining = Remaining(limit);
    while let Some(slice) = remaining.slice() {
        let before = clock::now();
        tokio::select! {
            // What is there to hear counts, however late it is looked at.
            biased;
            end = &mut conversation => return end,
            () = sleep(slice) => remaining.spend(clock::now().since(before)),
        }
    }
    let silence = format!("no answer in {} s", limit.as_secs_f64());
    Err(Verdict::Failed(silence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_slept_through_is_not_spent() {
        let mut remaining = Remaining(Duration::from_secs(1));
        remaining.spend(Duration::from_millis(210));
        assert_eq!(remaining.0, Duration::from_millis(790));
        remaining.spend(Duration::from_hours(1));
        assert_eq!(remaining.slice(), Some(SLICE));
        assert_eq!(remaining.0, Duration::from_millis(390));
        remaining.spend(SLICE);
        assert_eq!(remaining.slice(), Some(Duration::from_millis(190)));
        remaining.spend(SLICE);
        assert_eq!(remaining.slice(), None);
    }
}
