use std::time::Duration;

use crate::model::moment::Moment;

/// Slots of a turn, and what one is wide: a turn takes about 16 seconds.
const SLOTS: u64 = 4096;
const WIDTH: u64 = 4_000_000;

/// Timers by the slot of time they fall into; adding one and firing one cost the same however
/// many there are. Pure: time comes in from outside.
///
/// A timer fires at the first [`Wheel::expire`] at or after its moment, never earlier, and once.
/// There is no cancel: the owner forgets what a key means.
#[derive(Debug)]
pub struct Wheel<K> {
    slots: Vec<Vec<(Moment, K)>>,
    /// The slot up to which all was looked at, in widths since boot.
    at: u64,
    count: usize,
}

impl<K> Wheel<K> {
    pub fn new(now: Moment) -> Self {
        Self {
            slots: (0..SLOTS).map(|_| Vec::new()).collect(),
            at: now.as_nanos() / WIDTH,
            count: 0,
        }
    }

    pub fn insert(&mut self, when: Moment, key: K) {
        // What is overdue falls into the slot that is looked at next.
        let slot = (when.as_nanos() / WIDTH).max(self.at);
        self.slots[index(slot)].push((when, key));
        self.count += 1;
    }

    /// Takes out every timer whose moment has come, the earliest first.
    pub fn expire(&mut self, now: Moment) -> Vec<(Moment, K)> {
        let until = now.as_nanos() / WIDTH;
        let mut due = Vec::new();
        // After a long sleep one turn sees every slot.
        let steps = until.saturating_sub(self.at).min(SLOTS - 1);
        for step in 0..=steps {
            let slot = &mut self.slots[index(self.at + step)];
            due.extend(slot.extract_if(.., |(when, _)| *when <= now));
        }
        // The slot of `now` itself may still hold what comes later in it.
        self.at = self.at.max(until);
        self.count -= due.len();
        due.sort_by_key(|(when, _)| *when);
        due
    }

    /// How long to wait until the first slot that holds a timer is over, so that all of it fires
    /// together; `None` where there is no timer. Looks one turn ahead.
    pub fn idle(&self, now: Moment) -> Option<Duration> {
        if self.count == 0 {
            return None;
        }
        let end = |slot: u64| Moment::from_nanos((slot + 1).saturating_mul(WIDTH));
        let is_filled = |slot: &u64| {
            let mut timers = self.slots[index(*slot)].iter();
            timers.any(|(when, _)| *when < end(*slot))
        };
        let first = (self.at..self.at + SLOTS).find(is_filled);
        let next = first.map_or(end(self.at + SLOTS - 1), end);
        Some(next.since(now))
    }
}

fn index(slot: u64) -> usize {
    usize::try_from(slot % SLOTS).expect("a remainder of 4096 fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator of numbers, so that a failure can be told by its seed.
    fn numbers(seed: u64) -> impl Iterator<Item = u64> {
        let mut state = seed;
        std::iter::from_fn(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            Some(state)
        })
    }

    #[test]
    fn every_timer_fires_once_at_the_first_look_that_is_not_too_early() {
        for seed in 1..50 {
            let mut random = numbers(seed);
            let mut next = move |below: u64| random.next().unwrap() % below;
            let mut now = Moment::from_nanos(next(1 << 50));
            let mut wheel = Wheel::new(now);
            let mut waiting = std::collections::BTreeMap::new();
            for key in 0..500_u64 {
                // Some due at once, some within a slot, some after several turns.
                let magnitude = next(38);
                let ahead = Duration::from_nanos(next(1 << magnitude));
                wheel.insert(now + ahead, key);
                waiting.insert(key, now + ahead);
                if next(3) == 0 {
                    let magnitude = next(36);
                    now = now + Duration::from_nanos(next(1 << magnitude));
                    let mut last = Moment::default();
                    for (when, key) in wheel.expire(now) {
                        assert_eq!(waiting.remove(&key), Some(when), "seed {seed}");
                        assert!(when <= now && last <= when, "seed {seed}");
                        last = when;
                    }
                    let overdue = waiting.values().any(|when| *when <= now);
                    assert!(!overdue, "seed {seed}");
                }
                let first = waiting.values().min();
                let idle = wheel.idle(now);
                assert_eq!(idle.is_some(), first.is_some(), "seed {seed}");
                if let (Some(idle), Some(first)) = (idle, first) {
                    let latest = (*first).max(now) + Duration::from_nanos(WIDTH);
                    assert!(now + idle <= latest, "seed {seed}: sleeps too long");
                }
            }
            wheel.expire(now + Duration::from_hours(1));
            assert_eq!(wheel.idle(now), None);
        }
    }

    #[test]
    fn the_wait_for_a_timer_of_this_turn_ends_with_its_slot() {
        let slot = Duration::from_nanos(WIDTH);
        let now = Moment::from_nanos(WIDTH << 20);
        let mut wheel = Wheel::new(now);
        wheel.insert(now + 2000 * slot, ());
        wheel.insert(now + 2000 * slot + slot / 2, ());
        assert_eq!(wheel.idle(now), Some(2001 * slot));
        assert_eq!(wheel.expire(now + 2001 * slot).len(), 2);
    }
}
