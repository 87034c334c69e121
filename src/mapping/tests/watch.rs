//! Which fields are found in an event.

use super::{good, seen, with_body};
use serde_json::{Value, json};

/// The fields that the only rule with this `body` finds.
#[track_caller]
fn check(body: &str, event: Value, expected: &[&str]) {
    let required = "eventName = \"x\"\ncustomerExternalId = \"$.id\"";
    let mapping = good(&with_body(&format!("{required}\n{body}"))).mapping;
    let (applied, found) = seen(&event, |view| mapping.apply_watched(view));
    assert_eq!(applied.outcomes.len(), 1);
    let watched = &mapping.watched()[found[0].rule];
    let fields = watched.fields.iter().enumerate();
    let found: Vec<_> = fields
        .filter(|(number, _)| found[0].fields.has(*number))
        .map(|(_, field)| field.as_str())
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn what_came_from_the_event_is_found() {
    let id = "customerExternalId";
    check("clickId = \"$.c\"", json!({ "id": 1, "c": "x" }), &["clickId", id]);
    // Skipped, and yet everything else is known.
    check("clickId = \"$.c\"", json!({ "id": 1 }), &[id]);
    check("customerName = { from = \"$.n\", default = \"A\" }", json!({ "id": 1 }), &[id]);
    let first = "customerName = { first = [\"$.n\", { join = [\"$.m\", \"x\"] }, \"A\"] }";
    check(first, json!({ "id": 1 }), &[id]);
    check(first, json!({ "id": 1, "m": "B" }), &[id, "customerName"]);
    check(first, json!({ "id": 1, "n": " " }), &[id]);
    // Something came, if not what it should be.
    check("customerName = \"$.n\"", json!({ "id": 1, "n": [] }), &[id, "customerName"]);
}

#[test]
fn members_of_metadata_are_fields() {
    let metadata = "metadata = { a = \"$.a\", fixed = \"f\", deep = { b = \"$.b\" } }";
    let id = "customerExternalId";
    check(metadata, json!({ "id": 1 }), &[id]);
    check(metadata, json!({ "id": 1, "a": 1 }), &[id, "metadata.a", "metadata"]);
    check(metadata, json!({ "id": 1, "b": 1 }), &[id, "metadata.deep", "metadata"]);
}

#[test]
fn more_fields_than_are_watched_do_no_harm() {
    let members: Vec<_> = (0..100).map(|n| format!("m{n:02} = \"$.m\"")).collect();
    let metadata = format!("metadata = {{ {} }}", members.join(", "));
    let all: Vec<_> = (0..62).map(|n| format!("metadata.m{n:02}")).collect();
    let expected: Vec<_> =
        ["customerExternalId"].into_iter().chain(all.iter().map(String::as_str)).collect();
    check(&metadata, json!({ "id": 1, "m": 1 }), &expected);
}
