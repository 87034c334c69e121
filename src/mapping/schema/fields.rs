//! The fields of a lead, with their limits.

use super::form::{self, AtField};
use super::parts::{described, merged, reference, table};
use crate::lead::{FIELDS, Field, Kind};
use crate::mapping::fields::FieldName;
use serde_json::{Map, Value, json};

/// `[lead.body]`.
pub(super) fn body() -> Value {
    let names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
    let required: Vec<_> =
        FIELDS.iter().filter(|field| field.required).map(|field| field.name).collect();
    described(
        "The fields of the lead, and where each comes from. A text that begins with `$` is a query \
         into the event; any other text is sent as it is.",
        table(&names, &required, |name| {
            let field = FIELDS.iter().find(|field| field.name == name);
            field.map_or(json!({}), of_rule)
        }),
    )
}

/// `[case.lead]`: literals, which the case compares and nobody limits.
pub(super) fn expected() -> Value {
    let properties: Map<_, _> = FIELDS
        .iter()
        .map(|field| (field.name.to_owned(), described(&description(field), json!({}))))
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": true })
}

/// A field of `[[click]]`, which is passed over where it is missing.
pub(super) fn of_click(name: &str) -> Option<Value> {
    let field = FIELDS.iter().find(|field| field.name == name)?;
    Some(described(&description(field), form_of(field, Vec::new())))
}

/// A field of `[lead.body]`.
fn of_rule(field: &Field) -> Value {
    let missing = FieldName::ALL.iter().find(|name| name.as_str() == field.name);
    let missing = missing.map_or(Vec::new(), |name| name.missing_words());
    described(&description(field), form_of(field, missing))
}

/// The form of a field; `missing` are the words of that key, if it may be there.
fn form_of(field: &Field, missing: Vec<&'static str>) -> Value {
    let composite = field.kind == Kind::Object;
    let at_field = AtField { missing, literal: literal(field), composite };
    let mut kinds = vec![reference("event_query"), form::table_of_form(0, Some(&at_field))];
    kinds.push(if composite { form::object(0) } else { at_field.literal });
    json!({ "anyOf": kinds })
}

fn description(field: &Field) -> String {
    let mut text = field.description.to_owned();
    if field.required {
        text.push_str(". Required");
    }
    if let (Kind::Text | Kind::Object, Some(maximum)) = (field.kind, field.maximum) {
        let of_what = if field.kind == Kind::Object { " as JSON" } else { "" };
        text.push_str(&format!(". At most {maximum} characters{of_what}"));
    }
    if let (Some(minimum), Some(maximum)) = (field.minimum, field.maximum) {
        text.push_str(&format!(". From {minimum} to {maximum}"));
    }
    if !field.choices.is_empty() {
        text.push_str(&format!(". One of `{}`", field.choices.join("`, `")));
    }
    text.push('.');
    text
}

/// What a literal must be to go to the destination as it is. The lengths that the destination
/// counts in UTF-16 code units are counted in characters here, which are never more.
fn literal(field: &Field) -> Value {
    match field.kind {
        Kind::Text if !field.choices.is_empty() => {
            json!({ "type": "string", "enum": field.choices })
        }
        Kind::Text => merged(json!({ "type": "string" }), text(field)),
        Kind::Number => json!({
            "type": "number",
            "multipleOf": 1,
            "minimum": field.minimum,
            "maximum": field.maximum,
        }),
        Kind::Object => json!({ "type": "object", "additionalProperties": true }),
    }
}

fn text(field: &Field) -> Value {
    match (field.name, field.maximum) {
        // It is trimmed before it is measured.
        (_, Some(maximum)) if field.required => {
            let inner = maximum.saturating_sub(2);
            json!({ "pattern": format!(r"^\s*\S([\s\S]{{0,{inner}}}\S)?\s*$") })
        }
        ("customerEmail", Some(maximum)) => {
            json!({ "maxLength": maximum, "pattern": r"^[^@\s]+@[^@\s]+\.[^@\s]+$" })
        }
        ("customerAvatar", Some(maximum)) => {
            json!({ "maxLength": maximum, "pattern": r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s]+$" })
        }
        (_, Some(maximum)) => json!({ "maxLength": maximum, "pattern": r"\S" }),
        (_, None) => json!({}),
    }
}
