//! Each form, and what it finds.

use super::{apply, good, with_field};
use crate::model::Translation;
use serde_json::{Value, json};

/// What `field` of the lead becomes for `event`, which gets an `id`; null where it is left out.
#[track_caller]
fn check(line: &str, mut event: Value, expected: Value) {
    event["id"] = json!("u1");
    let name = line.split(' ').next().unwrap();
    let file = good(&with_field(line));
    let outcomes = apply(&file, &event);
    let Translation::Lead(lead) = &outcomes[0].translation else { panic!("{outcomes:?}") };
    let body: Value = serde_json::from_slice(&lead.body).unwrap();
    assert_eq!(body.get(name).cloned().unwrap_or(Value::Null), expected, "{:?}", lead.warnings);
}

/// A member of `metadata`, where values keep their type.
#[track_caller]
fn member(form: &str, event: Value, expected: Value) {
    let expected = if expected.is_null() { Value::Null } else { json!({ "x": expected }) };
    check(&format!("metadata = {{ x = {form} }}"), event, expected);
}

#[test]
fn scalars_are_themselves() {
    check("customerName = \"Ada\"", json!({}), json!("Ada"));
    check("customerName = { value = \"$.name\" }", json!({"name": "Ada"}), json!("$.name"));
    check("eventQuantity = 3", json!({}), json!(3));
    member("true", json!({}), json!(true));
    member("1.5", json!({}), json!(1.5));
    member("{ value = [1, { a = 2 }] }", json!({}), json!([1, {"a": 2}]));
}

#[test]
fn queries_yield_their_first_node() {
    check("customerName = \"$.name\"", json!({"name": "Ada"}), json!("Ada"));
    check("customerName = { from = \"$.name\" }", json!({"name": "Ada"}), json!("Ada"));
    check("customerName = \"$.names[*]\"", json!({"names": ["Ada", "Bo"]}), json!("Ada"));
    check("customerName = \"$.name\"", json!({}), Value::Null);
    check("customerName = \"$.name\"", json!({"name": null}), Value::Null);
    check("customerName = \"$.name\"", json!({"name": " \u{FEFF}"}), Value::Null);
    check("metadata = \"$.m\"", json!({"m": {"a": 1}}), json!({"a": 1}));
    member("\"$.a\"", json!({"a": [1, null]}), json!([1, null]));
    member("\"$.a\"", json!({"a": false}), json!(false));
}

#[test]
fn the_request_is_at_hand_too() {
    check("clickId = { header = \"X-Click\" }", json!({}), json!("h1"));
    check("clickId = { query = \"via\" }", json!({}), json!("q1"));
    check("customerName = { header = \"x-other\" }", json!({}), Value::Null);
    check("customerName = { event = \"id\" }", json!({}), json!("evt_1"));
    check("customerName = { event = \"type\" }", json!({}), json!("user.created"));
    member("{ event = \"received_at\" }", json!({}), json!("2026-01-01T00:00:00.000Z"));
}

#[test]
fn first_takes_the_first_that_yields() {
    let line = "customerName = { first = [\"$.a\", \"$.b\", \"nobody\"] }";
    check(line, json!({"a": "", "b": "Bo"}), json!("Bo"));
    check(line, json!({}), json!("nobody"));
    let ignoring = "customerName = { first = [\"$.a\", \"$.b\"], ignore = [\"n/a\", 0] }";
    check(ignoring, json!({"a": " n/a ", "b": "Bo"}), json!("Bo"));
    check(ignoring, json!({"a": "n/a", "b": "0"}), Value::Null);
    let nested = "customerName = { first = [{ from = \"$.a\", then = [\"uppercase\"] }, \"$.b\"] }";
    check(nested, json!({"a": "ada"}), json!("ADA"));
    check(nested, json!({"a": {}, "b": "Bo"}), json!("Bo"));
}

#[test]
fn join_takes_what_is_there() {
    let line = "customerName = { join = [\"$.first\", \"$.last\"], with = \" \" }";
    check(line, json!({"first": "Ada", "last": "Lo"}), json!("Ada Lo"));
    check(line, json!({"first": "Ada", "last": null}), json!("Ada"));
    check(line, json!({"first": null, "last": ""}), Value::Null);
    check("customerName = { join = [\"Dr.\", \"$.a\"], with = \" \" }", json!({}), Value::Null);
    check("customerName = { join = [\"No\", 7] }", json!({}), json!("No7"));
    let line = "customerExternalId = { join = [\"$.tenant\", \"$.n\"], with = \":\" }";
    check(line, json!({"tenant": "t", "n": 7}), json!("t:7"));
}

#[test]
fn all_makes_a_list() {
    member("{ all = \"$.a[*]\" }", json!({"a": ["x", null, "", 2]}), json!(["x", 2]));
    member("{ all = [\"$.a\", \"$.b\", \"c\"] }", json!({"b": 1}), json!([1, "c"]));
    member("{ all = \"$.a[*]\" }", json!({"a": []}), Value::Null);
    member("{ all = \"$.a[*]\", then = [\"lowercase\"] }", json!({"a": ["X"]}), json!(["x"]));
    let line = "customerName = { all = \"$.a[*]\", then = [\"json\"] }";
    check(line, json!({"a": ["X"]}), json!("[\"X\"]"));
}

