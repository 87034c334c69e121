//! How fast leads may go out: evenly, below the destination's limit per minute.
//!
//! Pure: it is told the time. Leads go at regular intervals, with a small allowance so that a few
//! at once needn't wait. It comes on top of the rate in the first minute after a quiet time; below
//! a learned limit [`Rate::Auto`] leaves more room than that.

use crate::model::Timestamp;

/// Requests a minute to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// 80 % of what the destination announces in `X-RateLimit-Limit`: the key is shared with the
    /// user's own backend.
    Auto,
    /// As many as the operator says.
    PerMinute(u32),
}

/// Taken for the destination's limit until it has announced one.
const LIMIT_UNTIL_KNOWN: u32 = 600;
const MICROS_PER_MINUTE: i64 = 60_000_000;
/// A tenth of a minute's leads may go at once after a quiet time.
const BURST_DIVISOR: i64 = 10;

/// The schedule of one destination (the generic cell rate algorithm).
#[derive(Debug)]
pub(super) struct Pace {
    rate: Rate,
    limit: u32,
    /// When the next lead would go if leads went at exactly regular intervals; microseconds.
    next_micros: i64,
}

impl Pace {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, limit: LIMIT_UNTIL_KNOWN, next_micros: i64::MIN }
    }

    /// Notes the limit that the destination announced.
    pub(super) fn learn(&mut self, limit_per_minute: u32) {
        if limit_per_minute > 0 {
            self.limit = limit_per_minute;
        }
    }

    /// Leads a minute at present, at least 1.
    fn per_minute(&self) -> u32 {
        match self.rate {
            Rate::Auto => (self.limit / 5 * 4 + self.limit % 5 * 4 / 5).max(1),
            Rate::PerMinute(rate) => rate.max(1),
        }
    }

    /// How many leads may go now.
    pub(super) fn available(&self, now: Timestamp) -> usize {
        let early = micros(now).saturating_add(self.allowance()) - self.regular(now);
        usize::try_from(early / self.interval()).unwrap_or(0)
    }

    /// Notes that a lead goes now, whether or not one was available.
    pub(super) fn take(&mut self, now: Timestamp) {
        self.next_micros = self.regular(now).saturating_add(self.interval());
    }

    /// When the next lead may go; not before `now`.
    pub(super) fn next_at(&self, now: Timestamp) -> Timestamp {
        let wait = self.regular(now) + self.interval() - self.allowance();
        // Rounded up: a lead that goes a fraction of a millisecond early would find none available.
        Timestamp::from_millis(wait.div_euclid(1_000) + i64::from(wait.rem_euclid(1_000) > 0))
            .max(now)
    }

    /// The next regular time as seen from `now`: never in the past, and never further ahead than
    /// the longest honest schedule, so that a clock set back can't stop deliveries.
    fn regular(&self, now: Timestamp) -> i64 {
        let now = micros(now);
        self.next_micros.clamp(now, now.saturating_add(2 * MICROS_PER_MINUTE))
    }

    fn interval(&self) -> i64 {
        (MICROS_PER_MINUTE / i64::from(self.per_minute())).max(1)
    }

    /// How far leads may run ahead of their regular times; at least one interval.
    fn allowance(&self) -> i64 {
        (MICROS_PER_MINUTE / BURST_DIVISOR).max(self.interval())
    }
}

fn micros(now: Timestamp) -> i64 {
    now.millis().saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// How many go within `duration` when as many as possible always wait.
    fn sent(pace: &mut Pace, from: Timestamp, duration: Duration) -> usize {
        let mut now = from;
        let mut sent = 0;
        while now < from.plus(duration) {
            for _ in 0..pace.available(now) {
                pace.take(now);
                sent += 1;
            }
            let next = pace.next_at(now);
            assert!(next > now, "the schedule must move on");
            now = next;
        }
        sent
    }

    #[test]
    fn never_more_than_the_rate_and_its_burst_in_a_minute() {
        for rate in [1, 7, 60, 600, 3_000, 1_000_000] {
            let mut pace = Pace::new(Rate::PerMinute(rate));
            let burst = (rate as usize / 10).max(1);
            let first = sent(&mut pace, START, Duration::from_secs(60));
            assert!(first <= rate as usize + burst, "{rate}: {first}");
            let minute = START.plus(Duration::from_secs(60));
            let second = sent(&mut pace, minute, Duration::from_secs(60));
            assert!(second <= rate as usize + 1, "{rate}: {second}");
            assert!(second * 100 >= rate as usize * 95, "{rate}: {second}");
        }
    }

    #[test]
    fn the_announced_limit_is_used_to_four_fifths() {
        let mut pace = Pace::new(Rate::Auto);
        assert_eq!(pace.per_minute(), 480);
        pace.learn(3_000);
        assert_eq!(pace.per_minute(), 2_400);
        pace.learn(0);
        assert_eq!(pace.per_minute(), 2_400);
        pace.learn(1);
        assert_eq!(pace.per_minute(), 1);
        let mut fixed = Pace::new(Rate::PerMinute(100));
        fixed.learn(3_000);
        assert_eq!(fixed.per_minute(), 100);
    }

    #[test]
    fn a_clock_set_back_stops_nothing_for_long() {
        let mut pace = Pace::new(Rate::PerMinute(60));
        pace.take(START);
        let before = START.minus(Duration::from_secs(3_600));
        assert!(pace.next_at(before) <= before.plus(Duration::from_secs(120)));
    }
}
