//! The object that is free in form but not in size.
//!
//! When it is too large, whole entries go, the largest first, until the rest fits: one raw payload
//! among ten small answers is then what is lost, and nothing is left half. The order of what stays
//! is kept.

use super::fields::{self, METADATA};
use super::javascript::{entry_units, units};
use super::optional::warn;
use crate::diagnostic::Code;
use crate::model::Warning;
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::fmt::Write;

/// How many keys a warning names.
const NAMED_KEYS_MAX: usize = 5;
/// The longest key that a warning names.
const NAMED_KEY_UNITS_MAX: usize = 40;

/// The entries that the destination takes; `None` if there are none.
pub(super) fn fit(
    mut entries: Map<String, Value>,
    warnings: &mut Vec<Warning>,
) -> Option<Map<String, Value>> {
    // Depth first: measuring a value calls itself once a level.
    let deep: Vec<bool> =
        entries.values().map(|value| nests_deeper(value, fields::METADATA_DEPTH_MAX - 1)).collect();
    leave_out(&mut entries, &deep, &fields::depth_rule(), warnings);
    let surplus = surplus(&entries);
    leave_out(&mut entries, &surplus, &fields::metadata_rule(), warnings);
    (!entries.is_empty()).then_some(entries)
}

/// For each entry whether it must go: the largest first, and of equally large ones the later
/// first, so that the same object always loses the same entries.
fn surplus(entries: &Map<String, Value>) -> Vec<bool> {
    // One more for the comma; that the last entry has none makes up for one of the two braces.
    let sizes: Vec<usize> =
        entries.iter().map(|(key, value)| entry_units(key, value) + 1).collect();
    let mut total = 1 + sizes.iter().sum::<usize>();
    let mut largest_first: Vec<usize> = (0..sizes.len()).collect();
    largest_first.sort_unstable_by_key(|index| Reverse((sizes[*index], *index)));
    let mut surplus = vec![false; sizes.len()];
    for index in largest_first {
        if total <= fields::METADATA_UNITS_MAX {
            break;
        }
        total -= sizes[index];
        surplus[index] = true;
    }
    surplus
}

/// Whether more than `levels` arrays and objects lie within each other. Looks no deeper than that.
fn nests_deeper(value: &Value, levels: usize) -> bool {
    let inner = |value| nests_deeper(value, levels - 1);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(inner),
        Value::Object(entries) => levels == 0 || entries.values().any(inner),
        _ => false,
    }
}

/// Removes the entries that are marked, with a warning that says which.
fn leave_out(
    entries: &mut Map<String, Value>,
    marked: &[bool],
    rule: &str,
    warnings: &mut Vec<Warning>,
) {
    let mut keys = Vec::new();
    let mut marks = marked.iter();
    entries.retain(|key, _| {
        let goes = *marks.next().unwrap_or(&false);
        if goes {
            keys.push(key.clone());
        }
        !goes
    });
    if !keys.is_empty() {
        let detail = format!("{rule}; left out: {}", listed(&keys));
        warn(warnings, Code::FieldTruncated, &METADATA, detail);
    }
}

/// A short list of keys. A key mostly is the mapping author's own word, but it can come from the
/// event as well, where an object was taken whole: only what looks like a word of a program is
/// quoted, the others are counted.
fn listed(keys: &[String]) -> String {
    let named: Vec<&String> =
        keys.iter().filter(|key| is_plain(key)).take(NAMED_KEYS_MAX).collect();
    let mut list = String::new();
    for key in &named {
        let comma = if list.is_empty() { "" } else { ", " };
        let _ = write!(list, "{comma}`{key}`");
    }
    match (named.len(), keys.len() - named.len()) {
        (_, 0) => list,
        (0, 1) => "1 entry".to_owned(),
        (0, others) => format!("{others} entries"),
        (_, others) => format!("{list} and {others} more"),
    }
}

fn is_plain(key: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    key.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && key.bytes().all(allowed)
        && units(key) <= NAMED_KEY_UNITS_MAX
}

#[cfg(test)]
mod tests {
    use super::fit;
    use serde_json::{Map, Value, json};

    const RULE: &str = "must have at most 10000 characters (UTF-16 code units) as JSON; left out: ";

    #[track_caller]
    fn check(value: Value, fitted: Option<Value>, warnings: &[String]) {
        let Value::Object(entries) = value else { panic!("metadata is an object") };
        let mut said = Vec::new();
        let entries = fit(entries, &mut said).map(Value::Object);
        assert_eq!(entries.map(|it| it.to_string()), fitted.map(|it| it.to_string()));
        let said: Vec<String> = said.into_iter().filter_map(|reason| reason.detail).collect();
        assert_eq!(said, warnings);
    }

    /// A text that takes `units` in JSON, its quotes included.
    fn text(units: usize) -> Value {
        Value::String("x".repeat(units - 2))
    }

    #[test]
    fn what_fits_is_kept_as_it_is() {
        check(json!({}), None, &[]);
        let entries = json!({ "z": 1, "a": { "é": [null] } });
        check(entries.clone(), Some(entries), &[]);
        // `{"a":…}` is six characters around the value, `,"b":1` six more.
        check(json!({ "a": text(9_994) }), Some(json!({ "a": text(9_994) })), &[]);
        let two = json!({ "a": text(9_988), "b": 1 });
        check(two.clone(), Some(two), &[]);
    }

    #[test]
    fn the_largest_entries_go_first_and_of_equals_the_later() {
        check(json!({ "a": text(9_995) }), None, &[format!("{RULE}`a`")]);
        check(
            json!({ "a": 1, "raw": text(9_990), "b": 2 }),
            Some(json!({ "a": 1, "b": 2 })),
            &[format!("{RULE}`raw`")],
        );
        check(
            json!({ "a": text(4_000), "b": text(4_000), "c": text(4_000), "d": text(50) }),
            Some(json!({ "a": text(4_000), "b": text(4_000), "d": text(50) })),
            &[format!("{RULE}`c`")],
        );
    }

    #[test]
    fn only_plain_keys_are_named_and_not_many() {
        check(json!({ "ada@example.com": text(9_999) }), None, &[format!("{RULE}1 entry")]);
        let many: Map<String, Value> = (0..7).map(|n| (format!("k{n}"), text(10_000))).collect();
        let said = format!("{RULE}`k0`, `k1`, `k2`, `k3`, `k4` and 2 more");
        check(Value::Object(many), None, &[said]);
    }

    #[test]
    fn what_nests_too_deep_goes() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        check(json!({ "a": nested(49) }), Some(json!({ "a": nested(49) })), &[]);
        check(
            json!({ "a": nested(50), "b": 1 }),
            Some(json!({ "b": 1 })),
            &["must not nest deeper than 50 levels; left out: `a`".to_owned()],
        );
    }
}
