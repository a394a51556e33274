use std::num::NonZeroU8;

use super::*;
use crate::model::check::Hops;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const OURS: NonZeroU32 = NonZeroU32::new(7).unwrap();
const THEIRS: NonZeroU32 = NonZeroU32::new(9).unwrap();

fn terms() -> Bfd {
    Bfd {
        name: "b".into(),
        neighbour: [192, 0, 2, 2].into(),
        source: None,
        min_rx: 20 * MS,
        min_tx: 10 * MS,
        idle_tx: SECOND,
        multiplier: NonZeroU8::new(5).unwrap(),
        passive: false,
        hops: Hops {
            sent: NonZeroU8::MAX,
            least: 255,
        },
        multihop: false,
    }
}

fn start() -> Moment {
    Moment::default() + SECOND * 1000
}

fn session(terms: Bfd) -> Session {
    Session::new(Arc::new(terms), OURS, start())
}

/// What a neighbour says that knows us.
fn said(state: State) -> Packet {
    Packet {
        diagnostic: Diagnostic::NONE,
        state,
        poll: false,
        final_: false,
        demand: false,
        multiplier: NonZeroU8::new(3).unwrap(),
        from: THEIRS,
        to: OURS.get(),
        min_tx: 30 * MS,
        min_rx: 40 * MS,
    }
}

/// A session in that state, which has said so, and whose polling is over.
fn at(state: State) -> Session {
    let mut session = session(terms());
    let path: &[State] = match state {
        State::AdminDown | State::Down => &[],
        State::Init => &[State::Down],
        State::Up => &[State::Down, State::Init],
    };
    for heard in path {
        session.hear(&said(*heard), start());
    }
    session.tick(start(), 25);
    if state == State::Up {
        let last = Packet {
            final_: true,
            ..said(State::Up)
        };
        session.hear(&last, start());
    }
    assert_eq!(session.state, state);
    session
}

#[test]
fn every_state_goes_where_the_rfc_says() {
    use State::{AdminDown, Down, Init, Up};
    // Ours, what the neighbour says, ours then, and why. Source: RFC 5880 section 6.8.6.
    let cases = [
        (Down, AdminDown, Down, Diagnostic::NONE),
        (Down, Down, Init, Diagnostic::NONE),
        (Down, Init, Up, Diagnostic::NONE),
        (Down, Up, Down, Diagnostic::NONE),
        (Init, AdminDown, Down, Diagnostic::NEIGHBOUR_DOWN),
        (Init, Down, Init, Diagnostic::NONE),
        (Init, Init, Up, Diagnostic::NONE),
        (Init, Up, Up, Diagnostic::NONE),
        (Up, AdminDown, Down, Diagnostic::NEIGHBOUR_DOWN),
        (Up, Down, Down, Diagnostic::NEIGHBOUR_DOWN),
        (Up, Init, Up, Diagnostic::NONE),
        (Up, Up, Up, Diagnostic::NONE),
    ];
    for (before, heard, after, why) in cases {
        let mut session = at(before);
        session.hear(&said(heard), start());
        assert_eq!(session.state, after, "{before:?} hears {heard:?}");
        assert_eq!(session.diagnostic, why, "{before:?} hears {heard:?}");
        // A change is said at once, and nothing else is.
        let packet = session.tick(start(), 0);
        assert_eq!(packet.is_some(), before != after, "{before:?} {heard:?}");
        if let Some(packet) = packet {
            assert_eq!((packet.state, packet.diagnostic), (after, why));
            assert_eq!((packet.from, packet.to), (OURS, THEIRS.get()));
        }
    }
}

#[test]
fn silence_for_the_detection_time_ends_it() {
    // Three times the slower of what the neighbour sends, 30 ms, and what we take, 20 ms.
    let (almost, detection) = (89 * MS, 90 * MS);
    for state in [State::Init, State::Up] {
        let mut session = at(state);
        session.tick(start() + almost, 0);
        assert_eq!(session.state, state);
        let packet = session.tick(start() + detection, 0).unwrap();
        assert_eq!(packet.state, State::Down);
        assert_eq!(packet.diagnostic, Diagnostic::TIME_EXPIRED);
        assert_eq!(packet.to, 0, "its number is forgotten");
        assert_eq!(packet.min_tx, SECOND, "and the rate is slow again");
    }
    let mut session = at(State::Up);
    session.hear(&said(State::Up), start() + almost);
    session.tick(start() + detection + 10 * MS, 0);
    assert_eq!(session.state, State::Up, "each packet begins it anew");
    let slow = Bfd {
        min_rx: 50 * MS,
        ..terms()
    };
    let mut session = Session::new(Arc::new(slow), OURS, start());
    session.hear(&said(State::Down), start());
    assert_eq!(session.expires, Some(start() + 150 * MS));
}

