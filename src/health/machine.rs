use std::time::Duration;

use crate::model::check::Policy;

/// The verdict of one check so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has checked the server yet and it is trusted all the same; its first failure
    /// decides, as in keepalived.
    Trusted,
    /// The server may serve, after this many failures in a row; never above `retry`.
    Up { failures: u32 },
    /// The server must not serve.
    Down,
}

impl State {
    pub const fn is_up(self) -> bool {
        !matches!(self, Self::Down)
    }
}

/// What a probe says about a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Passed,
    Failed,
    /// The question could not be asked: the fault is this host's, and no word on the server.
    Unasked,
}

/// What follows from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Admit,
    Evict,
    /// Ask again after this time, counted from the end of the probe.
    CheckIn(Duration),
}

/// One step of one check.
///
/// A down server is asked every `delay_loop`, as keepalived does since 2.3.3; 2.2.7 alternates
/// with `delay_before_retry`.
pub fn step(state: State, event: Event, policy: &Policy) -> (State, Vec<Action>) {
    use Action::{Admit, CheckIn, Evict};
    use Event::{Failed, Passed, Unasked};
    use State::{Down, Trusted, Up};

    let later = CheckIn(policy.delay_loop);
    let soon = CheckIn(policy.delay_before_retry);
    match (state, event) {
        (_, Unasked) => (state, vec![later]),
        (Trusted | Up { .. }, Passed) => (Up { failures: 0 }, vec![later]),
        (Up { failures }, Failed) if failures < policy.retry => {
            let failures = failures + 1;
            (Up { failures }, vec![soon])
        }
        (Trusted | Up { .. }, Failed) => (Down, vec![Evict, later]),
        (Down, Passed) => (Up { failures: 0 }, vec![Admit, later]),
        (Down, Failed) => (Down, vec![later]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        retry: 1,
        delay_loop: Duration::from_secs(10),
        delay_before_retry: Duration::from_secs(1),
        warmup: Duration::ZERO,
        alpha: false,
    };

    #[test]
    fn a_server_is_evicted_after_retry_failures_in_a_row() {
        // (why, retry, start, probes: `.` passed `x` failed `?` unasked, verdict after each)
        let fresh = State::Trusted;
        let steady = State::Up { failures: 0 };
        let down = State::Down;
        let cases = [
            (
                "without retry the first failure evicts",
                0,
                steady,
                "..x.",
                "UUDU",
            ),
            ("one retry absorbs one failure", 1, steady, "..x..", "UUUUU"),
            ("a pass starts the count again", 1, steady, "x.x.x", "UUUUU"),
            ("two in a row use one retry up", 1, steady, ".xx", "UUD"),
            (
                "one pass is enough to come back",
                2,
                steady,
                "xxxx.",
                "UUDDU",
            ),
            ("the first result decides", 3, fresh, "x", "D"),
            ("after a first pass retries count", 1, fresh, ".xx", "UUD"),
            (
                "a server that starts down waits for a pass",
                1,
                down,
                "xx.",
                "DDU",
            ),
            (
                "a fault of this host evicts nobody",
                0,
                steady,
                "????",
                "UUUU",
            ),
            (
                "and is no failure in a row, nor a pass between",
                1,
                steady,
                "x?x",
                "UUD",
            ),
        ];
        for (why, retry, start, probes, want) in cases {
            let policy = Policy { retry, ..POLICY };
            let mut state = start;
            let mut verdicts = String::new();
            for probe in probes.chars() {
                let event = match probe {
                    '.' => Event::Passed,
                    'x' => Event::Failed,
                    _ => Event::Unasked,
                };
                (state, _) = step(state, event, &policy);
                verdicts.push(if state.is_up() { 'U' } else { 'D' });
            }
            assert_eq!(verdicts, want, "{why}");
        }
    }

    #[test]
    fn every_step_asks_again_once_and_admits_or_evicts_exactly_on_a_change_of_verdict() {
        let states = [
            State::Trusted,
            State::Down,
            State::Up { failures: 0 },
            State::Up { failures: 1 },
            State::Up { failures: 2 },
        ];
        for retry in 0..=2 {
            let policy = Policy { retry, ..POLICY };
            for state in states {
                for event in [Event::Passed, Event::Failed, Event::Unasked] {
                    let (after, actions) = step(state, event, &policy);
                    let asks = actions.iter().filter(|a| matches!(a, Action::CheckIn(_)));
                    assert_eq!(asks.count(), 1, "{state:?} {event:?}");
                    let admits = actions.contains(&Action::Admit);
                    let evicts = actions.contains(&Action::Evict);
                    assert_eq!(
                        admits,
                        !state.is_up() && after.is_up(),
                        "{state:?} {event:?}"
                    );
                    assert_eq!(
                        evicts,
                        state.is_up() && !after.is_up(),
                        "{state:?} {event:?}"
                    );
                    if let State::Up { failures } = after
                        && event != Event::Unasked
                    {
                        assert!(failures <= retry, "{state:?} {event:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_a_failure_that_is_forgiven_is_rechecked_soon() {
        let soon = |state, event| {
            let (_, actions) = step(state, event, &POLICY);
            actions.contains(&Action::CheckIn(POLICY.delay_before_retry))
        };
        assert!(soon(State::Up { failures: 0 }, Event::Failed));
        assert!(!soon(State::Up { failures: 1 }, Event::Failed), "evicted");
        assert!(
            !soon(State::Down, Event::Failed),
            "no alternation while down"
        );
        assert!(!soon(State::Up { failures: 0 }, Event::Passed));
    }
}
