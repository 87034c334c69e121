//! Numbers: small ones say how many, long ones who.

use super::Masker;
use serde_json::Number;

/// Numbers of more digits are replaced.
const KEPT_DIGITS_MAX: usize = 3;

impl Masker<'_> {
    pub(super) fn number(&mut self, number: &Number) -> Number {
        let written = number.to_string();
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        if digits <= KEPT_DIGITS_MAX || self.is_named(&written) {
            return number.clone();
        }
        if let Some(earlier) = number.as_i64().and_then(|number| self.epoch(number)) {
            return Number::from(earlier);
        }
        let replaced = self.words.replace(&written);
        // Twenty digits can be more than a whole number holds; a nine at its end is then too much.
        replaced.parse().unwrap_or_else(|_| Number::from(1_000))
    }
}
