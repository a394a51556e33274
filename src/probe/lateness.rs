use std::time::Duration;

use crate::model::moment::Moment;

/// How long one half of the account is filled.
const HALF: Duration = Duration::from_mins(1);

/// Microseconds are counted by their highest bit and the three below it: a bucket is an eighth of
/// its lower end wide.
const FINE: u32 = 3;
const BUCKETS: usize = 64 << FINE;

/// How late questions were put, over the last one to two minutes. Pure: time comes in from outside.
#[derive(Debug)]
pub(super) struct Account {
    current: Half,
    last: Half,
    since: Moment,
}

/// How late questions were put lately. Of a percentile the bound is told that it stays below, at
/// most an eighth too much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// Questions that were put.
    pub count: u64,
    /// Half of them were no later than this.
    pub median: Duration,
    /// 99 of 100 were no later than this.
    pub p99: Duration,
    pub most: Duration,
}

#[derive(Clone, Debug)]
struct Half {
    buckets: Box<[u64]>,
    most: Duration,
}

impl Account {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            current: Half::new(),
            last: Half::new(),
            since: now,
        }
    }

    pub(super) fn add(&mut self, late: Duration, now: Moment) {
        self.turn(now);
        self.current.buckets[bucket(late)] += 1;
        self.current.most = self.current.most.max(late);
    }

    pub(super) fn look(&mut self, now: Moment) -> Lateness {
        self.turn(now);
        let halves = self.current.buckets.iter().zip(&self.last.buckets);
        let counts: Vec<u64> = halves.map(|(current, last)| current + last).collect();
        let most = self.current.most.max(self.last.most);
        let count = counts.iter().sum();
        Lateness {
            count,
            median: percentile(&counts, count, 50).min(most),
            p99: percentile(&counts, count, 99).min(most),
            most,
        }
    }

    fn turn(&mut self, now: Moment) {
        let age = now.since(self.since);
        if age < HALF {
            return;
        }
        std::mem::swap(&mut self.last, &mut self.current);
        self.current.clear();
        if age >= 2 * HALF {
            self.last.clear();
        }
        self.since = now;
    }
}

impl Half {
    fn new() -> Self {
        Self {
            buckets: vec![0; BUCKETS].into(),
            most: Duration::ZERO,
        }
    }

    fn clear(&mut self) {
        self.buckets.fill(0);
        self.most = Duration::ZERO;
    }
}

/// The upper end of the bucket in which the `percent`th of a hundred lies.
fn percentile(counts: &[u64], count: u64, percent: u64) -> Duration {
    let rank = (count * percent).div_ceil(100);
    let mut below = 0;
    let found = counts.iter().position(|held| {
        below += held;
        below >= rank
    });
    found.map_or(Duration::ZERO, end)
}

fn bucket(late: Duration) -> usize {
    let micros = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
    // Below eight each number has a bucket of its own.
    let shift = micros.checked_ilog2().unwrap_or(0).saturating_sub(FINE);
    let fine = usize::try_from(micros >> shift).expect("at most four bits are left");
    (usize::try_from(shift).expect("at most 60") << FINE) + fine
}

/// The greatest time that falls into a bucket.
fn end(bucket: usize) -> Duration {
    let shift = (bucket >> FINE).saturating_sub(1);
    let fine = (bucket - (shift << FINE)) as u128;
    let next = (fine + 1) << shift;
    Duration::from_micros(u64::try_from(next - 1).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_is_up_to_an_eighth_below_its_end() {
        for micros in (0..5_000).chain([1 << 20, (1 << 20) - 1, 60_000_000, 1 << 50]) {
            let late = Duration::from_micros(micros);
            let end = end(bucket(late));
            assert!(end >= late && end <= late + late / 8, "{late:?} {end:?}");
        }
        assert!(bucket(Duration::MAX) < BUCKETS);
    }

    #[test]
    fn the_account_is_of_the_last_one_to_two_minutes() {
        let start = Moment::from_nanos(1 << 40);
        let mut account = Account::new(start);
        assert_eq!(account.look(start), Lateness::default());
        for late in 1..=100 {
            account.add(Duration::from_millis(late), start);
        }
        let seen = account.look(start);
        assert_eq!((seen.count, seen.most), (100, Duration::from_millis(100)));
        let near = |seen: Duration, ms| {
            let want = Duration::from_millis(ms);
            seen >= want && seen <= want + want / 8
        };
        assert!(near(seen.median, 50) && near(seen.p99, 99), "{seen:?}");
        let next = start + HALF;
        account.add(Duration::from_secs(3), next);
        let seen = account.look(next);
        assert_eq!((seen.count, seen.most), (101, Duration::from_secs(3)));
        let seen = account.look(next + HALF);
        assert_eq!((seen.count, seen.most), (1, Duration::from_secs(3)));
        assert_eq!(account.look(next + 3 * HALF), Lateness::default());
    }
}
