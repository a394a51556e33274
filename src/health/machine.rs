use std::time::Duration;

use super::manner::Manner;
use crate::model::check::Policy;

/// The verdict of one check so far.
///
/// Failures are those in a row; they stop counting one above `retry`, where patience has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has checked the server yet; it is trusted all the same, or with `alpha` is not.
    New { up: bool, failures: u32 },
    /// The server may serve.
    Up { failures: u32 },
    /// The server must not serve.
    Down { failures: u32 },
}

impl State {
    /// Before the first check. Its first failure decides, as if all retries had been used up,
    /// except where the manner of the check says otherwise.
    pub const fn new(up: bool, manner: Manner, policy: &Policy) -> Self {
        let failures = if manner.first_decides {
            policy.retry
        } else {
            0
        };
        Self::New { up, failures }
    }

    /// Down for reasons that are known already.
    pub const fn down(policy: &Policy) -> Self {
        let failures = policy.retry.saturating_add(1);
        Self::Down { failures }
    }

    pub const fn is_up(self) -> bool {
        matches!(self, Self::New { up: true, .. } | Self::Up { .. })
    }

    /// Failures in a row so far.
    pub const fn failures(self) -> u32 {
        let (Self::New { failures, .. } | Self::Up { failures } | Self::Down { failures }) = self;
        failures
    }

    /// The same verdict under another patience: who has waited long enough for the new one waits
    /// for one more failure.
    #[must_use]
    pub fn under(self, policy: &Policy) -> Self {
        match self {
            Self::New { up, failures } => Self::New {
                up,
                failures: failures.min(policy.retry),
            },
            Self::Up { failures } => Self::Up {
                failures: failures.min(policy.retry),
            },
            Self::Down { .. } => Self::down(policy),
        }
    }

    const fn with(self, failures: u32) -> Self {
        match self {
            Self::New { up, .. } => Self::New { up, failures },
            Self::Up { .. } => Self::Up { failures },
            Self::Down { .. } => Self::Down { failures },
        }
    }
}

/// What a probe says about a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Passed,
    /// A page was as it should be, and others are still to be seen before the check has passed.
    Partly,
    Failed,
    /// The question could not be asked: the fault is this host's, and no word on the server.
    Unasked,
}

/// What follows from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Admit,
    /// Of a server that was not serving either: a first check with `alpha` failed.
    Evict,
    /// Ask again after this time.
    CheckIn(Duration),
}

