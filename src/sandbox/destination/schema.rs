//! The destination's schema of a lead, restated without a look at our own rules.
//!
//! A misreading that both shared would pass every test; so this is written in another way: regular
//! expressions, whole strings, and the notation of numbers from the ECMAScript specification.

use super::reply::ApiError;
use regex::Regex;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// A lead that the schema let through.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// Empty where there is none.
    pub click_id: String,
    pub event_name: String,
    pub customer: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub avatar: Option<String>,
    pub deferred: bool,
    pub quantity: u64,
}

/// Look-ahead is not to be had; [`email`] checks what the original says with it.
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+\-]@(?:[A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$")
        .expect("the pattern is a literal and valid")
});

/// Checks a body, field by field, and stops at the first fault, as the destination does.
///
/// # Errors
/// 422 with a message that names the field; 400 where the customer's id is absent or empty.
pub(super) fn parse(body: &Value) -> Result<Fields, ApiError> {
    let Value::Object(body) = body else {
        return Err(ApiError::new(422, "invalid_type: Expected object"));
    };
    let fields = Fields {
        click_id: trimmed(text(body, "clickId")?.unwrap_or_default()),
        event_name: event_name(body)?,
        customer: customer(body)?,
        name: short(body, "customerName", 100)?,
        email: email(body)?,
        avatar: avatar(body)?,
        deferred: mode(body)? == "deferred",
        quantity: quantity(body)?,
    };
    metadata(body)?;
    if fields.customer.is_empty() {
        return Err(ApiError::new(400, "externalId is required"));
    }
    Ok(fields)
}

fn broken(field: &str, rule: &str) -> ApiError {
    ApiError::new(422, format!("custom: {field}: {rule}"))
}

/// A text that may be absent, but not null.
fn text<'a>(body: &'a Map<String, Value>, field: &str) -> Result<Option<&'a str>, ApiError> {
    match body.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(broken(field, "Expected string")),
    }
}

/// A field without its null.
fn nullish<'a>(body: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    body.get(field).filter(|value| !value.is_null())
}

fn short(body: &Map<String, Value>, field: &str, max: usize) -> Result<Option<String>, ApiError> {
    match nullish(body, field) {
        None => Ok(None),
        Some(Value::String(text)) if length(text) <= max => Ok(Some(text.clone())),
        Some(Value::String(_)) => Err(broken(field, &format!("Must be {max} or fewer characters"))),
        Some(_) => Err(broken(field, "Expected string")),
    }
}

fn event_name(body: &Map<String, Value>) -> Result<String, ApiError> {
    let name = trimmed(text(body, "eventName")?.unwrap_or_default());
    match length(&name) {
        0 => Err(broken("eventName", "eventName is required")),
        1..=255 => Ok(name),
        _ => Err(broken("eventName", "eventName must be less than 255 characters")),
    }
}

/// The customer's id, under its name or one of the two old ones; empty where there is none.
fn customer(body: &Map<String, Value>) -> Result<String, ApiError> {
    let mut customer = String::new();
    for field in ["customerExternalId", "externalId", "customerId"] {
        let id = trimmed(text(body, field)?.unwrap_or_default());
        if length(&id) > 100 {
            return Err(broken(field, "Must be 100 or fewer characters"));
        }
        if customer.is_empty() {
            customer = id;
        }
    }
    Ok(customer)
}

fn email(body: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let email = short(body, "customerEmail", 100)?;
    let valid = |it: &String| EMAIL.is_match(it) && !it.starts_with('.') && !it.contains("..");
    if email.as_ref().is_none_or(valid) {
        Ok(email)
    } else {
        Err(broken("customerEmail", "Invalid email"))
    }
}

fn avatar(body: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let avatar = short(body, "customerAvatar", usize::MAX)?;
    if avatar.as_ref().is_none_or(|it| url::Url::parse(it).is_ok()) {
        Ok(avatar)
    } else {
        Err(broken("customerAvatar", "Invalid URL"))
    }
}

fn mode(body: &Map<String, Value>) -> Result<&str, ApiError> {
    match text(body, "mode")?.unwrap_or("async") {
        mode @ ("async" | "wait" | "deferred") => Ok(mode),
        _ => Err(broken("mode", "Invalid enum value")),
    }
}

fn quantity(body: &Map<String, Value>) -> Result<u64, ApiError> {
    let Some(value) = nullish(body, "eventQuantity") else { return Ok(1) };
    let number = value.as_f64().ok_or_else(|| broken("eventQuantity", "Expected number"))?;
    if number.trunc() == number && (1.0..=100.0).contains(&number) {
        Ok(number as u64)
    } else {
        Err(broken("eventQuantity", "Must be an integer from 1 to 100"))
    }
}

