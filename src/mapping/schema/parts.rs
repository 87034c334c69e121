//! The few shapes that schemas are made of.

use serde_json::{Map, Value, json};

/// A table that may hold these keys only, and must hold the `required` ones.
pub(super) fn table(keys: &[&str], required: &[&str], key: impl Fn(&str) -> Value) -> Value {
    let properties: Map<_, _> = keys.iter().map(|name| ((*name).to_owned(), key(name))).collect();
    let table = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if required.is_empty() { table } else { merged(table, json!({ "required": required })) }
}

/// A list of at least `min` and at most `max` items.
pub(super) fn list(min: usize, max: usize, items: Value) -> Value {
    json!({ "type": "array", "minItems": min, "maxItems": max, "items": items })
}

/// A text that is not blank.
pub(super) fn nonblank() -> Value {
    json!({ "type": "string", "pattern": r"\S" })
}

/// Any value that JSON has too.
pub(super) fn literal() -> Value {
    json!({
        "type": ["string", "number", "boolean", "array", "object"],
        "additionalProperties": true,
    })
}

/// A text, a number, true or false.
pub(super) fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

/// `schema` with a description, which may be Markdown.
pub(super) fn described(text: &str, schema: Value) -> Value {
    let description = if text.contains('`') {
        json!({ "description": text.replace('`', ""), "markdownDescription": text })
    } else {
        json!({ "description": text })
    };
    merged(description, schema)
}

/// The definition of this name.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// The keywords of both; those of `more` win.
pub(super) fn merged(schema: Value, more: Value) -> Value {
    match (schema, more) {
        (Value::Object(mut keywords), Value::Object(more)) => {
            keywords.extend(more);
            Value::Object(keywords)
        }
        (_, more) => more,
    }
}
