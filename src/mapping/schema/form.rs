//! Forms: where a value comes from, and what is done with it.

use super::parts::{described, list, literal, merged, nonblank, reference, scalar, table};
use crate::mapping::form::{
    DEPTH_MAX, EVENT_PARTS, LOOKUP_KEYS, MEMBERS_MAX, SOURCES, STEPS, STEPS_MAX, Step, TRUNCATE_MAX,
};
use serde_json::{Map, Value, json};

/// What may stand at a field itself.
pub(super) struct AtField {
    /// The words of `missing`, the default first; empty where there is no such choice.
    pub(super) missing: Vec<&'static str>,
    /// What its literals can be.
    pub(super) literal: Value,
    /// Whether it can be a list or an object.
    pub(super) composite: bool,
}

/// What a form below a field is made of, for every depth, and what all depths have in common.
pub(super) fn definitions() -> Map<String, Value> {
    let mut definitions = Map::new();
    let mut define = |name: String, schema| definitions.insert(name, schema);
    for key in COMMON {
        define(key.to_owned(), common(key));
    }
    define("event_query".to_owned(), query());
    define("text".to_owned(), described("A value that is itself.", scalar()));
    for depth in 1..=DEPTH_MAX {
        define(format!("table_{depth}"), table_of_form(depth, None));
        define(format!("object_{depth}"), object(depth));
        let texts = ["event_query", "text"].map(reference);
        define(format!("member_{depth}"), any_of(texts.into_iter().chain(tables(depth))));
    }
    define("nothing".to_owned(), json!({ "not": {} }));
    definitions
}

/// A table with words of the language, `depth` levels below a field.
pub(super) fn table_of_form(depth: usize, field: Option<&AtField>) -> Value {
    let has_missing = field.is_some_and(|field| !field.missing.is_empty());
    let keys: Vec<_> =
        SOURCES.into_iter().chain(STEPS).filter(|key| *key != "missing" || has_missing).collect();
    let form = table(&keys, &[], |key| match (key, field) {
        ("default", Some(field)) => described(DEFAULT, field.literal.clone()),
        ("missing", Some(field)) => missing(&field.missing),
        _ if COMMON.contains(&key) => reference(key),
        _ => source(key, depth),
    });
    let one_source: Vec<_> = SOURCES.iter().map(|source| json!({ "required": [source] })).collect();
    let mut dependencies = json!({ "with": ["join"], "else": ["map"] });
    if field.is_some_and(|field| !field.composite) {
        let becomes_one = json!({ "anyOf": [
            { "required": ["map"] },
            { "required": ["then"], "properties": { "then": { "contains": { "enum": ["json"] } } } },
        ] });
        let lists = json!({ "all": becomes_one, "object": becomes_one });
        dependencies = merged(dependencies, lists);
    }
    merged(form, json!({ "oneOf": one_source, "dependencies": dependencies }))
}

/// An object of forms, `depth` levels below a field: none of its keys is a word of the language.
pub(super) fn object(depth: usize) -> Value {
    let words: Vec<_> = SOURCES.iter().chain(&STEPS).collect();
    let object = members_by_name(depth);
    let names = json!({ "propertyNames": { "not": { "enum": words } } });
    described("An object; each of its members is a form.", merged(object, names))
}

/// A text that begins as a query.
pub(super) fn query() -> Value {
    described(
        "A way into the event: an RFC 9535 JSONPath query. If it finds several values, the first \
         counts.",
        json!({
            "type": "string",
            "pattern": r"^\$",
            "examples": ["$.data.id", "$.data.items[?@.ref == 'email'].text"],
        }),
    )
}

/// The keys that are the same at every depth.
const COMMON: [&str; 10] =
    ["value", "header", "query", "event", "with", "ignore", "lookup", "map", "else", "then"];
const DEFAULT: &str = "The value where nothing was found.";

fn common(key: &str) -> Value {
    match key {
        "value" => described("The value itself, also a text that begins with `$`.", literal()),
        "header" => described("The value of a header of the request.", nonblank()),
        "query" => described(
            "The value of a parameter of the request's URL.",
            json!({ "type": "string", "pattern": r"^([^$\s]|\s+\S)" }),
        ),
        "event" => described(
            "The event's id or type at the provider, or when it was received.",
            json!({ "type": "string", "enum": EVENT_PARTS }),
        ),
        "with" => described(
            "What stands between the parts of `join`.",
            json!({ "type": "string", "examples": [" "] }),
        ),
        "ignore" => described(
            "Values that count as missing.",
            merged(list(1, MEMBERS_MAX, scalar()), json!({ "examples": [["n/a", "unknown"]] })),
        ),
        "lookup" => lookup(),
        "map" => described(
            "From one value to another. Without `else`, a value that is not listed is a fault of \
             the field.",
            json!({
                "type": "object",
                "minProperties": 1,
                "maxProperties": MEMBERS_MAX,
                "additionalProperties": scalar(),
            }),
        ),
        "else" => described("The value for what is not in `map`.", literal()),
        "then" => then(),
        _ => json!({}),
    }
}

