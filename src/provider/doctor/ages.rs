//! A signed timestamp that is not of now: whose clock is off, or whose unit is another.

use super::cause;
use crate::model::{Cause, Timestamp};
use crate::provider::scheme::Unit;

/// How near to now a number must come in the other unit to be taken for it: an hour.
const NEAR_MS: u64 = 3_600_000;

/// What a timestamp of `number` units says at `now`. `holds`: whether the signature is right but for
/// the time; `None` where that is not known.
pub(super) fn cause_of(number: i64, unit: Unit, now: Timestamp, holds: Option<bool>) -> Cause {
    let millis = |number: i64, unit| match unit {
        Unit::Seconds => number.saturating_mul(1_000),
        Unit::Milliseconds => number,
    };
    let (other, wrong, right) = match unit {
        Unit::Seconds => (Unit::Milliseconds, "milliseconds", "seconds"),
        Unit::Milliseconds => (Unit::Seconds, "seconds", "milliseconds"),
    };
    let also = match holds {
        Some(true) => "; but for that, its signature is right",
        Some(false) => "; apart from that, its signature does not match either",
        None => "",
    };
    if millis(number, other).abs_diff(now.millis()) < NEAR_MS {
        let message = format!("its timestamp counts {wrong}, and {right} are expected{also}");
        let hint = "look at the sender's own code, or at `timestamp_unit` of a custom source";
        return cause("timestamp_unit", message).with_hint(hint);
    }
    let off = millis(number, unit).saturating_sub(now.millis());
    let side = if off < 0 { "before" } else { "after" };
    let message =
        format!("it was signed {} {side} it came, by the clock of this machine{also}", span(off));
    let hint = "compare both clocks with that of a time server; a request that was held up or sent \
                again by hand is refused for its age alone";
    cause("clock_off", message).with_hint(hint)
}

fn span(millis: i64) -> String {
    let seconds = millis.unsigned_abs() / 1_000;
    let (number, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7_199 => (seconds / 60, "minute"),
        7_200..=172_799 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tests::NOW;

    #[track_caller]
    fn check(number: i64, unit: Unit, code: &str, part: &str) {
        let cause = cause_of(number, unit, NOW, None);
        assert_eq!(cause.code, code);
        assert!(cause.message.contains(part), "{}", cause.message);
    }

    #[test]
    fn clocks_and_units_are_told_apart() {
        let now = NOW.millis() / 1_000;
        check(now - 720, Unit::Seconds, "clock_off", "12 minutes before");
        check(now + 301, Unit::Seconds, "clock_off", "5 minutes after");
        check(now - 90_000, Unit::Seconds, "clock_off", "25 hours before");
        check(now * 1_000, Unit::Seconds, "timestamp_unit", "counts milliseconds");
        check(now, Unit::Milliseconds, "timestamp_unit", "counts seconds");
        check(0, Unit::Seconds, "clock_off", "days before");
        check(i64::MAX, Unit::Seconds, "clock_off", "after");
    }
}
