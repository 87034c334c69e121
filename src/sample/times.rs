//! Times: all of a sample go back by one and the same span, so that their order stays.

use super::Masker;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Span};

const DAY_SECONDS: i64 = 86_400;
/// Seconds of the years 2010 to 2040: what is outside is rather a number of something.
const EPOCH_SECONDS: std::ops::Range<i64> = 1_262_304_000..2_208_988_800;

/// A span of one to thirteen months, in whole seconds, so that times in seconds and in milliseconds
/// stay equal where they are.
pub(super) fn span(random: &mut fastrand::Rng) -> i64 {
    random.i64(30 * DAY_SECONDS..400 * DAY_SECONDS)
}

impl Masker<'_> {
    /// An earlier time that is written in the same way; `None` where `text` is no time after all.
    /// A date alone goes back by whole days.
    pub(super) fn time(&mut self, text: &str) -> Option<String> {
        let date: Date = text.get(..10)?.parse().ok()?;
        let clock = text.get(10..).unwrap_or_default();
        if clock.is_empty() {
            let days = Span::new().days(self.back_seconds / DAY_SECONDS);
            return Some(date.checked_sub(days).ok()?.to_string());
        }
        let rest = &clock[1..];
        let digits = rest.find(|c: char| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(rest.len());
        let (hours, zone) = rest.split_at(digits);
        let (whole, fraction) = hours.split_once('.').unwrap_or((hours, ""));
        let time: DateTime = format!("{date}T{whole}").parse().ok()?;
        let earlier = time.checked_sub(SignedDuration::from_secs(self.back_seconds)).ok()?;
        let shown = earlier.to_string();
        let mut written = format!("{}{}", shown.get(..10)?, &clock[..1]);
        written.push_str(shown.get(11..11 + whole.len())?);
        if !fraction.is_empty() {
            written.push('.');
            // Thousandths tell nothing of anybody; what is finer could tell which event it was.
            let (coarse, fine) = fraction.split_at(fraction.len().min(3));
            written.push_str(coarse);
            written.push_str(&self.words.replace(fine));
        }
        Some(written + zone)
    }

    /// An earlier time, if the number is one in seconds or milliseconds since 1970.
    pub(super) fn epoch(&self, number: i64) -> Option<i64> {
        if EPOCH_SECONDS.contains(&number) {
            return Some(number - self.back_seconds);
        }
        EPOCH_SECONDS.contains(&(number / 1_000)).then(|| number - self.back_seconds * 1_000)
    }
}
