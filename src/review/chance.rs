//! Whether a silence is chance: the one statistical rule behind drift and the monitor.
//!
//! Of `of` events, `hits` had something, and the `silent` events at one end had not. Had the order
//! of the events nothing to do with it, every choice of `hits` among all of them would be equally
//! probable, and the chance that none falls into the silent end is
//!
//! ```text
//! C(of - silent, hits) / C(of, hits)
//! ```
//!
//! That is exact for any number of events and any share of hits, and needs no estimate of a rate:
//! what was in every event is missed after a handful, what one in twenty has after hundreds, and
//! what was there once in a while never is.

/// Less often found says nothing about how often it should be.
pub(super) const HITS_MIN: u64 = 10;

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub hits: u64,
    pub of: u64,
}

impl Share {
    /// From 0 to 100; 0 where there is nothing to share.
    pub fn percent(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.hits as f64 * 100.0 / self.of as f64 }
    }
}

/// The chance that all hits lie outside of `silent` events at one end, if the order of the events
/// has nothing to do with them; see the module. `share.of` counts the silent ones too.
pub(super) fn chance_of_silence(share: Share, silent: u64) -> f64 {
    let Share { hits, of } = share;
    if hits.saturating_add(silent) > of {
        // No such history exists.
        return 1.0;
    }
    // Of hits and silent events it makes no difference which are chosen among which: the shorter
    // product is the same number.
    let (fewer, more) = (hits.min(silent), hits.max(silent));
    let mut chance = 1.0;
    for chosen in 0..fewer {
        chance *= (of - more - chosen) as f64 / (of - chosen) as f64;
        if chance < f64::MIN_POSITIVE {
            return 0.0;
        }
    }
    chance
}

#[cfg(test)]
mod tests {
    use super::{Share, chance_of_silence};

    #[track_caller]
    fn check(hits: u64, of: u64, silent: u64, expected: f64) {
        let chance = chance_of_silence(Share { hits, of }, silent);
        let close = (chance - expected).abs() <= expected * 1e-9;
        assert!(close, "{hits} of {of}, silent {silent}: {chance}, not {expected}");
    }

    #[test]
    fn the_chance_is_that_of_drawing_without_putting_back() {
        check(1, 2, 1, 0.5);
        check(2, 4, 2, 1.0 / 6.0);
        check(10, 20, 10, 1.0 / 184_756.0);
        // C(5, 2) / C(8, 2), and the same with the roles exchanged.
        check(2, 8, 3, 10.0 / 28.0);
        check(3, 8, 2, 10.0 / 28.0);
    }

    #[test]
    fn nothing_and_impossible_histories_are_no_evidence() {
        check(0, 100, 100, 1.0);
        check(10, 100, 0, 1.0);
        check(10, 5, 0, 1.0);
        check(u64::MAX / 4, u64::MAX, 0, 1.0);
    }

    #[test]
    fn long_histories_end_at_zero_and_not_in_noise() {
        check(100_000, 200_000, 100_000, 0.0);
        let rare = chance_of_silence(Share { hits: 20, of: 10_000 }, 1_000);
        assert!((0.1..0.2).contains(&rare), "{rare}");
    }
}
