//! The destination's fields and limits, as data: for the checker of mapping files, the schema and
//! the documentation ("Dub API reference, Track a lead").
//!
//! The limits stand here once, beside their wording, so that a warning, a fault of a mapping file
//! and a table in the documentation can't say different things.

use super::{metadata, optional, required};
use crate::model::Warning;
use serde_json::Value;

/// A field of the lead body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// As on the wire and in mapping files.
    pub name: &'static str,
    /// Whether there is no lead without it.
    pub required: bool,
    pub kind: Kind,
    /// The least number; `None` for what is no number.
    pub minimum: Option<usize>,
    /// The greatest number, or the greatest length in UTF-16 code units: of the text, or of the
    /// object as `JSON.stringify` writes it. `None` where there is no limit.
    pub maximum: Option<usize>,
    /// The only texts that it takes; empty where any will do.
    pub choices: &'static [&'static str],
    /// One line for people.
    pub description: &'static str,
}

/// The JSON type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Object,
}

/// Every field, in the order of the body's bytes.
pub const FIELDS: &[Field] = &[
    CLICK_ID,
    EVENT_NAME,
    CUSTOMER_EXTERNAL_ID,
    CUSTOMER_NAME,
    CUSTOMER_EMAIL,
    CUSTOMER_AVATAR,
    MODE,
    EVENT_QUANTITY,
    METADATA,
];

pub(super) const EVENT_NAME_UNITS_MAX: usize = 255;
pub(super) const CUSTOMER_EXTERNAL_ID_UNITS_MAX: usize = 100;
pub(super) const CUSTOMER_NAME_UNITS_MAX: usize = 100;
pub(super) const CUSTOMER_EMAIL_UNITS_MAX: usize = 100;
/// Ours, not the destination's, which names none: longer addresses are refused by many servers and
/// browsers, and mostly are no address but a picture.
pub(super) const CUSTOMER_AVATAR_UNITS_MAX: usize = 2_048;
pub(super) const EVENT_QUANTITY_MIN: u8 = 1;
pub(super) const EVENT_QUANTITY_MAX: u8 = 100;
pub(super) const METADATA_UNITS_MAX: usize = 10_000;
/// Levels of the metadata object, itself included. Ours, not the destination's: databases refuse
/// JSON of about a hundred levels, and that would be a failure after the destination has marked
/// the lead as seen.
pub(super) const METADATA_DEPTH_MAX: usize = 50;

pub(super) const CLICK_ID: Field = Field {
    description: "The click that brought this person; empty: the customer's earlier click",
    ..text("clickId", None)
};

pub(super) const EVENT_NAME: Field = Field {
    required: true,
    description: "What happened, as in \"Sign up\"; each customer has each name once",
    ..text("eventName", Some(EVENT_NAME_UNITS_MAX))
};

pub(super) const CUSTOMER_EXTERNAL_ID: Field = Field {
    required: true,
    description: "The person's id in your own system",
    ..text("customerExternalId", Some(CUSTOMER_EXTERNAL_ID_UNITS_MAX))
};

pub(super) const CUSTOMER_NAME: Field = Field {
    description: "The person's name; one that is too long is cut",
    ..text("customerName", Some(CUSTOMER_NAME_UNITS_MAX))
};

pub(super) const CUSTOMER_EMAIL: Field = Field {
    description: "The person's e-mail address, in plain ASCII; any other is left out",
    ..text("customerEmail", Some(CUSTOMER_EMAIL_UNITS_MAX))
};

pub(super) const CUSTOMER_AVATAR: Field = Field {
    description: "The http or https address of the person's picture; any other is left out",
    ..text("customerAvatar", Some(CUSTOMER_AVATAR_UNITS_MAX))
};

pub(super) const MODE: Field = Field {
    choices: &["async", "wait", "deferred"],
    description: "When the destination answers, and whether it records the lead now or later",
    ..text("mode", None)
};

pub(super) const EVENT_QUANTITY: Field = Field {
    kind: Kind::Number,
    minimum: Some(EVENT_QUANTITY_MIN as usize),
    description: "How many times the lead counts, from 1; what does not fit is left out",
    ..text("eventQuantity", Some(EVENT_QUANTITY_MAX as usize))
};

pub(super) const METADATA: Field = Field {
    kind: Kind::Object,
    description: "Anything else worth keeping; if too large, its largest entries are left out",
    ..text("metadata", Some(METADATA_UNITS_MAX))
};

/// An optional text, to be described and varied.
const fn text(name: &'static str, maximum: Option<usize>) -> Field {
    Field {
        name,
        required: false,
        kind: Kind::Text,
        minimum: None,
        maximum,
        choices: &[],
        description: "",
    }
}

// The rules in words, as they follow the name of a field: in warnings and in faults of literals.

pub(super) const BLANK: &str = "must not be blank";
pub(super) const OUTER_WHITE_SPACE: &str = "must not begin or end with white space";
pub(super) const MODE_RULE: &str = "must be `async`, `wait` or `deferred`";
pub(super) const EMAIL_RULE: &str = "must be an e-mail address of plain ASCII letters, digits and \
                                     `_'+-.`, with a domain name";

