//! When the thread of the kernel looks, glances and tries again.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

mod random;

use std::time::Duration;

use lvsctl::daemon::{Agenda, Cue};
use lvsctl::model::moment::Moment;

use random::Random;

const NOW: Moment = Moment::from_nanos(1 << 40);
const SECOND: Duration = Duration::from_secs(1);
const INSTANT: Duration = Duration::from_nanos(1);
const RESYNC: Duration = Duration::from_secs(30);
const CANARY: Duration = Duration::from_secs(3);

#[test]
fn the_agenda_looks_glances_and_tries_again_in_time() {
    let mut agenda = Agenda::new(RESYNC, CANARY, NOW);
    assert_eq!(agenda.look(NOW), Some(Cue::Resync));
    agenda.done(true, false, false, NOW);
    assert_eq!((agenda.look(NOW), agenda.next()), (None, NOW + 3 * SECOND));
    // A glance that costs takes its time, and never longer than a look comes anyway.
    agenda.glanced(SECOND / 10, NOW);
    assert!(!agenda.glance(NOW + 9 * SECOND) && agenda.glance(NOW + 10 * SECOND));
    agenda.glanced(SECOND, NOW);
    assert!(agenda.glance(NOW + 10 * SECOND), "once may be chance");
    agenda.glanced(SECOND, NOW);
    assert!(!agenda.glance(NOW + 29 * SECOND) && agenda.glance(NOW + 30 * SECOND));
    agenda.glance_no_more();
    assert_eq!(agenda.next(), NOW + RESYNC, "nothing to glance at");
    agenda.look_at(Cue::Canary, NOW + 9 * SECOND);
    agenda.look_at(Cue::Resync, NOW + 20 * SECOND);
    assert_eq!(agenda.look(NOW + 9 * SECOND), Some(Cue::Canary));
    // Failures back off up to the resync; meanwhile nobody glances.
    let mut now = NOW;
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        agenda.failed(true, now);
        assert_eq!(agenda.next(), now + seconds * SECOND);
        now = agenda.next();
        assert_eq!(agenda.look(now), Some(Cue::Retry));
    }
    agenda.done(true, true, true, now);
    assert!(agenda.round(now + SECOND), "a drain is looked after");
    agenda.done(true, false, false, now);
    assert_eq!(agenda.look(now + 29 * SECOND), None);
    let quiet = Agenda::new(RESYNC, Duration::ZERO, NOW);
    let mut agenda = quiet;
    agenda.done(true, false, false, NOW);
    assert_eq!(agenda.next(), NOW + 30 * SECOND);
}

/// A thread that lives by an agenda, and what is to be expected of it.
struct Life {
    agenda: Agenda,
    now: Moment,
    /// When the table is read next.
    due: Moment,
    cue: Cue,
    /// How long after trouble.
    retry: Duration,
}

impl Life {
    fn new(canary: Duration) -> Self {
        Self {
            agenda: Agenda::new(RESYNC, canary, NOW),
            now: NOW,
            due: NOW,
            cue: Cue::Resync,
            retry: SECOND,
        }
    }

    /// A round that read the table, or one that went by what was known of it.
    fn round(&mut self, looked: bool, outcome: Outcome, draining: bool) {
        if outcome == Outcome::Lost {
            self.agenda.failed(looked, self.now);
            if looked {
                (self.due, self.cue) = (self.now + self.retry, Cue::Retry);
                self.retry = (self.retry * 2).min(RESYNC);
            }
            self.expect(Cue::Retry, self.now + self.retry);
            let soon = self.agenda.glance(self.due) || self.agenda.round(self.due);
            assert!(!soon, "what is lost is looked for first");
            return;
        }
        let refused = outcome == Outcome::Refused;
        self.agenda.done(looked, refused, draining, self.now);
        if looked {
            (self.due, self.cue) = (self.now + RESYNC, Cue::Resync);
        }
        if refused {
            self.expect(Cue::Retry, self.now + self.retry);
        }
        // Only a look tells whether what was refused still is.
        match (looked, refused) {
            (true, true) => self.retry = (self.retry * 2).min(RESYNC),
            (true, false) => self.retry = SECOND,
            (false, _) => {}
        }
    }

    fn expect(&mut self, cue: Cue, at: Moment) {
        if at < self.due {
            (self.due, self.cue) = (at, cue);
        }
    }

    fn glance(&mut self, random: &mut Random) {
        if random.once_in(8) {
            self.agenda.look_at(Cue::Canary, self.now);
            self.expect(Cue::Canary, self.now);
        } else {
            let cost = random.one_of(&[1, 100, 10_000, 1_000_000]);
            self.agenda.glanced(Duration::from_micros(cost), self.now);
            let idle = self
                .agenda
                .glance(self.now + CANARY.saturating_sub(INSTANT));
            assert!(!idle && self.agenda.glance(self.now + RESYNC));
        }
    }

    fn holds(&self) {
        assert!(self.agenda.next() > self.now, "nothing is done in place");
        assert_eq!(self.agenda.look(self.due), Some(self.cue));
        let before = self.due.since(self.now).saturating_sub(INSTANT);
        assert_eq!(self.agenda.look(self.now + before), None);
        assert!(self.agenda.next() <= self.due);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Fine,
    Refused,
    Lost,
}

/// A life in which trouble comes and goes, with a verdict every other second or so.
fn live(seed: u64) {
    let random = &mut Random::new(seed);
    let canary = random.one_of(&[Duration::ZERO, CANARY]);
    let mut life = Life::new(canary);
    let (mut troubled, mut looks) = (false, 0);
    for _ in 0..200 {
        if random.once_in(20) {
            troubled = !troubled;
        }
        if life.agenda.look(life.now).is_none() && life.agenda.glance(life.now) {
            life.glance(random);
        }
        let looked = life.agenda.look(life.now).is_some();
        looks += usize::from(looked);
        let verdict = random.once_in(2);
        if random.once_in(40) {
            life.agenda.renew();
            life.retry = SECOND;
        }
        if looked || verdict || life.agenda.round(life.now) {
            let outcomes = if troubled {
                &[Outcome::Fine, Outcome::Refused, Outcome::Lost][..]
            } else {
                &[Outcome::Fine]
            };
            let outcome = random.one_of(outcomes);
            life.round(looked, outcome, random.once_in(4));
        }
        life.holds();
        let next = life.agenda.next();
        let verdict = life.now + SECOND * 2;
        life.now = if random.once_in(2) {
            next.min(verdict)
        } else {
            next
        };
    }
    assert!(looks > 5, "the table is read now and then");
}

#[test]
fn whatever_happens_looks_and_tries_come_in_time() {
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let first = std::env::var("LVSCTL_SEED").map_or(1, |seed| seed.parse().unwrap());
    eprintln!("seeds from {first}");
    for seed in first..first + if soak { 200_000 } else { 500 } {
        if let Err(cause) = std::panic::catch_unwind(|| live(seed)) {
            eprintln!("in the life of seed {seed}");
            std::panic::resume_unwind(cause);
        }
    }
}
