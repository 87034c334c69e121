//! What is counted of a few events.

use super::{Coverage, Findings};
use crate::diagnostic::SourceText;
use crate::mapping::{Mapping, parse};
use crate::model::{Document, EventView, Headers, QueryString, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

fn mapping(rules: &str) -> Arc<Mapping> {
    let text = format!("provider = \"clerk\"\nsecrets = [\"env:A\"]\n{rules}");
    let source = Arc::new(SourceText::new("a.toml", &text));
    let (file, faults) = parse(&source, &text, &[]);
    file.unwrap_or_else(|| panic!("{faults:?}")).mapping
}

/// A rule for `t` with these fields beside the required ones.
fn rule(fields: &str) -> String {
    format!(
        "[[lead]]\nname = \"r\"\non = [\"t\"]\n[lead.body]\neventName = \"x\"\n\
         customerExternalId = \"$.id\"\n{fields}\n"
    )
}

fn findings(rules: &str, events: &[(&str, Value)]) -> Findings {
    let mapping = mapping(rules);
    let mut coverage = Coverage::new(&mapping);
    let (headers, query) = (Headers::new([]), QueryString::new([]));
    for (event_type, payload) in events {
        let json = Document::new(payload.clone());
        let view = EventView {
            provider_event_id: None,
            event_type: Some(event_type),
            received_at: Timestamp::from_millis(0),
            headers: &headers,
            query: &query,
            json: &json,
        };
        coverage.observe(view, "v", &mapping.explain(view));
    }
    coverage.findings(None)
}

/// The counts of the field `name`: found, missing, ignored, stood in, left out, repaired.
#[track_caller]
fn check_field(form: &str, payloads: &[Value], name: &str, expected: [u64; 6]) {
    let events: Vec<_> = payloads.iter().map(|payload| ("t", payload.clone())).collect();
    let findings = findings(&rule(form), &events);
    let field = findings.rules[0].fields.iter().find(|field| field.path == name);
    let counts = field.unwrap_or_else(|| panic!("there is no {name}")).counts;
    let found = [
        counts.found,
        counts.missing,
        counts.ignored,
        counts.stood_in,
        counts.left_out,
        counts.repaired,
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_event_of_a_field_is_counted_once() {
    let name = "customerName";
    let named = |value: Value| json!({ "id": 1, "n": value });
    let long = "n".repeat(200);
    let payloads = [json!({ "id": 1 }), named("Ada".into()), named(" ".into()), named(json!([]))];
    check_field("customerName = \"$.n\"", &payloads, name, [1, 2, 0, 0, 1, 0]);
    check_field("customerName = \"$.n\"", &[named(long.into())], name, [1, 0, 0, 0, 0, 1]);
    let form = "customerName = { from = \"$.n\", ignore = [\"n/a\"] }";
    check_field(form, &[named("n/a".into())], name, [0, 1, 1, 0, 0, 0]);
    let form = "customerName = { from = \"$.n\", default = \"A\" }";
    check_field(form, &payloads[..3], name, [1, 2, 0, 2, 0, 0]);
    let form = "customerName = { first = [\"$.n\", \"somebody\"] }";
    check_field(form, &payloads[..3], name, [1, 2, 0, 2, 0, 0]);
    // The destination's rules count too.
    let email = "customerEmail = \"$.n\"";
    check_field(email, &[named("no address".into())], "customerEmail", [0, 0, 0, 0, 1, 0]);
}

#[test]
fn members_of_metadata_are_counted_by_themselves() {
    let form = "metadata = { a = \"$.a\", deep = { b = \"$.b\" } }";
    let payloads = [json!({ "id": 1, "a": 1 }), json!({ "id": 1, "b": 1 }), json!({ "id": 1 })];
    check_field(form, &payloads, "metadata", [2, 1, 0, 0, 0, 0]);
    check_field(form, &payloads, "metadata.a", [1, 2, 0, 0, 0, 0]);
    check_field(form, &payloads, "metadata.deep.b", [1, 2, 0, 0, 0, 0]);
}

#[test]
fn an_alternative_that_never_yields_is_seen() {
    let form = "customerName = { first = [\"$.dead\", \"$.n\", \"$.unneeded\"] }";
    let events = [("t", json!({ "id": 1, "n": "Ada" })), ("t", json!({ "id": 2, "n": "Bo" }))];
    let findings = findings(&rule(form), &events);
    let field = &findings.rules[0].fields.iter().find(|f| f.path == "customerName").unwrap().form;
    let members: Vec<_> = field.members.iter().map(|m| (m.tried, m.yielded)).collect();
    assert_eq!((members.as_slice(), field.untried), ([(2, 0), (2, 2)].as_slice(), 1));
    assert_eq!(field.members.iter().map(|m| m.is_dead()).collect::<Vec<_>>(), [true, false]);
    assert!(!findings.has_dead_fields());
}

#[test]
fn rules_count_what_became_of_their_events() {
    let rules = format!(
        "{}[[click]]\non = [\"visit\"]\ncustomerExternalId = \"$.who\"\nclickId = \"$.click\"\n",
        rule("clickId = { from = \"$.c\", missing = \"park\" }")
            .replace("on = [\"t\"]", "on = [\"t\", \"u\"]\nwhen = \"@.test != true\"")
    );
    let events = [
        ("t", json!({ "id": 1, "c": "x", "more": "y" })),
        ("u", json!({ "id": 1 })),
        ("t", json!({ "c": "x" })),
        ("t", json!({ "id": 1, "c": "x", "test": true })),
        ("visit", json!({ "who": 1, "click": "x", "page": "/" })),
        ("other", json!({ "a": 1 })),
        ("other", json!({ "a": 1 })),
    ];
    let findings = findings(&rules, &events);
    let rule = &findings.rules[0];
    assert_eq!((rule.on, rule.matched, rule.leads, rule.parked), (4, 3, 1, 1));
    let unmapped: Vec<_> = rule.unmapped.iter().map(|(cause, n)| (cause.to_string(), *n)).collect();
    assert_eq!(unmapped, [("field_missing (customerExternalId)".to_owned(), 1)]);
    // What learns clicks is a rule for its events, too, and reads them.
    assert_eq!(findings.unwanted, [(Some("other".to_owned()), 2)]);
    let unread = findings.types.iter().flat_map(|found| &found.unread);
    let unread: Vec<_> = unread.map(|unread| unread.path.as_str()).collect();
    assert_eq!(unread, ["$.more", "$.page"]);
}

#[test]
fn what_is_looked_at_is_used() {
    let form = "customerEmail = \"$.emails[?@.id == $.primary].address\"\n\
                metadata = { object = { plan = { from = \"$.plan\", lookup = { in = \"$.plans\", \
                key = \"id\", take = \"name\" } }, all = \"$.whole\" } }";
    let payload = json!({
        "id": 1,
        "primary": "b",
        "emails": [{ "id": "a", "address": "x@example.com", "verified": true }, { "id": "b" }],
        "plan": 1,
        "plans": [{ "id": 1, "name": "Pro", "price": 5 }],
        "whole": { "x": { "y": 1 } },
        "empty": {},
        "nothing": null,
    });
    let findings = findings(&rule(form), &[("t", payload)]);
    let mut unread: Vec<_> =
        findings.types[0].unread.iter().map(|unread| unread.path.as_str()).collect();
    unread.sort_unstable();
    // Only the second entry was selected, and it has no address.
    assert_eq!(
        unread,
        ["$.emails[*].address", "$.emails[*].verified", "$.nothing", "$.plans[*].price"]
    );
}

#[test]
fn types_that_look_like_a_person_are_counted_and_not_shown() {
    let events: Vec<_> = ["ada@example.com", "+49 151 234567", "t.other", "t"]
        .iter()
        .map(|event_type| (*event_type, json!({ "id": "1" })))
        .collect();
    let unwanted = findings(&rule(""), &events).unwanted;
    let masked = Some("(a type that looks like a person's data)".to_owned());
    assert_eq!(unwanted, [(masked, 2), (Some("t.other".to_owned()), 1)]);
    let of_all = rule("").replace("on = [\"t\"]\n", "");
    let types = findings(&of_all, &events).types;
    assert!(types.iter().all(|found| !found.event_type.as_ref().unwrap().contains('@')));
}