#[test]
fn lookup_goes_from_an_id_to_its_entry() {
    let event = json!({"choice": "b", "choices": ["b", "z", "a"], "options": [
        {"id": "a", "text": "Small"}, {"id": "b", "text": "Large"}]});
    let lookup = "lookup = { in = \"$.options\", key = \"id\", take = \"text\" }";
    member(&format!("{{ from = \"$.choice\", {lookup} }}"), event.clone(), json!("Large"));
    member(
        &format!("{{ from = \"$.choices\", {lookup} }}"),
        event.clone(),
        json!(["Large", "Small"]),
    );
    member(&format!("{{ value = \"z\", {lookup} }}"), event.clone(), Value::Null);
    let wild = lookup.replace("$.options", "$.options[*]");
    member(&format!("{{ from = \"$.choice\", {wild} }}"), event, json!("Large"));
    // Deeper than a member of the entry: `@` is the entry.
    let event = json!({"choice": 7, "answers": [
        {"field": {"id": 6}}, {"text": ["No"]}, {"field": {"id": "7"}, "text": ["Yes", "?"]}]});
    let deeper = "lookup = { in = \"$.answers\", key = \"@.field.id\", take = \"@['text'][0]\" }";
    member(&format!("{{ from = \"$.choice\", {deeper} }}"), event, json!("Yes"));
}

#[test]
fn map_translates_and_else_catches() {
    let line =
        "customerName = { from = \"$.p\", map = { pro = \"Pro\", 1 = \"One\" }, else = \"?\" }";
    check(line, json!({"p": "pro"}), json!("Pro"));
    check(line, json!({"p": 1}), json!("One"));
    check(line, json!({"p": "x"}), json!("?"));
    check(line, json!({}), Value::Null);
    let strict = "customerName = { from = \"$.p\", map = { pro = \"Pro\" } }";
    check(strict, json!({"p": "x"}), Value::Null);
}

#[test]
fn steps_run_in_order_and_defaults_come_last() {
    let steps = "then = [\"trim\", { truncate = 3 }], default = \"Nobody\"";
    let line = &format!("customerName = {{ from = \"$.n\", {steps} }}");
    check(line, json!({"n": " Adam "}), json!("Ada"));
    check(line, json!({}), json!("Nobody"));
    member(
        "{ from = \"$.t\", then = [{ date = \"rfc3339\" }] }",
        json!({"t": 0}),
        json!("1970-01-01T00:00:00.000Z"),
    );
    member("{ from = \"$.t\", then = [\"integer\"] }", json!({"t": "12"}), json!(12));
    member(
        "{ from = { from = \"$.t\", then = [\"lowercase\"] }, map = { a = 1 } }",
        json!({"t": "A"}),
        json!(1),
    );
    member("{ from = \"$.t\", then = [\"integer\"], default = 0 }", json!({"t": " "}), json!(0));
}

#[test]
fn scalars_take_the_type_of_their_field() {
    check("customerName = \"$.n\"", json!({"n": 42}), json!("42"));
    check("customerName = \"$.n\"", json!({"n": true}), json!("true"));
    check("customerName = \"$.n\"", json!({"n": u64::MAX}), json!("18446744073709551615"));
    check("eventQuantity = \"$.n\"", json!({"n": "3"}), json!(3));
    check("eventQuantity = \"$.n\"", json!({"n": true}), Value::Null);
    check("customerName = \"$.n\"", json!({"n": {"a": 1}}), Value::Null);
    check("metadata = \"$.n\"", json!({"n": [1]}), Value::Null);
}

#[test]
fn tables_without_words_are_objects() {
    let event = json!({"plan": "pro", "utm": {"source": "x"}});
    check(
        "metadata = { source = \"clerk\", plan = \"$.plan\", gone = \"$.gone\" }",
        event.clone(),
        json!({"plan": "pro", "source": "clerk"}),
    );
    check(
        "metadata = { utm = { source = \"$.utm.source\" }, deep = { gone = \"$.gone\" } }",
        event.clone(),
        json!({"utm": {"source": "x"}}),
    );
    let words = "metadata = { object = { event = { event = \"type\" }, from = \"$.plan\" } }";
    check(words, event, json!({"event": "user.created", "from": "pro"}));
}

#[test]
fn what_is_far_too_large_is_left_out() {
    let large = "x".repeat(70_000);
    check("customerName = \"$.n\"", json!({"n": large}), Value::Null);
    check("metadata = \"$.n\"", json!({"n": {"a": large}}), Value::Null);
    let steps = "[\"json\", \"json\", \"json\", \"json\", \"json\", \"json\", \"json\", \"json\"]";
    let line = format!("{{ from = \"$.n\", then = {steps} }}");
    member(&line, json!({"n": "\"".repeat(10_000)}), Value::Null);
    let list: Vec<_> = (0..70_000).map(|n| n % 2).collect();
    let line = "{ all = \"$.n[*]\" }";
    let half = json!({"n": &list[..40_000]});
    let file = good(&with_field(&format!("metadata = {{ x = {line} }}")));
    assert_eq!(apply(&file, &half).len(), 1);
}

