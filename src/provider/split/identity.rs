//! What a provider calls an event: its id and its type.

use crate::model::{Headers, Selector};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Longer ids are replaced by their SHA-256: as unique, and bounded.
const ID_BYTES_MAX: usize = 512;
/// Longer types are cut; no provider's come near.
const TYPE_CHARS_MAX: usize = 128;

/// Where the names of an event are.
#[derive(Debug, Default)]
pub(in crate::provider) struct Identity {
    pub id: Option<Locator>,
    pub event_type: Option<Locator>,
}

/// A place in a request that holds a scalar.
#[derive(Debug)]
pub(in crate::provider) enum Locator {
    /// A header; the name is lower case.
    Header(String),
    /// The first scalar that the query selects in the event.
    Query(Selector),
}

impl Identity {
    /// The id of the event, whose JSON is absent where it can't be read. A header names the whole
    /// request, so in a batch the event's `index` is added: it is the same when the provider sends
    /// the same batch again.
    pub fn id(
        &self,
        headers: &Headers,
        event: Option<&Value>,
        index: Option<usize>,
    ) -> Option<String> {
        let locator = self.id.as_ref()?;
        let found = locator.find(headers, event)?;
        let id = match (locator, index) {
            (Locator::Header(_), Some(index)) => Cow::Owned(format!("{found}/{index}")),
            _ => found,
        };
        Some(bounded_id(&id))
    }

    /// The type of the event.
    pub fn event_type(&self, headers: &Headers, event: Option<&Value>) -> Option<String> {
        let found = self.event_type.as_ref()?.find(headers, event)?;
        let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
        Some(found.chars().take(TYPE_CHARS_MAX).map(shown).collect())
    }
}

impl Locator {
    fn find<'a>(&self, headers: &'a Headers, event: Option<&'a Value>) -> Option<Cow<'a, str>> {
        match self {
            Locator::Header(name) => {
                let mut values = headers.iter().filter(|(field, _)| field == name);
                let (_, value) = values.next().filter(|_| values.next().is_none())?;
                Some(Cow::Borrowed(value.trim_ascii())).filter(|value| !value.is_empty())
            }
            Locator::Query(selector) => selector.select(event?).into_iter().find_map(scalar),
        }
    }
}

/// Strings that are not blank, whole numbers and booleans. Other numbers have lost digits when
/// they were parsed: two ids could look like one, and an event would be taken for known.
fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(Cow::Borrowed(text)),
        Value::Number(number) if !number.is_f64() => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        _ => None,
    }
}

/// Ids with control characters are replaced too: not every database takes them in text.
fn bounded_id(id: &str) -> String {
    if id.len() <= ID_BYTES_MAX && !id.contains(char::is_control) {
        return id.to_owned();
    }
    hex::encode(Sha256::digest(id.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(event: Value, expected: Option<&str>) {
        let identity = Identity {
            id: Some(Locator::Query(Selector::parse("$.id").unwrap())),
            event_type: Some(Locator::Query(Selector::parse("$.id").unwrap())),
        };
        assert_eq!(identity.id(&Headers::default(), Some(&event), None).as_deref(), expected);
        assert_eq!(identity.event_type(&Headers::default(), Some(&event)).as_deref(), expected);
    }

    #[test]
    fn scalars_become_text_and_blanks_are_nothing() {
        check(json!({"id": "evt_1"}), Some("evt_1"));
        check(json!({"id": " a "}), Some(" a "));
        check(json!({"id": 18_446_744_073_709_551_615_u64}), Some("18446744073709551615"));
        check(json!({"id": -3}), Some("-3"));
        check(json!({"id": true}), Some("true"));
        for nothing in [json!(""), json!(" \t"), json!(null), json!([1]), json!({"a": 1})] {
            check(json!({ "id": nothing }), None);
        }
        check(serde_json::from_str(r#"{"id": 123456789012345678901234567890}"#).unwrap(), None);
        check(json!([]), None);
    }

    #[track_caller]
    fn check_header(fields: &[&str], index: Option<usize>, expected: Option<&str>) {
        let fields = fields.iter().map(|value| ("X-Id".to_owned(), (*value).to_owned()));
        let identity = Identity { id: Some(Locator::Header("x-id".into())), event_type: None };
        assert_eq!(identity.id(&Headers::new(fields), None, index).as_deref(), expected);
    }

    #[test]
    fn a_header_names_the_request_and_the_place_in_a_batch() {
        check_header(&[" a "], None, Some("a"));
        check_header(&["a"], Some(2), Some("a/2"));
        check_header(&[" "], None, None);
        check_header(&[], None, None);
        check_header(&["a", "b"], None, None);
    }

    #[test]
    fn names_are_bounded() {
        assert_eq!(bounded_id(&"a".repeat(512)).len(), 512);
        assert_eq!(bounded_id(&"a".repeat(513)).len(), 64);
        assert_eq!(bounded_id("a\0b").len(), 64);
        assert_ne!(bounded_id(&"a".repeat(513)), bounded_id(&"a".repeat(514)));
        let locator = Locator::Query(Selector::parse("$").unwrap());
        let identity = Identity { id: None, event_type: Some(locator) };
        let event = json!(format!("a\n{}", "ü".repeat(200)));
        let event_type = identity.event_type(&Headers::default(), Some(&event)).unwrap();
        assert_eq!(event_type.chars().count(), 128);
        assert!(event_type.starts_with("a\u{fffd}ü"));
    }
}
