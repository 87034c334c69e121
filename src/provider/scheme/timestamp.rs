//! Whether a signed timestamp is recent.
//!
//! It is judged before the signature: the answer then depends on nothing secret. That makes a
//! captured request useless after a while; within that while the event's key catches it.

use super::field::Absent;
use super::template::{Context, Part};
use crate::diagnostic::Code;
use crate::model::Timestamp;

/// Enough for milliseconds of the next 30,000 years, and far from overflow.
const DIGITS_MAX: usize = 15;

/// Where the signed timestamp is, and how far it may be from now.
#[derive(Clone, Debug)]
pub(in crate::provider) struct Freshness {
    pub at: Part,
    pub unit: Unit,
    /// In either direction; this far is still recent.
    pub tolerance_seconds: i64,
}

/// The unit of a timestamp, counted from 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Unit {
    Seconds,
    Milliseconds,
}

impl Freshness {
    /// The number that the request has as its timestamp.
    pub(super) fn number(&self, context: Context<'_>) -> Result<i64, Code> {
        let signed_at = self.at.resolve(context).map_err(|absent| match absent {
            Absent::Missing => Code::TimestampMissing,
            Absent::Repeated => Code::TimestampMalformed,
        })?;
        parse(signed_at).ok_or(Code::TimestampMalformed)
    }

    pub(super) fn check(&self, context: Context<'_>, now: Timestamp) -> Result<(), Code> {
        self.judge(self.number(context)?, now)
    }

    /// Whether this number is of now.
    pub(in crate::provider) fn is_recent(&self, signed_at: i64, now: Timestamp) -> bool {
        self.judge(signed_at, now).is_ok()
    }

    fn judge(&self, signed_at: i64, now: Timestamp) -> Result<(), Code> {
        let tolerance = self.tolerance_seconds.saturating_mul(self.unit.in_second());
        let age = self.unit.of(now).saturating_sub(signed_at);
        if age > tolerance {
            Err(Code::TimestampTooOld)
        } else if age < -tolerance {
            Err(Code::TimestampTooNew)
        } else {
            Ok(())
        }
    }
}

impl Unit {
    /// `time` in whole units, as senders count.
    pub fn of(self, time: Timestamp) -> i64 {
        time.millis().div_euclid(1_000 / self.in_second())
    }

    fn in_second(self) -> i64 {
        match self {
            Unit::Seconds => 1,
            Unit::Milliseconds => 1_000,
        }
    }
}

/// Digits only: no sign, no fraction, no exponent.
fn parse(text: &[u8]) -> Option<i64> {
    let is_number = text.len() <= DIGITS_MAX && text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok().filter(|_| is_number)?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tests::request;

    const NOW_MS: i64 = 1_767_225_600_999;

    #[track_caller]
    fn check(unit: Unit, value: &str, expected: Result<(), Code>) {
        let at = Part::Header("t".into());
        let request = request(&[("t", value)], b"");
        let context = Context { request: &request, items: &[], url: None, secret: b"" };
        let freshness = Freshness { at, unit, tolerance_seconds: 300 };
        assert_eq!(freshness.check(context, Timestamp::from_millis(NOW_MS)), expected, "{value}");
    }

    #[test]
    fn the_tolerance_is_inclusive_both_ways() {
        check(Unit::Seconds, "1767225300", Ok(()));
        check(Unit::Seconds, "1767225299", Err(Code::TimestampTooOld));
        check(Unit::Seconds, "1767225900", Ok(()));
        check(Unit::Seconds, "1767225901", Err(Code::TimestampTooNew));
        check(Unit::Milliseconds, "1767225300999", Ok(()));
        check(Unit::Milliseconds, "1767225300998", Err(Code::TimestampTooOld));
        check(Unit::Milliseconds, "1767225900999", Ok(()));
        check(Unit::Milliseconds, "1767225901000", Err(Code::TimestampTooNew));
    }

    #[test]
    fn the_wrong_unit_is_not_recent() {
        check(Unit::Seconds, "1767225600000", Err(Code::TimestampTooNew));
        check(Unit::Milliseconds, "1767225600", Err(Code::TimestampTooOld));
    }

    #[test]
    fn a_timestamp_is_a_few_digits() {
        check(Unit::Seconds, "", Err(Code::TimestampMissing));
        check(Unit::Seconds, "0", Err(Code::TimestampTooOld));
        check(Unit::Seconds, "999999999999999", Err(Code::TimestampTooNew));
        for bad in ["yesterday", "-1", "+1767225600", "1767225600.0", "1e9", "0x1", "１７", "1 7"]
        {
            check(Unit::Seconds, bad, Err(Code::TimestampMalformed));
        }
        check(Unit::Seconds, &"9".repeat(16), Err(Code::TimestampMalformed));
        check(Unit::Seconds, &"1".repeat(10_000), Err(Code::TimestampMalformed));
    }
}
