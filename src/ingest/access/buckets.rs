//! How often something happened lately, by key, in bounded memory.
//!
//! Pure: it is told the time. Each key has the schedule of the generic cell rate algorithm, which is
//! a leaky bucket in one number.

use crate::model::{Rate, Timestamp};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A bucket for each key, for at least the last half of `keys_max` keys that were asked for and never
/// more than all. A forgotten key begins anew.
#[derive(Debug)]
pub(in crate::ingest) struct Buckets<K> {
    keys_max: usize,
    generations: Mutex<Generations<K>>,
}

/// Keys are forgotten by generations, so that taking stays cheap while a flood brings ever new ones.
#[derive(Debug)]
struct Generations<K> {
    young: HashMap<K, Bucket>,
    old: HashMap<K, Bucket>,
}

/// When it would be empty, in microseconds since 1970, if nothing more were put in.
#[derive(Clone, Copy, Debug)]
struct Bucket(i64);

impl<K: Hash + Eq> Buckets<K> {
    pub(in crate::ingest) fn new(keys_max: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { keys_max, generations: Mutex::new(generations) }
    }

    /// Puts one into the bucket of `key`.
    ///
    /// # Errors
    /// How long until there is room, where there is none.
    pub(in crate::ingest) fn take(
        &self,
        key: K,
        rate: Rate,
        now: Timestamp,
    ) -> Result<(), Duration> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let Generations { young, old } = &mut *generations;
        if !young.contains_key(&key) && young.len() >= (self.keys_max / 2).max(1) {
            *old = std::mem::take(young);
        }
        let known = old.remove(&key);
        young.entry(key).or_insert(known.unwrap_or(Bucket(i64::MIN))).take(rate, now)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let generations = self.generations.lock().expect("no test panics in here");
        generations.young.len() + generations.old.len()
    }
}

impl Bucket {
    fn take(&mut self, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        let now = now.millis().saturating_mul(1_000);
        let every = i64::try_from(rate.every.as_micros()).unwrap_or(i64::MAX);
        let depth = every.saturating_mul(i64::from(rate.burst.get()));
        // Never fuller than full: a clock that was set back, or a smaller rate, blocks nobody longer.
        let empty_at = self.0.clamp(now, now.saturating_add(depth));
        let filled = empty_at.saturating_add(every);
        let over = filled.saturating_sub(now.saturating_add(depth));
        if over > 0 {
            return Err(Duration::from_micros(over.unsigned_abs()));
        }
        self.0 = filled;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn rate(every_ms: u64, burst: u32) -> Rate {
        let burst = NonZeroU32::new(burst).expect("not zero");
        Rate { every: Duration::from_millis(every_ms), burst }
    }

    fn at(millis: u64) -> Timestamp {
        START.plus(Duration::from_millis(millis))
    }

    #[test]
    fn a_burst_passes_and_then_one_in_every_so_long() {
        let buckets = Buckets::new(2);
        let take = |millis| buckets.take("a", rate(1_000, 3), at(millis));
        let wait = |millis| Err(Duration::from_millis(millis));
        assert_eq!([take(0), take(0), take(0)], [Ok(()); 3]);
        assert_eq!(take(0), wait(1_000));
        assert_eq!(take(400), wait(600));
        assert_eq!([take(1_000), take(1_000)], [Ok(()), wait(1_000)]);
        // After a quiet time, the burst again and not more.
        assert_eq!([take(60_000), take(60_000), take(60_000)], [Ok(()); 3]);
        assert_eq!(take(60_000), wait(1_000));
    }

    #[test]
    fn whoever_waits_as_long_as_told_gets_in() {
        for every_ms in [1, 3, 7, 333, 1_000] {
            let buckets = Buckets::new(2);
            let mut now = START;
            for _ in 0..1_000 {
                if let Err(wait) = buckets.take("a", rate(every_ms, 5), now) {
                    now = now.plus(wait);
                    assert_eq!(buckets.take("a", rate(every_ms, 5), now), Ok(()), "{every_ms}");
                }
            }
        }
    }

    #[test]
    fn keys_are_counted_apart() {
        let buckets = Buckets::new(4);
        let take = |key| buckets.take(key, rate(1_000, 1), START);
        assert!(take("a").is_ok() && take("b").is_ok());
        assert!(take("a").is_err() && take("b").is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_or_a_new_rate_blocks_nobody_for_long() {
        let buckets = Buckets::new(2);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", rate(1_000, 3), at(3_600_000)), Ok(()));
        }
        let wait = Err(Duration::from_secs(1));
        assert_eq!(buckets.take("a", rate(1_000, 3), START), wait);
        assert_eq!(buckets.take("a", rate(1, 1), at(3_600_000)), Err(Duration::from_millis(1)));
    }

    #[test]
    fn many_keys_push_out_the_oldest_and_no_recent_one() {
        let buckets = Buckets::new(100);
        let take = |key: u32| buckets.take(key, rate(1_000, 1), START);
        for key in 0..10_000 {
            assert_eq!(take(key), Ok(()));
            // Whoever keeps calling is not forgotten.
            assert!(take(0).is_err(), "{key}");
            assert!(buckets.len() <= 100);
        }
        assert!(take(9_951).is_err() && take(5_000).is_ok());
    }
}
