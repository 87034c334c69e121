//! Optional fields, made to fit: kept as they are, changed, or left out.
//!
//! Each rule is a function from what a mapping found to what is sent; whatever it changes, it says
//! so in a warning. Only a blank text goes silently: it is how providers write "none". The detail
//! of a warning states the rule that was broken, never the value, which is a person's data.

use super::fields::{self, Field};
use super::{avatar, email, javascript};
use crate::diagnostic::Code;
use crate::model::{Mode, Reason, Warning};
use serde_json::Number;

/// Adds a warning about `field`, whose rule is `rule`.
pub(super) fn warn(
    warnings: &mut Vec<Warning>,
    code: Code,
    field: &Field,
    rule: impl Into<String>,
) {
    warnings.push(Reason::of_field(code, field.name).detail(rule));
}

/// `customerName`: one that is too long is trimmed and then cut, because most of a name is better
/// than none. One that fits is not touched, not even its outer white space.
pub(super) fn name(text: String, warnings: &mut Vec<Warning>) -> Option<String> {
    let trimmed = javascript::trim(&text);
    if trimmed.is_empty() {
        return None;
    }
    if javascript::units(&text) <= fields::CUSTOMER_NAME_UNITS_MAX {
        return Some(text);
    }
    let rule = fields::too_long(fields::CUSTOMER_NAME_UNITS_MAX);
    let cut = javascript::truncate(trimmed, fields::CUSTOMER_NAME_UNITS_MAX);
    let code = if cut == trimmed { Code::FieldRepaired } else { Code::FieldTruncated };
    warn(warnings, code, &fields::CUSTOMER_NAME, rule);
    Some(javascript::trim_end(cut).to_owned())
}

/// `customerEmail`: nothing but trimming is tried, because a changed address may be somebody
/// else's.
pub(super) fn email(text: String, warnings: &mut Vec<Warning>) -> Option<String> {
    let field = &fields::CUSTOMER_EMAIL;
    let address = javascript::trim(&text);
    if address.is_empty() {
        return None;
    }
    if !email::is_address(address) {
        return left_out(warnings, field, fields::EMAIL_RULE);
    }
    if javascript::units(address) > fields::CUSTOMER_EMAIL_UNITS_MAX {
        return left_out(warnings, field, fields::too_long(fields::CUSTOMER_EMAIL_UNITS_MAX));
    }
    Some(trimmed(text, field, warnings))
}

/// `customerAvatar`: nothing but trimming is tried.
pub(super) fn avatar(text: String, warnings: &mut Vec<Warning>) -> Option<String> {
    let field = &fields::CUSTOMER_AVATAR;
    let address = javascript::trim(&text);
    if address.is_empty() {
        return None;
    }
    let fits = javascript::units(address) <= fields::CUSTOMER_AVATAR_UNITS_MAX;
    if !fits || !avatar::is_address(address) {
        return left_out(warnings, field, fields::avatar_rule());
    }
    Some(trimmed(text, field, warnings))
}

/// `mode`: exactly one of the destination's words. Anything else is left out, and the destination
/// then takes its default, `async`.
pub(super) fn mode(text: &str, warnings: &mut Vec<Warning>) -> Option<Mode> {
    if javascript::trim(text).is_empty() {
        return None;
    }
    let mode = Mode::ALL.into_iter().find(|mode| mode.as_str() == text);
    mode.or_else(|| left_out(warnings, &fields::MODE, fields::MODE_RULE))
}

/// `eventQuantity`: `2.0` is 2, as it is in JavaScript. A number that does not fit is left out and
/// the lead then counts once: each count is paid for, so a nearby number would be a wrong bill.
pub(super) fn quantity(number: &Number, warnings: &mut Vec<Warning>) -> Option<u8> {
    let whole = (fields::EVENT_QUANTITY_MIN..=fields::EVENT_QUANTITY_MAX)
        .find(|whole| number.as_f64() == Some(f64::from(*whole)));
    whole.or_else(|| left_out(warnings, &fields::EVENT_QUANTITY, fields::quantity_rule()))
}

