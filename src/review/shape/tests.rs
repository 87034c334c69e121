//! What payloads can't do: fill the memory, or show what is nobody's business.

use super::{NODES_MAX, Node, Path, Shapes};
use crate::model::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const AT: Timestamp = Timestamp::from_millis(0);

fn shapes(named: &[&str]) -> Shapes {
    Shapes::new([], named.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>())
}

/// Every path that is told apart.
fn paths(shapes: Shapes) -> Vec<String> {
    fn collect(node: &Node, path: &Path, found: &mut Vec<String>) {
        for (part, below) in node.below() {
            let path = path.then(part);
            found.push(path.clone().into_text());
            collect(below, &path, found);
        }
        if node.others.events > 0 {
            found.push(path.others());
        }
    }
    let mut found = Vec::new();
    for (_, shape) in shapes.into_types() {
        collect(&shape.root, &Path::root(), &mut found);
    }
    found
}

fn object(names: impl Iterator<Item = String>) -> Value {
    Value::Object(names.map(|name| (name, json!({ "a": [1, { "b": 2 }] }))).collect::<Map<_, _>>())
}

#[test]
fn names_that_strangers_choose_do_not_fill_the_memory() {
    let mut flat = shapes(&[]);
    flat.observe(None, AT, &object((0..100_000).map(|n| format!("k{n}"))), &[]);
    assert!(paths(flat).len() < 500);

    let mut deep = shapes(&[]);
    for event in 0..10 {
        let names = |n| (0..50).map(move |m| format!("k{}", event * 2_500 + n * 50 + m));
        let inner = |n: usize| (format!("o{}", event * 50 + n), object(names(n)));
        let outer = Value::Object((0..50).map(inner).collect());
        deep.observe(Some(&format!("type {event}")), AT, &outer, &[]);
    }
    assert!(deep.is_incomplete());
    assert!(paths(deep).len() <= 2 * NODES_MAX);

    let mut entries = shapes(&[]);
    for event in 0..1_000 {
        let entry = |n| json!({ "key": format!("k{}", event * 100 + n), "value": n });
        entries.observe(None, AT, &Value::Array((0..100).map(entry).collect()), &[]);
    }
    assert_eq!(paths(entries), ["$[*]", "$[*].key", "$[*].value"]);
}

#[test]
fn names_that_look_like_people_are_counted_and_not_kept() {
    let mut private = shapes(&["+49 151 234567"]);
    let payload = json!({ "by": { "ada@example.com": 1, "plan": 2, "+49 151 234567": 3 } });
    private.observe(None, AT, &payload, &[]);
    // The last is in the mapping file itself.
    assert_eq!(paths(private), ["$.by", "$.by['+49 151 234567']", "$.by.plan", "$.by.*"]);
}

#[test]
fn what_the_mapping_names_is_told_apart_among_any_number() {
    let mut many = shapes(&["dub_id"]);
    many.observe(None, AT, &object((0..500).map(|n| format!("k{n}"))), &[]);
    many.observe(None, AT, &json!({ "dub_id": "x" }), &[]);
    assert!(paths(many).contains(&"$.dub_id".to_owned()));
}