#[test]
fn packets_are_sent_as_often_as_both_ends_say() {
    // State, the neighbour's min_rx, from one packet to the next.
    let cases = [
        (State::Down, Duration::ZERO, None),
        (State::Down, 40 * MS, Some(SECOND)),
        (State::Down, 3000 * MS, Some(3 * SECOND)),
        (State::Init, 40 * MS, Some(SECOND)),
        (State::Up, 40 * MS, Some(40 * MS)),
        (State::Up, MS, Some(10 * MS)),
        (State::Up, Duration::ZERO, None),
    ];
    for (state, min_rx, want) in cases {
        let mut session = at(state);
        session.neighbour.min_rx = min_rx;
        session.pace = 100;
        let next = session.next_packet().map(|next| next.since(start()));
        assert_eq!(next, want, "{state:?}, {min_rx:?}");
    }
}

#[test]
fn the_interval_is_shortened_by_chance_and_no_more_than_a_quarter() {
    let single = Bfd {
        multiplier: NonZeroU8::MIN,
        ..terms()
    };
    for (terms, most) in [(terms(), 100), (single, 90)] {
        let paces = (0..1000).map(|chance| pace(&terms, chance));
        let (mut low, mut high) = (100, 0);
        for pace in paces {
            (low, high) = (low.min(pace), high.max(pace));
        }
        assert_eq!((low, high), (75, most));
    }
    let mut session = at(State::Up);
    session.tick(start() + SECOND, 0);
    session.state = State::Up;
    session.news = false;
    let next = session.next_packet().unwrap();
    assert_eq!(next.since(start() + SECOND), 30 * MS, "75 % of 40 ms");
}

#[test]
fn a_poll_is_answered_at_once_and_ours_goes_on_until_it_is() {
    let mut session = at(State::Down);
    session.hear(&said(State::Init), start());
    let first = session.tick(start(), 0).unwrap();
    assert!(first.poll && first.state == State::Up && first.min_tx == 10 * MS);
    let poll = Packet {
        poll: true,
        ..said(State::Up)
    };
    session.hear(&poll, start() + MS);
    let answer = session.tick(start() + MS, 0).unwrap();
    assert!(answer.final_ && !answer.poll, "never both");
    let next = session.tick(start() + 50 * MS, 0).unwrap();
    assert!(next.poll && !next.final_, "it goes on");
    let heard = Packet {
        final_: true,
        ..said(State::Up)
    };
    session.hear(&heard, start() + 51 * MS);
    let last = session.tick(start() + 100 * MS, 0).unwrap();
    assert!(!last.poll && !last.final_);
}

#[test]
fn one_rate_for_all_needs_no_poll() {
    let even = Bfd {
        min_tx: SECOND,
        ..terms()
    };
    let mut session = session(even);
    session.hear(&said(State::Init), start());
    assert!(!session.tick(start(), 0).unwrap().poll);
}

#[test]
fn a_passive_end_speaks_when_spoken_to() {
    let passive = Bfd {
        passive: true,
        ..terms()
    };
    let mut session = session(passive);
    assert_eq!(session.tick(start() + SECOND, 0), None);
    session.hear(&said(State::Down), start() + SECOND);
    let packet = session.tick(start() + SECOND, 0).unwrap();
    assert_eq!(packet.state, State::Init);
    // Silent again when the neighbour is, once it has said so.
    let end = start() + 2 * SECOND;
    assert_eq!(session.tick(end, 0), None);
    assert_eq!(session.tick(end + SECOND, 0), None);
    assert_eq!(session.state, State::Down);
}

#[test]
fn a_neighbour_on_demand_is_sent_only_polls() {
    let demanding = Packet {
        demand: true,
        ..said(State::Up)
    };
    let mut session = at(State::Up);
    session.hear(&demanding, start());
    assert_eq!(session.next_packet(), None);
    session.polling = true;
    assert!(session.next_packet().is_some());
    let mut session = at(State::Init);
    session.hear(
        &Packet {
            demand: true,
            ..said(State::Down)
        },
        start(),
    );
    assert!(session.next_packet().is_some(), "not while one end is down");
}

