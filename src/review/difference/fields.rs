//! What differs between two leads, field by field.

use super::FieldDifference;
use crate::model::{DestinationName, Lead, Once, RuleOutcome};
use serde_json::{Map, Value};
use std::time::Duration;

/// A lead, and what its rule says of it.
type Ruled<'a> = (&'a RuleOutcome, &'a Lead);

/// What differs between two leads: their fields, then what the rule says beside them.
pub(super) fn between(old: Ruled<'_>, new: Ruled<'_>) -> Vec<FieldDifference> {
    let mut found = of_bodies(old.1, new.1);
    found.extend(of_rules(old.0, new.0));
    found
}

/// Fields, and metadata entry by entry: those of the old lead in its order, then those that only
/// the new one has.
fn of_bodies(old: &Lead, new: &Lead) -> Vec<FieldDifference> {
    const METADATA: &str = "metadata";
    if old.body == new.body {
        return Vec::new();
    }
    let (mut old, mut new) = (body(old), body(new));
    let entries = |body: &mut Map<String, Value>| match body.remove(METADATA) {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    let (old_entries, new_entries) = (entries(&mut old), entries(&mut new));
    let mut found = members("", old, new);
    found.extend(members("metadata.", old_entries, new_entries));
    found
}

fn members(
    prefix: &str,
    old: Map<String, Value>,
    mut new: Map<String, Value>,
) -> Vec<FieldDifference> {
    let mut found = Vec::new();
    let mut note = |name: String, before, after| {
        found.push(FieldDifference { field: format!("{prefix}{name}"), before, after });
    };
    for (name, before) in old {
        match new.shift_remove(&name) {
            Some(after) if is_same(&before, &after) => {}
            after => note(name, Some(before), after),
        }
    }
    for (name, after) in new {
        note(name, None, Some(after));
    }
    found
}

fn of_rules(old: &RuleOutcome, new: &RuleOutcome) -> Vec<FieldDifference> {
    let mut found = Vec::new();
    let mut note = |field: &str, before: Value, after: Value| {
        let (before, after) = (Some(before), Some(after));
        found.push(FieldDifference { field: field.to_owned(), before, after });
    };
    if old.destination != new.destination {
        let text = |name: &DestinationName| Value::from(name.as_str());
        note("destination", text(&old.destination), text(&new.destination));
    }
    if old.once != new.once {
        note("once", once(old.once), once(new.once));
    }
    found
}

fn once(once: Once) -> Value {
    match once {
        Once::Forever => "forever".into(),
        Once::Event => "event".into(),
        Once::For(duration) => as_in_a_file(duration).into(),
    }
}

/// A duration in the largest unit of mapping files in which it is a whole number.
fn as_in_a_file(duration: Duration) -> String {
    const UNITS: [(u128, &str); 4] =
        [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let millis = duration.as_millis();
    let (unit_ms, unit) =
        UNITS.into_iter().find(|(unit_ms, _)| millis.is_multiple_of(*unit_ms)).unwrap_or((1, "ms"));
    format!("{}{unit}", millis / unit_ms)
}

pub(super) fn body(lead: &Lead) -> Map<String, Value> {
    serde_json::from_slice(&lead.body).expect("a lead's body is a JSON object of our own making")
}

/// Whether two values say the same: 1 and 1.0 do, and so do objects in another order.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        // Only where one has a fraction: large integers that differ can be the same as floats.
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            a.as_f64() == b.as_f64()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::as_in_a_file;
    use crate::model::parse_duration;

    #[test]
    fn durations_are_shown_as_in_a_file() {
        for text in ["90d", "36h", "10m", "15s", "1500ms"] {
            assert_eq!(as_in_a_file(parse_duration(text).expect("a duration")), text);
        }
    }
}