/// One step of one check.
///
/// A down server is asked every `delay_loop`, as keepalived does since 2.3.3; 2.2.7 alternates
/// with `delay_before_retry`.
pub fn step(state: State, event: Event, manner: Manner, policy: &Policy) -> (State, Vec<Action>) {
    use Action::{Admit, CheckIn, Evict};
    use State::{Down, New, Up};

    let later = CheckIn(policy.delay_loop);
    match event {
        Event::Unasked => (state, vec![later]),
        Event::Passed => {
            let up = Up { failures: 0 };
            if state.is_up() {
                (up, vec![later])
            } else {
                (up, vec![Admit, later])
            }
        }
        Event::Partly => {
            let after = match state {
                New { up, .. } => State::new(up, manner, policy),
                Up { .. } | Down { .. } => state.with(0),
            };
            // On its way up and without a failure, it need not wait for its next page.
            let hurries = manner.hurries && !matches!(after, Up { .. });
            let next = if hurries {
                CheckIn(Duration::ZERO)
            } else {
                later
            };
            (after, vec![next])
        }
        Event::Failed if state.failures() < policy.retry => {
            let soon = CheckIn(policy.delay_before_retry);
            (state.with(state.failures() + 1), vec![soon])
        }
        Event::Failed => {
            let later = CheckIn(manner.while_down(policy));
            match state {
                New { .. } | Up { .. } => (State::down(policy), vec![Evict, later]),
                Down { .. } => (State::down(policy), vec![later]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::check::ProbeKind;

    const POLICY: Policy = Policy {
        retry: 1,
        delay_loop: Duration::from_secs(10),
        delay_before_retry: Duration::from_secs(1),
        warmup: Duration::ZERO,
        alpha: false,
    };
    const EVENTS: [Event; 4] = [Event::Passed, Event::Partly, Event::Failed, Event::Unasked];

    fn tcp() -> Manner {
        Manner::of(&ProbeKind::Tcp)
    }

    fn all_manners() -> Vec<Manner> {
        let mut all = Vec::new();
        for bits in 0..16_u8 {
            all.push(Manner {
                first_decides: bits & 1 != 0,
                from_start: bits & 2 != 0,
                hurries: bits & 4 != 0,
                pauses_while_down: bits & 8 != 0,
            });
        }
        all
    }

    fn states(retry: u32) -> Vec<State> {
        let mut all = Vec::new();
        for failures in 0..=retry {
            all.push(State::New { up: true, failures });
            all.push(State::New {
                up: false,
                failures,
            });
            all.push(State::Up { failures });
        }
        for failures in 0..=retry + 1 {
            all.push(State::Down { failures });
        }
        all
    }

    /// Letters of a state: `t` trusted, `w` waiting, `U` up, `D` down; then its failures.
    fn written(state: State) -> String {
        let letter = match state {
            State::New { up: true, .. } => 't',
            State::New { up: false, .. } => 'w',
            State::Up { .. } => 'U',
            State::Down { .. } => 'D',
        };
        format!("{letter}{}", state.failures())
    }

    #[test]
    fn the_whole_table_of_transitions() {
        // retry 1, delay_loop 10, delay_before_retry 1; `+` admits, `-` evicts, then seconds.
        let rows = [
            // state  passed      partly    failed       unasked
            ("t0", ["U0 10", "t1 10", "t1 1", "t0 10"]),
            ("w0", ["U0 + 10", "w1 10", "w1 1", "w0 10"]),
            ("U0", ["U0 10", "U0 10", "U1 1", "U0 10"]),
            ("t1", ["U0 10", "t1 10", "D2 - 10", "t1 10"]),
            ("w1", ["U0 + 10", "w1 10", "D2 - 10", "w1 10"]),
            ("U1", ["U0 10", "U0 10", "D2 - 10", "U1 10"]),
            ("D0", ["U0 + 10", "D0 10", "D1 1", "D0 10"]),
            ("D1", ["U0 + 10", "D0 10", "D2 10", "D1 10"]),
            ("D2", ["U0 + 10", "D0 10", "D2 10", "D2 10"]),
        ];
        let states = states(POLICY.retry);
        assert_eq!(rows.len(), states.len(), "every state has a row");
        for (from, cells) in rows {
            let state = *states
                .iter()
                .find(|state| written(**state) == from)
                .expect(from);
            for (event, want) in EVENTS.into_iter().zip(cells) {
                let (after, actions) = step(state, event, tcp(), &POLICY);
                let shown = actions.into_iter().map(|action| match action {
                    Action::Admit => "+".to_owned(),
                    Action::Evict => "-".to_owned(),
                    Action::CheckIn(delay) => delay.as_secs().to_string(),
                });
                let got: Vec<String> = [written(after)].into_iter().chain(shown).collect();
                assert_eq!(got.join(" "), want, "{from} {event:?}");
            }
        }
    }

    #[test]
    fn no_event_leads_out_of_the_states_and_each_asks_again_once() {
        for retry in 0..=3 {
            let policy = Policy { retry, ..POLICY };
            let known = states(retry);
            for manner in all_manners() {
                for state in &known {
                    for event in EVENTS {
                        let (after, actions) = step(*state, event, manner, &policy);
                        let what = format!("retry {retry} {manner:?} {state:?} {event:?}");
                        assert!(known.contains(&after), "{what}: {after:?}");
                        let asks = actions.iter().filter(|a| matches!(a, Action::CheckIn(_)));
                        assert_eq!(asks.count(), 1, "{what}");
                        let comes_up = !state.is_up() && after.is_up();
                        assert_eq!(actions.contains(&Action::Admit), comes_up, "{what}");
                        let falls = matches!(after, State::Down { .. })
                            && !matches!(state, State::Down { .. });
                        assert_eq!(actions.contains(&Action::Evict), falls, "{what}");
                        // Nothing but a check makes a server known.
                        let forgot = matches!(after, State::New { .. })
                            && !matches!(state, State::New { .. });
                        assert!(!forgot, "{what}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_server_is_evicted_after_retry_failures_in_a_row() {
        let fresh = |retry| State::new(true, tcp(), &Policy { retry, ..POLICY });
        let steady = State::Up { failures: 0 };
        let down = State::Down { failures: 2 };
        let patient = State::New {
            up: true,
            failures: 0,
        };
        // (why, retry, start, probes: `.` passed `x` failed `?` unasked, verdict after each)
        let cases = [
            ("without retry the first decides", 0, steady, "..x.", "UUDU"),
            ("one retry absorbs one failure", 1, steady, "..x..", "UUUUU"),
            ("a pass starts the count again", 1, steady, "x.x.x", "UUUUU"),
            ("two in a row use one retry up", 1, steady, ".xx", "UUD"),
            ("one pass is enough to return", 2, steady, "xxxx.", "UUDDU"),
            ("the first result decides", 3, fresh(3), "x", "D"),
            ("but for a patient check", 2, patient, "xxx", "UUD"),
            ("after a pass retries count", 1, fresh(1), ".xx", "UUD"),
            ("who starts down waits for a pass", 1, down, "xx.", "DDU"),
            ("this host's fault evicts nobody", 0, steady, "????", "UUUU"),
            ("nor is it a pass between", 1, steady, "x?x", "UUD"),
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
                (state, _) = step(state, event, tcp(), &policy);
                verdicts.push(if state.is_up() { 'U' } else { 'D' });
            }
            assert_eq!(verdicts, want, "{why}");
        }
    }

    #[test]
    fn pages_hurry_only_on_the_way_up() {
        let manner = Manner {
            hurries: true,
            ..tcp()
        };
        let delay = |state, event| {
            let (_, actions) = step(state, event, manner, &POLICY);
            actions.into_iter().find_map(|action| match action {
                Action::CheckIn(delay) => Some(delay.as_secs()),
                _ => None,
            })
        };
        let (up, down) = (State::Up { failures: 0 }, State::down(&POLICY));
        let new = State::new(false, manner, &POLICY);
        assert_eq!(delay(up, Event::Partly), Some(10));
        assert_eq!(delay(down, Event::Partly), Some(0));
        assert_eq!(delay(new, Event::Partly), Some(0));
        assert_eq!(delay(down, Event::Failed), Some(10));
    }
}