/// The keys whose values are forms themselves, and those that only the depth knows of.
fn source(key: &str, depth: usize) -> Value {
    match key {
        "from" => described(
            "A query into the event, or a form whose value goes through the steps here.",
            any_of([reference("event_query")].into_iter().chain(tables(depth + 1))),
        ),
        "first" => described("The first of these that is there.", members(depth)),
        "join" => described(
            "The texts of all these in one. In required fields and `clickId` every part must be \
             there; elsewhere one will do.",
            members(depth),
        ),
        "all" => described(
            "Everything that a query finds, or the values of several forms, as a list.",
            any_of([reference("event_query"), members(depth)]),
        ),
        "object" => {
            described("An object whose keys may be words of this language.", members_by_name(depth))
        }
        "default" => described(DEFAULT, literal()),
        _ => json!({}),
    }
}

fn any_of(schemas: impl IntoIterator<Item = Value>) -> Value {
    json!({ "anyOf": schemas.into_iter().collect::<Vec<_>>() })
}

fn members(depth: usize) -> Value {
    list(1, MEMBERS_MAX, below(depth, "member"))
}

fn members_by_name(depth: usize) -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": MEMBERS_MAX,
        "additionalProperties": below(depth, "member"),
    })
}

fn below(depth: usize, kind: &str) -> Value {
    at(depth + 1, kind)
}

/// The definition of this kind at `depth`; nothing can stand below the deepest.
fn at(depth: usize, kind: &str) -> Value {
    if depth > DEPTH_MAX { reference("nothing") } else { reference(&format!("{kind}_{depth}")) }
}

fn tables(depth: usize) -> [Value; 2] {
    [at(depth, "table"), at(depth, "object")]
}

fn lookup() -> Value {
    let lookup = table(&LOOKUP_KEYS, &LOOKUP_KEYS, |key| match key {
        "in" => described("The list in which to look.", reference("event_query")),
        "key" => described(
            "Where an entry holds the id: a member, or a way as in `@.field.id`.",
            json!({ "type": "string" }),
        ),
        "take" => described("What of that entry to take, likewise.", json!({ "type": "string" })),
        _ => json!({}),
    });
    described("From an id to the entry of another list that carries it.", lookup)
}

fn then() -> Value {
    let truncate = json!({ "type": "integer", "minimum": 1, "maximum": TRUNCATE_MAX });
    let step = json!({ "anyOf": [
        { "type": "string", "enum": Step::NAMES },
        table(&["truncate"], &["truncate"], |_| {
            described("At most so many characters.", truncate.clone())
        }),
        table(&["date"], &["date"], |_| {
            described("A point in time as RFC 3339 in UTC.", json!({ "enum": ["rfc3339"] }))
        }),
    ] });
    let steps = merged(list(0, STEPS_MAX, step), json!({ "examples": [["trim", "lowercase"]] }));
    described("Steps that the value goes through, in this order.", steps)
}

fn missing(words: &[&str]) -> Value {
    let by_default = words.first().copied().unwrap_or_default();
    let meanings: Vec<_> = words.iter().map(|word| meaning(word)).collect();
    let listed: Vec<_> =
        words.iter().zip(&meanings).map(|(word, meaning)| format!("`{word}`: {meaning}")).collect();
    described(
        &format!("What to do where nothing was found. {}.", listed.join("; ")),
        json!({
            "type": "string",
            "enum": words,
            "default": by_default,
            "x-taplo": { "docs": { "enumValues": meanings } },
        }),
    )
}

fn meaning(word: &str) -> &'static str {
    match word {
        "fail" => "a person must mend the file",
        "omit" => "the lead goes without the field",
        "skip" => "no lead, quietly",
        "empty" => "the lead goes without a click, which only customers known by then can do",
        "park" => "the lead waits until a `[[click]]` rule finds the click",
        _ => "",
    }
}