/// `text` without outer white space, with a warning if there was any.
fn trimmed(text: String, field: &Field, warnings: &mut Vec<Warning>) -> String {
    let trimmed = javascript::trim(&text);
    if trimmed.len() == text.len() {
        return text;
    }
    warn(warnings, Code::FieldRepaired, field, fields::OUTER_WHITE_SPACE);
    trimmed.to_owned()
}

fn left_out<T>(warnings: &mut Vec<Warning>, field: &Field, rule: impl Into<String>) -> Option<T> {
    warn(warnings, Code::FieldLeftOut, field, rule);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code::{FieldLeftOut, FieldRepaired, FieldTruncated};

    type Rule<T> = fn(String, &mut Vec<Warning>) -> Option<T>;

    /// Applies a rule and compares what is left, and the codes of its warnings.
    #[track_caller]
    fn check(rule: Rule<String>, text: &str, fitted: Option<&str>, codes: &[Code]) {
        let mut warnings = Vec::new();
        assert_eq!(rule(text.to_owned(), &mut warnings).as_deref(), fitted, "{text:?}");
        let given: Vec<Code> = warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(given, codes, "{text:?}");
    }

    #[test]
    fn names_are_cut_between_characters() {
        let full = "n".repeat(100);
        check(name, " \u{feff}", None, &[]);
        check(name, " Ada ", Some(" Ada "), &[]);
        check(name, &full, Some(&full), &[]);
        check(name, &format!("{full}n"), Some(&full), &[FieldTruncated]);
        check(name, &format!("  {full} "), Some(&full), &[FieldRepaired]);
        let pairs = "😀".repeat(49);
        check(name, &format!("{pairs}😀"), Some(&format!("{pairs}😀")), &[]);
        check(name, &format!("a{pairs}😀"), Some(&format!("a{pairs}")), &[FieldTruncated]);
        check(name, &format!("{} bc", &full[1..]), Some(&full[1..]), &[FieldTruncated]);
    }

    #[test]
    fn addresses_are_trimmed_or_left_out() {
        check(email, "", None, &[]);
        check(email, "ada@example.com", Some("ada@example.com"), &[]);
        check(email, "\tada@example.com ", Some("ada@example.com"), &[FieldRepaired]);
        check(email, "ada@localhost", None, &[FieldLeftOut]);
        check(email, " ada@localhost", None, &[FieldLeftOut]);
        let with_local = |length: usize| format!("{}@example.com", "a".repeat(length));
        check(email, &with_local(88), Some(&with_local(88)), &[]);
        check(email, &with_local(89), None, &[FieldLeftOut]);
    }

    #[test]
    fn avatars_are_trimmed_or_left_out() {
        check(avatar, " ", None, &[]);
        check(avatar, "https://a.b/c ", Some("https://a.b/c"), &[FieldRepaired]);
        check(avatar, "a.b/c", None, &[FieldLeftOut]);
        let of_units = |units: usize| format!("https://a.b/{}", "c".repeat(units - 12));
        check(avatar, &of_units(2_048), Some(&of_units(2_048)), &[]);
        check(avatar, &of_units(2_049), None, &[FieldLeftOut]);
    }

    #[test]
    fn a_mode_is_one_of_three_words() {
        let word: Rule<String> =
            |text, warnings| mode(&text, warnings).map(|mode| mode.as_str().to_owned());
        for good in ["async", "wait", "deferred"] {
            check(word, good, Some(good), &[]);
        }
        check(word, "", None, &[]);
        check(word, "Deferred", None, &[FieldLeftOut]);
        check(word, "wait ", None, &[FieldLeftOut]);
    }

    #[test]
    fn a_quantity_is_never_guessed() {
        #[track_caller]
        fn check(json: &str, fitted: Option<u8>) {
            let mut warnings = Vec::new();
            let number: Number = serde_json::from_str(json).unwrap();
            assert_eq!(quantity(&number, &mut warnings), fitted, "{json}");
            assert_eq!(warnings.is_empty(), fitted.is_some(), "{json}");
        }
        check("1", Some(1));
        check("100", Some(100));
        check("2.0", Some(2));
        check("1e2", Some(100));
        for bad in ["0", "-1", "101", "2.5", "1.0000001", "1e300", "-0.0", "18446744073709551615"] {
            check(bad, None);
        }
    }
}