#[test]
fn a_session_that_begins_says_nothing_before_it_had_time() {
    let mut session = session(terms());
    assert_eq!(session.standing(start()), Standing::Unsettled);
    let settled = start() + 5 * SECOND;
    assert_eq!(session.standing(start() + 4999 * MS), Standing::Unsettled);
    assert_eq!(session.standing(settled), Standing::Down);
    assert!(session.due(start()).is_some());
    session.sent = Some(settled);
    session.neighbour.min_rx = Duration::ZERO;
    assert_eq!(
        session.due(start()),
        Some(settled),
        "it is to be looked at then"
    );
    assert_eq!(at(State::Up).standing(start()), Standing::Up);
}

#[test]
fn a_neighbours_word_counts_at_once() {
    let mut session = at(State::Up);
    session.hear(&said(State::Down), start() + MS);
    assert_eq!(session.standing(start() + MS), Standing::Down);
}

#[test]
fn an_operators_end_of_it_is_no_word_on_the_path() {
    let mut session = at(State::Up);
    session.hear(&said(State::AdminDown), start());
    session.tick(start() + SECOND, 0);
    let later = start() + 60 * SECOND;
    assert_eq!(session.standing(later), Standing::AdminDown);
    // It returns, and has its time again.
    session.hear(&said(State::Down), later);
    assert_eq!(session.standing(later), Standing::Unsettled);
    session.hear(&said(State::Init), later + MS);
    assert_eq!(session.standing(later + MS), Standing::Up);
}

#[test]
fn who_slept_does_not_believe_the_neighbour_that_missed_it() {
    let asleep = 60 * SECOND;
    for wakes_by_packet in [true, false] {
        let mut session = at(State::Up);
        let now = start() + asleep;
        if wakes_by_packet {
            session.hear(&said(State::Down), now);
        } else {
            session.tick(now, 0);
        }
        assert_eq!(session.state, State::Down);
        assert_eq!(session.standing(now), Standing::Unsettled);
        // Once: asleep again, and still not up, it is down.
        let now = now + asleep;
        session.tick(now, 0);
        assert_eq!(session.standing(now), Standing::Down);
    }
    // A little late is the neighbour's silence all the same.
    let mut session = at(State::Up);
    session.tick(start() + 60 * MS, 25);
    session.tick(start() + 130 * MS, 25);
    assert_eq!(session.standing(start() + 130 * MS), Standing::Down);
}

#[test]
fn the_last_packet_says_that_it_is_meant() {
    let packet = at(State::Up).farewell();
    assert_eq!(packet.state, State::AdminDown);
    assert_eq!(packet.diagnostic, Diagnostic::ADMINISTRATIVELY_DOWN);
    assert_eq!((packet.from, packet.to), (OURS, THEIRS.get()));
}

/// Two ends on one clock, and a wire that carries what `carries` says.
#[test]
fn two_ends_come_up_stay_up_and_fall_with_the_wire() {
    for seed in 0..50_u32 {
        let mut ends = [
            Session::new(Arc::new(terms()), OURS, start()),
            Session::new(Arc::new(terms()), THEIRS, start()),
        ];
        let mut random = seed.wrapping_mul(2_654_435_761);
        let mut now = start();
        let step = |ends: &mut [Session; 2], now: &mut Moment, carries: bool, random: &mut u32| {
            for from in [0, 1] {
                *random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if let Some(packet) = ends[from].tick(*now, *random >> 8) {
                    let bytes = packet.write();
                    if carries {
                        ends[1 - from].hear(&Packet::read(&bytes).unwrap(), *now);
                    }
                }
            }
            *now = *now + MS;
        };
        let up = |ends: &[Session; 2]| ends.iter().all(|end| end.state == State::Up);
        for _ in 0..5000 {
            step(&mut ends, &mut now, true, &mut random);
        }
        assert!(up(&ends), "seed {seed}");
        for _ in 0..5000 {
            step(&mut ends, &mut now, true, &mut random);
            assert!(up(&ends), "seed {seed}");
        }
        for _ in 0..=101 {
            step(&mut ends, &mut now, false, &mut random);
        }
        let down = ends.iter().all(|end| end.state == State::Down);
        assert!(down, "seed {seed}");
        for _ in 0..5000 {
            step(&mut ends, &mut now, true, &mut random);
        }
        assert!(up(&ends), "seed {seed}");
    }
}
