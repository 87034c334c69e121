//! Bringing scalars from one type to another where that loses nothing.
//!
//! A refusal is a sentence about types. It never quotes the value, which is somebody's data.

use serde_json::{Number, Value};
use std::borrow::Cow;

/// Integers above this may have lost digits when JSON's number was read as a float.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// The value as a text: numbers as they are written, `true` and `false`.
pub(in crate::mapping) fn to_text(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(boolean) => Ok(boolean.to_string()),
        Value::Number(number) => number_to_text(number),
        Value::Null => Err("found null, where a text is needed"),
        Value::Array(_) => Err("found a list, where a text is needed"),
        Value::Object(_) => Err("found an object, where a text is needed"),
    }
}

/// [`to_text`] of a value that is not needed any more.
pub(in crate::mapping) fn into_text(value: Cow<'_, Value>) -> Result<String, &'static str> {
    match value {
        Cow::Owned(Value::String(text)) => Ok(text),
        other => to_text(&other),
    }
}

fn number_to_text(number: &Number) -> Result<String, &'static str> {
    match number.as_f64() {
        _ if !number.is_f64() => Ok(number.to_string()),
        Some(float) if float.fract() != 0.0 => Ok(number.to_string()),
        Some(float) => Ok(whole(float)?.to_string()),
        None => Err(TOO_LARGE),
    }
}

/// The value as a number: a text that is one counts.
pub(in crate::mapping) fn to_number(value: &Value) -> Result<Number, &'static str> {
    match value {
        Value::Number(number) => Ok(number.clone()),
        Value::String(text) => parse(text.trim()).ok_or("found a text that is no number"),
        _ => Err("found something that is no number"),
    }
}

pub(super) fn to_integer(value: &Value) -> Result<Number, &'static str> {
    let number = to_number(value)?;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 => Ok(Number::from(whole(float)?)),
        _ if number.is_f64() => Err("found a number that is not whole"),
        _ => Ok(number),
    }
}

pub(super) fn to_boolean(value: &Value) -> Result<bool, &'static str> {
    match value {
        Value::Bool(boolean) => Ok(*boolean),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Ok(false),
        _ => Err("found something that is neither true nor false"),
    }
}

const TOO_LARGE: &str = "found a number too large to be kept exactly";

/// A float without a fraction as an integer.
fn whole(float: f64) -> Result<i64, &'static str> {
    // The bound makes the conversion exact.
    if float.abs() < EXACT_MAX { Ok(float as i64) } else { Err(TOO_LARGE) }
}

fn parse(text: &str) -> Option<Number> {
    let integer = text.parse::<i64>().map(Number::from);
    let integer = integer.or_else(|_| text.parse::<u64>().map(Number::from));
    // What looks like an integer and doesn't fit must not be rounded to a float.
    let digits = text.trim_start_matches(['-', '+']).bytes().all(|byte| byte.is_ascii_digit());
    match integer {
        Ok(number) => Some(number),
        Err(_) if digits => None,
        Err(_) => text.parse().ok().and_then(Number::from_f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check<T: Into<Value>>(result: Result<T, &'static str>, expected: Value) {
        assert_eq!(result.map_or(Value::Null, Into::into), expected);
    }

    #[test]
    fn texts_lose_nothing() {
        check(to_text(&json!("a")), json!("a"));
        check(to_text(&json!(42)), json!("42"));
        check(to_text(&json!(42.0)), json!("42"));
        check(to_text(&json!(-0.0)), json!("0"));
        check(to_text(&json!(4.5)), json!("4.5"));
        check(to_text(&json!(true)), json!("true"));
        check(to_text(&json!(u64::MAX)), json!("18446744073709551615"));
        check(to_text(&json!(9_007_199_254_740_993_i64)), json!("9007199254740993"));
        let beyond: Value = serde_json::from_str("123456789012345678901234567890").unwrap();
        check(to_text(&beyond), Value::Null);
        check(to_text(&json!(["a"])), Value::Null);
        check(to_text(&json!({})), Value::Null);
    }

    #[test]
    fn numbers_lose_nothing() {
        check(to_number(&json!(" 3 ")), json!(3));
        check(to_number(&json!("3.5")), json!(3.5));
        check(to_number(&json!("18446744073709551616")), Value::Null);
        check(to_number(&json!("three")), Value::Null);
        check(to_number(&json!("inf")), Value::Null);
        check(to_number(&json!(true)), Value::Null);
        check(to_integer(&json!(3.0)), json!(3));
        check(to_integer(&json!(3.5)), Value::Null);
        check(to_integer(&json!(1e300)), Value::Null);
        check(to_boolean(&json!("True")), json!(true));
        check(to_boolean(&json!(1)), Value::Null);
    }
}
