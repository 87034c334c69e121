//! The steps of `then`: small conversions of one value.

use super::scalar::{to_boolean, to_integer, to_number, to_text};
use crate::lead::{trim, truncate};
use crate::model::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mapping) enum Step {
    Trim,
    Lowercase,
    Uppercase,
    /// At most this many UTF-16 code units, which is how the destination counts; no character is
    /// cut in two.
    Truncate(usize),
    /// Lowercase hex of the text's UTF-8 bytes.
    Sha256,
    String,
    Integer,
    Number,
    Boolean,
    /// Compact JSON of the whole value, a list too.
    Json,
    /// From epoch seconds, epoch milliseconds or RFC 3339 to RFC 3339 in UTC.
    Rfc3339,
}

impl Step {
    pub(in crate::mapping) const NAMES: [&str; 9] = [
        "trim",
        "lowercase",
        "uppercase",
        "sha256",
        "string",
        "integer",
        "number",
        "boolean",
        "json",
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "trim" => Step::Trim,
            "lowercase" => Step::Lowercase,
            "uppercase" => Step::Uppercase,
            "sha256" => Step::Sha256,
            "string" => Step::String,
            "integer" => Step::Integer,
            "number" => Step::Number,
            "boolean" => Step::Boolean,
            "json" => Step::Json,
            _ => return None,
        })
    }

    /// Applies the step; to every entry, if the value is a list.
    ///
    /// # Errors
    /// A sentence about types.
    pub(super) fn apply(&self, value: &Value) -> Result<Value, &'static str> {
        match value {
            _ if *self == Step::Json => Ok(Value::String(value.to_string())),
            Value::Array(items) => {
                let items: Result<_, _> = items.iter().map(|item| self.apply_one(item)).collect();
                items.map(Value::Array)
            }
            one => self.apply_one(one),
        }
    }

    fn apply_one(&self, value: &Value) -> Result<Value, &'static str> {
        Ok(match self {
            Step::Trim => Value::String(trim(&to_text(value)?).to_owned()),
            Step::Lowercase => Value::String(to_text(value)?.to_lowercase()),
            Step::Uppercase => Value::String(to_text(value)?.to_uppercase()),
            Step::Truncate(units) => Value::String(truncate(&to_text(value)?, *units).to_owned()),
            Step::Sha256 => Value::String(hex::encode(Sha256::digest(to_text(value)?))),
            Step::String | Step::Json => Value::String(to_text(value)?),
            Step::Integer => Value::Number(to_integer(value)?),
            Step::Number => Value::Number(to_number(value)?),
            Step::Boolean => Value::Bool(to_boolean(value)?),
            Step::Rfc3339 => Value::String(rfc3339(value)?),
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Trim => "trim",
            Step::Lowercase => "lowercase",
            Step::Uppercase => "uppercase",
            Step::Truncate(units) => return write!(f, "truncate {units}"),
            Step::Sha256 => "sha256",
            Step::String => "string",
            Step::Integer => "integer",
            Step::Number => "number",
            Step::Boolean => "boolean",
            Step::Json => "json",
            Step::Rfc3339 => "date rfc3339",
        })
    }
}

/// Seconds until the year 5138, milliseconds after 1973: providers send both.
const EPOCH_SECONDS_MAX: i64 = 100_000_000_000;

fn rfc3339(value: &Value) -> Result<String, &'static str> {
    const NO_TIME: &str = "found something that is no point in time";
    if let Ok(number) = to_integer(value) {
        let number = number.as_i64().ok_or(NO_TIME)?;
        let is_seconds = number.abs() < EPOCH_SECONDS_MAX;
        let millis = if is_seconds { number.checked_mul(1_000) } else { Some(number) };
        let millis = millis.filter(|millis| jiff::Timestamp::from_millisecond(*millis).is_ok());
        return Ok(Timestamp::from_millis(millis.ok_or(NO_TIME)?).to_string());
    }
    let time: Timestamp = to_text(value)?.trim().parse().map_err(|_| NO_TIME)?;
    Ok(time.to_string())
}

#[cfg(test)]
mod tests {
    use super::Step;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(step: Step, value: Value, expected: Value) {
        assert_eq!(step.apply(&value).unwrap_or(Value::Null), expected);
    }

    #[test]
    fn steps_convert_one_value() {
        for name in Step::NAMES {
            assert_eq!(Step::named(name).unwrap().to_string(), name);
        }
        check(Step::Trim, json!(" a\u{FEFF}\n"), json!("a"));
        check(Step::Lowercase, json!("AÄ"), json!("aä"));
        check(Step::Uppercase, json!("straße"), json!("STRASSE"));
        check(Step::Truncate(3), json!("a😀b"), json!("a😀"));
        check(Step::Truncate(2), json!("a😀b"), json!("a"));
        check(Step::Truncate(9), json!("a😀b"), json!("a😀b"));
        check(
            Step::Sha256,
            json!("abc"),
            json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        );
        check(Step::String, json!(7), json!("7"));
        check(Step::Integer, json!("7"), json!(7));
        check(Step::Number, json!("7.5"), json!(7.5));
        check(Step::Boolean, json!("false"), json!(false));
        check(Step::Json, json!({"a": [1]}), json!("{\"a\":[1]}"));
        check(Step::Lowercase, json!({}), Value::Null);
        check(Step::Lowercase, json!([[]]), Value::Null);
        check(Step::Lowercase, json!(["A", "B"]), json!(["a", "b"]));
        check(Step::Json, json!(["A"]), json!("[\"A\"]"));
    }

    #[test]
    fn times_become_rfc_3339() {
        let expected = json!("2026-01-01T00:00:00.000Z");
        check(Step::Rfc3339, json!(1_767_225_600), expected.clone());
        check(Step::Rfc3339, json!("1767225600000"), expected.clone());
        check(Step::Rfc3339, json!("2026-01-01T01:00:00+01:00"), expected);
        for bad in [json!("yesterday"), json!("2026-01-01"), json!(i64::MAX), json!({})] {
            check(Step::Rfc3339, bad, Value::Null);
        }
    }
}
