//! Points in time and the durations of configuration files.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. Shown as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Later by `duration`, at most the end of time.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// Earlier by `duration`.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// Why a text is no point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a point in time is written as in 2026-01-31T18:00:00Z")]
pub struct TimestampError;

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339, with any offset; what is finer than a millisecond is cut off.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let read: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        Ok(Self(read.as_millisecond()))
    }
}

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a duration is a whole number and a unit: ms, s, m, h or d, as in \"90d\"")]
pub struct DurationError;

/// Reads a duration of a configuration file: `"500ms"`, `"15s"`, `"10m"`, `"24h"`, `"90d"`.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| DurationError)?;
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(DurationError),
    };
    number.checked_mul(unit_ms).map(Duration::from_millis).ok_or(DurationError)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, parse_duration};
    use std::time::Duration;

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("90d"), Ok(Duration::from_secs(90 * 86_400)));
        for bad in ["", "d", "7", "7 d", "-1s", "1.5h", "99999999999999999999d", "7w"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_shown_in_utc_with_milliseconds() {
        let shown = Timestamp::from_millis(1_767_225_600_007).to_string();
        assert_eq!(shown, "2026-01-01T00:00:00.007Z");
    }

    #[test]
    fn times_read_back_what_they_show() {
        let read = |text: &str| text.parse().map(Timestamp::millis).ok();
        assert_eq!(read("2026-01-01T00:00:00.007Z"), Some(1_767_225_600_007));
        assert_eq!(read("2026-01-01T02:00:00+02:00"), Some(1_767_225_600_000));
        for bad in ["", "7d", "2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