pub(super) fn too_long(units_max: usize) -> String {
    format!("must have at most {units_max} characters (UTF-16 code units)")
}

pub(super) fn avatar_rule() -> String {
    format!(
        "must be an http or https address without spaces, of at most {CUSTOMER_AVATAR_UNITS_MAX} \
         characters"
    )
}

pub(super) fn quantity_rule() -> String {
    format!("must be a whole number from {EVENT_QUANTITY_MIN} to {EVENT_QUANTITY_MAX}")
}

pub(super) fn metadata_rule() -> String {
    format!("{} as JSON", too_long(METADATA_UNITS_MAX))
}

pub(super) fn depth_rule() -> String {
    format!("must not nest deeper than {METADATA_DEPTH_MAX} levels")
}

/// Whether a literal that is written in a mapping file goes to the destination as it is. What
/// would be repaired in an event's value is a fault in a literal: its author can mend it.
///
/// # Errors
/// The rule that it breaks, as a sentence that names the field.
pub fn check_literal(field: &str, value: &Value) -> Result<(), String> {
    let Some(field) = FIELDS.iter().find(|known| known.name == field) else {
        return Err(format!("the destination has no field `{field}`"));
    };
    let fault = match (field.kind, value) {
        (Kind::Text, Value::String(text)) => text_fault(field, text),
        (Kind::Number, Value::Number(number)) => {
            repair_of(|warnings| optional::quantity(number, warnings))
        }
        (Kind::Object, Value::Object(entries)) if entries.is_empty() => None,
        (Kind::Object, Value::Object(entries)) => {
            repair_of(|warnings| metadata::fit(entries.clone(), warnings))
        }
        (Kind::Text, _) => Some("must be a text".to_owned()),
        (Kind::Number, _) => Some("must be a number".to_owned()),
        (Kind::Object, _) => Some("must be a table".to_owned()),
    };
    fault.map_or(Ok(()), |rule| Err(format!("`{}` {rule}", field.name)))
}

fn text_fault(field: &Field, text: &str) -> Option<String> {
    if let (true, Some(units_max)) = (field.required, field.maximum) {
        return required(field, text, units_max).err().and_then(|reason| reason.detail);
    }
    let owned = || text.to_owned();
    match field.name {
        "customerName" => repair_of(|warnings| optional::name(owned(), warnings)),
        "customerEmail" => repair_of(|warnings| optional::email(owned(), warnings)),
        "customerAvatar" => repair_of(|warnings| optional::avatar(owned(), warnings)),
        "mode" => repair_of(|warnings| optional::mode(text, warnings)),
        _ => None,
    }
}

/// The rule that a repair was made for; a value that goes without a word was blank.
fn repair_of<T>(repair: impl FnOnce(&mut Vec<Warning>) -> Option<T>) -> Option<String> {
    let mut warnings = Vec::new();
    let fitted = repair(&mut warnings);
    let rule = warnings.into_iter().next().and_then(|warning| warning.detail);
    rule.or_else(|| fitted.is_none().then(|| BLANK.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, check_literal};
    use crate::model::Mode;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(field: &str, value: Value, expected: Result<(), &str>) {
        assert_eq!(check_literal(field, &value), expected.map_err(str::to_owned));
    }

    #[test]
    fn literals_must_fit_as_they_are() {
        check("eventName", json!(" Sign up "), Ok(()));
        check("eventName", json!(" "), Err("`eventName` must not be blank"));
        check("eventName", json!(3), Err("`eventName` must be a text"));
        check("customerExternalId", json!("a".repeat(100)), Ok(()));
        check(
            "customerExternalId",
            json!("a".repeat(101)),
            Err("`customerExternalId` must have at most 100 characters (UTF-16 code units)"),
        );
        check("clickId", json!(""), Ok(()));
        check("customerName", json!(""), Err("`customerName` must not be blank"));
        check(
            "customerEmail",
            json!("a@b.co "),
            Err("`customerEmail` must not begin or end with white space"),
        );
        check("customerAvatar", json!("https://a.b/c"), Ok(()));
        check("mode", json!("later"), Err("`mode` must be `async`, `wait` or `deferred`"));
        check("eventQuantity", json!(2.0), Ok(()));
        check(
            "eventQuantity",
            json!(0),
            Err("`eventQuantity` must be a whole number from 1 to 100"),
        );
        check("eventQuantity", json!("2"), Err("`eventQuantity` must be a number"));
        check("metadata", json!({}), Ok(()));
        check("metadata", json!({ "a": 1 }), Ok(()));
        check("metadata", json!([]), Err("`metadata` must be a table"));
        check("clickid", json!("a"), Err("the destination has no field `clickid`"));
    }

    #[test]
    fn the_choices_of_the_table_are_the_modes() {
        let mode = FIELDS.iter().find(|field| field.name == "mode").unwrap();
        assert_eq!(mode.choices, Mode::ALL.map(Mode::as_str));
    }
}
