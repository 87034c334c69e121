//! What a provider calls an event: its id and its type.

use crate::model::{Headers, Selector};
use serde_json::{Map, Value};
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

/// A place that holds a scalar.
#[derive(Debug)]
pub(in crate::provider) enum Locator {
    /// A header of the request; the name is lower case.
    Header(String),
    /// A claim of the token that the request carries.
    Claim(String),
    /// The first scalar that the query selects in the event.
    Query(Selector),
    /// The first of these that is there.
    First(Vec<Locator>),
    /// All of these, with a text between them.
    Join { members: Vec<Locator>, with: String },
}

/// What names are looked for in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight<'a> {
    pub headers: &'a Headers,
    pub claims: Option<&'a Map<String, Value>>,
    /// The event; absent where it can't be read.
    pub event: Option<&'a Value>,
}

/// A name.
struct Found<'a> {
    text: Cow<'a, str>,
    /// Whether it names the whole request, whatever events are in it.
    of_request: bool,
}

impl Identity {
    /// The id of the event. What names the whole request gets the event's `index` in a batch: that
    /// is the same when the provider sends the same batch again.
    pub(super) fn id(&self, sight: Sight<'_>, index: Option<usize>) -> Option<String> {
        let found = self.id.as_ref()?.find(sight)?;
        let id = match index {
            Some(index) if found.of_request => Cow::Owned(format!("{}/{index}", found.text)),
            _ => found.text,
        };
        Some(bounded_id(&id))
    }

    /// The type of the event.
    pub(super) fn event_type(&self, sight: Sight<'_>) -> Option<String> {
        let found = self.event_type.as_ref()?.find(sight)?;
        let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
        Some(found.text.chars().take(TYPE_CHARS_MAX).map(shown).collect())
    }
}

impl Locator {
    /// The headers that it looks at.
    pub fn headers(&self) -> Vec<&str> {
        match self {
            Locator::Header(name) => vec![name],
            Locator::Claim(_) | Locator::Query(_) => Vec::new(),
            Locator::First(members) | Locator::Join { members, .. } => {
                members.iter().flat_map(Locator::headers).collect()
            }
        }
    }

    fn find<'a>(&self, sight: Sight<'a>) -> Option<Found<'a>> {
        let of_request = |text| Found { text, of_request: true };
        match self {
            Locator::Header(name) => {
                let mut values = sight.headers.iter().filter(|(field, _)| field == name);
                let (_, value) = values.next().filter(|_| values.next().is_none())?;
                let value = Some(value.trim_ascii()).filter(|value| !value.is_empty())?;
                Some(of_request(Cow::Borrowed(value)))
            }
            Locator::Claim(name) => scalar(sight.claims?.get(name)?).map(of_request),
            Locator::Query(selector) => {
                let text = selector.select(sight.event?).into_iter().find_map(scalar)?;
                Some(Found { text, of_request: false })
            }
            Locator::First(members) => members.iter().find_map(|member| member.find(sight)),
            Locator::Join { members, with } => {
                let found: Option<Vec<_>> =
                    members.iter().map(|member| member.find(sight)).collect();
                let found = found?;
                let texts: Vec<_> = found.iter().map(|part| part.text.as_ref()).collect();
                let of_request = found.iter().all(|part| part.of_request);
                Some(Found { text: Cow::Owned(texts.join(with)), of_request })
            }
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

    fn query(text: &str) -> Locator {
        Locator::Query(Selector::parse(text).unwrap())
    }

    fn header(name: &str) -> Locator {
        Locator::Header(name.to_owned())
    }

    fn named_by(id: Locator) -> Identity {
        Identity { id: Some(id), event_type: None }
    }

    #[track_caller]
    fn check(event: Value, expected: Option<&str>) {
        let identity = Identity { id: Some(query("$.id")), event_type: Some(query("$.id")) };
        let headers = Headers::default();
        let sight = Sight { headers: &headers, claims: None, event: Some(&event) };
        assert_eq!(identity.id(sight, None).as_deref(), expected);
        assert_eq!(identity.event_type(sight).as_deref(), expected);
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

    /// What `locator` finds in the third event of a batch.
    #[track_caller]
    fn check_locator(locator: Locator, expected: Option<&str>) {
        let fields = [("X-Id", " a "), ("X-Blank", " "), ("X-Two", "b"), ("x-two", "c")];
        let headers = Headers::new(fields.map(|(name, value)| (name.into(), value.into())));
        let claims = json!({"jti": "j", "list": []});
        let event = json!({"id": 1, "of": {"kind": "user"}});
        let sight = Sight { headers: &headers, claims: claims.as_object(), event: Some(&event) };
        assert_eq!(named_by(locator).id(sight, Some(2)).as_deref(), expected);
    }

    #[test]
    fn what_names_the_request_gets_the_place_in_the_batch() {
        check_locator(header("x-id"), Some("a/2"));
        check_locator(Locator::Claim("jti".into()), Some("j/2"));
        check_locator(query("$.id"), Some("1"));
        for absent in ["x-blank", "x-none", "x-two"] {
            check_locator(header(absent), None);
        }
        for absent in ["list", "none"] {
            check_locator(Locator::Claim(absent.into()), None);
        }
    }

    #[test]
    fn the_first_of_several_counts_or_all_of_them() {
        let join = |members| Locator::Join { members, with: ".".to_owned() };
        check_locator(Locator::First(vec![query("$.none"), header("x-id")]), Some("a/2"));
        check_locator(Locator::First(vec![query("$.id"), header("x-id")]), Some("1"));
        check_locator(Locator::First(vec![query("$.none"), header("x-blank")]), None);
        check_locator(join(vec![query("$.of.kind"), query("$.id")]), Some("user.1"));
        check_locator(join(vec![header("x-id"), query("$.id")]), Some("a.1"));
        check_locator(join(vec![header("x-id"), Locator::Claim("jti".into())]), Some("a.j/2"));
        check_locator(join(vec![query("$.of.kind"), query("$.none")]), None);
    }

    #[test]
    fn names_are_bounded() {
        assert_eq!(bounded_id(&"a".repeat(512)).len(), 512);
        assert_eq!(bounded_id(&"a".repeat(513)).len(), 64);
        assert_eq!(bounded_id("a\0b").len(), 64);
        assert_ne!(bounded_id(&"a".repeat(513)), bounded_id(&"a".repeat(514)));
        let identity = Identity { id: None, event_type: Some(query("$")) };
        let event = json!(format!("a\n{}", "ü".repeat(200)));
        let headers = Headers::default();
        let sight = Sight { headers: &headers, claims: None, event: Some(&event) };
        let event_type = identity.event_type(sight).unwrap();
        assert_eq!(event_type.chars().count(), 128);
        assert!(event_type.starts_with("a\u{fffd}ü"));
    }
}
