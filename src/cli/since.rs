//! `--since`: from when on events are looked at.

use crate::model::{Timestamp, parse_duration};
use std::str::FromStr;
use std::time::Duration;

/// A time ago, or a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    Ago(Duration),
    At(Timestamp),
}

impl Since {
    /// The point in time that it means at `now`.
    pub(super) fn seen_from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(duration) => now.minus(duration),
            Self::At(at) => at,
        }
    }
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ago = parse_duration(text).map(Self::Ago);
        ago.or_else(|_| text.parse().map(Self::At))
            .map_err(|_| "a time ago is needed, as in 7d or 12h, or a point in time, as in 2026-01-31T18:00:00Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        let now = Timestamp::from_millis(1_767_225_600_000);
        let since: Result<Since, _> = text.parse();
        assert_eq!(since.map(|since| since.seen_from(now).millis()).ok(), expected);
    }

    #[test]
    fn it_is_a_time_ago_or_a_point_in_time() {
        check("1d", Some(1_767_139_200_000));
        check("500ms", Some(1_767_225_599_500));
        check("2025-12-31T01:00:00+01:00", Some(1_767_139_200_000));
        check("yesterday", None);
        check("", None);
    }
}