fn metadata(body: &Map<String, Value>) -> Result<(), ApiError> {
    match nullish(body, "metadata") {
        None => Ok(()),
        Some(Value::Object(_)) if length(&stringify(&body["metadata"])) <= 10_000 => Ok(()),
        Some(Value::Object(_)) => {
            Err(broken("metadata", "Must be 10,000 or fewer characters when stringified"))
        }
        Some(_) => Err(broken("metadata", "Expected object")),
    }
}

fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// JavaScript's white space is Unicode's, but for U+0085, and with the byte order mark.
fn trimmed(text: &str) -> String {
    let blank = |c: char| c == '\u{feff}' || c.is_whitespace() && c != '\u{85}';
    text.trim_matches(blank).to_owned()
}

/// `JSON.stringify`.
fn stringify(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(stringify).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::from(key.as_str()), stringify(value))
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Number(number) => notation(number.as_f64().unwrap_or(0.0)),
        other => other.to_string(),
    }
}

/// `Number::toString`: `digits` are the shortest that name the number, which is
/// 0.digits × 10 to the power of `point`.
fn notation(number: f64) -> String {
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = digits.len() as i32;
    let zeros = |count: i32| "0".repeat(count.max(0) as usize);
    let sign = if number < 0.0 { "-" } else { "" };
    let magnitude = if count <= point && point <= 21 {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(point as usize);
        format!("{whole}.{fraction}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        format!("{mantissa}e{:+}", point - 1)
    };
    format!("{sign}{magnitude}")
}

#[cfg(test)]
mod tests {
    use super::{notation, parse};
    use serde_json::{Value, json};

    /// Adds `field` to a good body; `fault` is the status, and a part of the message.
    #[track_caller]
    fn check(field: &str, value: Value, fault: Option<(u16, &str)>) {
        let mut body = json!({ "eventName": "Sign up", "customerExternalId": "u1" });
        body[field] = value;
        match (parse(&body), fault) {
            (Ok(_), None) => {}
            (Err(error), Some((status, part))) => {
                assert_eq!(error.status, status);
                assert!(error.message.contains(part), "{}", error.message);
            }
            (parsed, _) => panic!("{field}: {parsed:?}"),
        }
    }

    #[test]
    fn a_fault_names_its_field() {
        check("eventName", json!("  "), Some((422, "eventName")));
        check("eventName", json!("😀".repeat(128)), Some((422, "eventName")));
        check("eventName", json!("e".repeat(255)), None);
        check("customerExternalId", json!(" \u{feff}"), Some((400, "externalId")));
        check("customerExternalId", json!("c".repeat(101)), Some((422, "customerExternalId")));
        check("customerExternalId", json!(7), Some((422, "customerExternalId")));
        check("clickId", json!(null), Some((422, "clickId")));
        check("customerName", json!("n".repeat(101)), Some((422, "customerName")));
        check("customerName", json!(null), None);
        check("customerEmail", json!("müller@example.com"), Some((422, "customerEmail")));
        check("customerEmail", json!("o'neil+x@mail.example.com"), None);
        check("customerEmail", json!("a..b@example.com"), Some((422, "customerEmail")));
        check("customerAvatar", json!("a.png"), Some((422, "customerAvatar")));
        check("mode", json!("later"), Some((422, "mode")));
        check("eventQuantity", json!(0), Some((422, "eventQuantity")));
        check("eventQuantity", json!(1.5), Some((422, "eventQuantity")));
        check("eventQuantity", json!(100.0), None);
        check("metadata", json!([]), Some((422, "metadata")));
        check("metadata", json!({ "a": "x".repeat(9_992) }), None);
        check("metadata", json!({ "a": "x".repeat(9_993) }), Some((422, "metadata")));
        check("unknown", json!([]), None);
    }

    #[test]
    fn old_names_of_the_customer_count_where_the_new_one_is_absent() {
        let body = |field: &str| json!({ "eventName": "a", field: " u1 " });
        for field in ["customerExternalId", "externalId", "customerId"] {
            assert_eq!(parse(&body(field)).unwrap().customer, "u1");
        }
    }

    #[test]
    fn numbers_are_written_as_javascript_does() {
        for (number, written) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-1.5, "-1.5"),
            (123.0, "123"),
            (1e20, "100000000000000000000"),
            (1.5e21, "1.5e+21"),
            (0.000_001, "0.000001"),
            (1e-7, "1e-7"),
        ] {
            assert_eq!(notation(number), written);
        }
    }
}
