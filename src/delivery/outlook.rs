//! When the dispatcher must look up although nothing wakes it. Pure: it is told the time.

use crate::model::Timestamp;
use std::time::Duration;

/// A look into the store without any reason, for what no wake-up told of.
pub(super) const POLL: Duration = Duration::from_secs(5);

/// What is known of due deliveries in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// There are some, or there may be.
    Now,
    At(Timestamp),
    /// None, as far as is known.
    Unknown,
}

impl Due {
    /// Also knowing that one is due at `at`.
    pub(super) fn or_at(self, at: Timestamp) -> Self {
        match self {
            Due::Now => Due::Now,
            Due::At(earlier) => Due::At(earlier.min(at)),
            Due::Unknown => Due::At(at),
        }
    }

    pub(super) fn is_now(self, now: Timestamp) -> bool {
        match self {
            Due::Now => true,
            Due::At(at) => at <= now,
            Due::Unknown => false,
        }
    }
}

/// What decides when something can be done next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outlook {
    pub(super) due: Due,
    /// How many attempts may be under way at present.
    pub(super) most: usize,
    pub(super) under_way: usize,
    /// When the destination may be asked again; in the past where it may be now.
    pub(super) opens_at: Timestamp,
    /// When the pace lets the next lead go; not after now where it lets one go now.
    pub(super) paced_at: Timestamp,
}

impl Outlook {
    /// When to look up; at `now` only if something can be done at once.
    pub(super) fn wake_at(self, now: Timestamp) -> Timestamp {
        let poll_at = now.plus(POLL);
        if self.most > 0 && self.under_way >= self.most {
            // The end of an attempt makes room, and wakes by itself.
            return poll_at;
        }
        let may_go_at = self.opens_at.max(self.paced_at).max(now);
        let at = match self.due {
            Due::Now => may_go_at,
            Due::At(at) => at.max(may_go_at),
            // Slots are offered anew when the pace allows more.
            Due::Unknown if self.paced_at > now => may_go_at,
            Due::Unknown => poll_at,
        };
        at.min(poll_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const PAST: Timestamp = Timestamp::from_millis(0);

    #[track_caller]
    fn check(due: Due, most: usize, under_way: usize, opens: u64, paced: u64, expected: u64) {
        let at = |millis| NOW.plus(Duration::from_millis(millis));
        let opens_at = if opens == 0 { PAST } else { at(opens) };
        let outlook = Outlook { due, most, under_way, opens_at, paced_at: at(paced) };
        assert_eq!(outlook.wake_at(NOW), at(expected), "{outlook:?}");
    }

    #[test]
    fn it_looks_up_when_something_can_be_done_and_no_sooner() {
        let soon = Due::At(NOW.plus(Duration::from_millis(300)));
        // Nothing in the way.
        check(Due::Now, 8, 0, 0, 0, 0);
        check(soon, 8, 3, 0, 0, 300);
        check(Due::Unknown, 8, 0, 0, 0, 5_000);
        // The pace, or the destination, is in the way.
        check(Due::Now, 8, 0, 0, 40, 40);
        check(Due::Now, 0, 0, 900, 40, 900);
        check(Due::Now, 0, 2, 900, 0, 900);
        check(soon, 8, 0, 900, 40, 900);
        check(Due::Unknown, 8, 0, 0, 40, 40);
        check(Due::Now, 0, 0, 60_000, 0, 5_000);
        // As many as may be are under way: one of them will end. It must not spin till then, also
        // where only one may go because the key is refused.
        check(Due::Now, 8, 8, 0, 0, 5_000);
        check(Due::Now, 1, 1, 0, 0, 5_000);
        check(soon, 1, 2, 0, 0, 5_000);
    }
}