#[test]
fn members_have_steps_of_their_own() {
    let line = "customerName = { first = [{ from = \"$.a\", then = [\"trim\"], ignore = [\"x\"] }, \
                { from = \"$.b\", map = { 1 = \"one\" }, else = \"many\", then = [\"uppercase\"] }, \
                { header = \"x-click\" }] }";
    check(line, json!({"a": " Ada "}), json!("Ada"));
    check(line, json!({"a": "x", "b": 1}), json!("ONE"));
    check(line, json!({"b": 2}), json!("MANY"));
    check(line, json!({}), json!("h1"));
    let line = "customerName = { join = [{ first = [\"$.t\", { value = \"Dr.\" }] }, { join = \
                [\"$.a\", \"$.b\"], with = \"-\" }], with = \" \" }";
    check(line, json!({"a": "Ada", "b": "Lo"}), json!("Dr. Ada-Lo"));
    check(line, json!({"t": "Prof.", "b": "Lo"}), json!("Prof. Lo"));
    let members =
        "[{ from = \"$.a\", default = \"none\" }, { query = \"via\" }, { event = \"id\" }]";
    member(&format!("{{ all = {members} }}"), json!({"a": 1}), json!([1, "q1", "evt_1"]));
    let ignoring =
        format!("{{ all = {members}, ignore = [\"none\", \"q1\"], then = [\"uppercase\"] }}");
    member(&ignoring, json!({}), json!(["EVT_1"]));
}

#[test]
fn what_is_done_to_one_value_is_done_to_each_of_a_list() {
    let event = json!({"ids": ["b", "z", "a"], "l": [
        {"id": "a", "n": {"t": "Small"}}, {"id": "b", "n": {"t": "Large"}}, {"id": 7, "n": "x"}]});
    let lookup = "lookup = { in = \"$.l\", key = \"id\", take = \"n\" }";
    let all = "all = \"$.ids[*]\"";
    let objects = json!([{"t": "Large"}, {"t": "Small"}]);
    member(&format!("{{ {all}, {lookup} }}"), event.clone(), objects);
    member(&format!("{{ value = \"7\", {lookup} }}"), event.clone(), json!("x"));
    let map = "map = { a = 1, b = 2 }, else = 0";
    member(&format!("{{ {all}, {map} }}"), event.clone(), json!([2, 0, 1]));
    member(&format!("{{ {all}, map = {{ a = 1 }} }}"), event.clone(), Value::Null);
    member(
        &format!("{{ {all}, {map}, then = [\"string\", \"json\"] }}"),
        event.clone(),
        json!("[\"2\",\"0\",\"1\"]"),
    );
    member(
        "{ all = \"$.l[*].id\", ignore = [7], then = [\"uppercase\"] }",
        event,
        json!(["A", "B"]),
    );
}

#[test]
fn objects_hold_any_form() {
    let event = json!({"a": {"b": "x"}, "n": "7", "l": [{"k": "v"}]});
    check(
        "metadata = { utm = { source = { query = \"via\" }, deep = { n = { from = \"$.n\", then = \
         [\"integer\"] }, gone = { first = [\"$.gone\"] } } }, list = { all = [\"$.n\", { k = \
         \"$.l[0].k\" }] } }",
        event.clone(),
        json!({"list": ["7", {"k": "v"}], "utm": {"deep": {"n": 7}, "source": "q1"}}),
    );
    let first = "metadata = { first = [\"$.gone\", { b = \"$.a.b\" }] }";
    check(first, event.clone(), json!({"b": "x"}));
    check("metadata = { from = { a = \"$.a\" } }", event.clone(), json!({"a": {"b": "x"}}));
    let default = "metadata = { from = \"$.gone\", default = { a = 1 } }";
    check(default, event.clone(), json!({"a": 1}));
    check("metadata = { gone = \"$.gone\" }", event, Value::Null);
}

#[test]
fn steps_come_in_their_order_whatever_the_source() {
    let form = |source: &str| {
        format!(
            "{{ {source}, ignore = [\"no\"], lookup = {{ in = \"$.l\", key = \"k\", take = \"t\" }}, map = \
             {{ x = \"mapped\" }}, else = \"other\", then = [\"uppercase\"], default = \"default\" }}"
        )
    };
    let event = |a: &str| json!({"a": a, "l": [{"k": "id", "t": "x"}, {"k": "no", "t": "x"}, {"k": "e", "t": null}]});
    for source in [
        "from = \"$.a\"",
        "from = { from = \"$.a\" }",
        "first = [\"$.gone\", \"$.a\"]",
        "join = [\"$.a\", \"$.gone\"]",
    ] {
        let form = form(source);
        member(&form, event("id"), json!("MAPPED"));
        member(&form, event("no"), json!("default"));
        member(&form, event("gone"), json!("default"));
        member(&form, event("e"), json!("default"));
    }
    member(&form("value = \"id\""), event(""), json!("MAPPED"));
    member(&form("header = \"x-click\""), event(""), json!("default"));
}
