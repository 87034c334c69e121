//! The lead body: the destination's rules ("Dub API reference, Track a lead"), and the repairs that
//! keep an optional field from costing the lead.
//!
//! The destination refuses a whole lead for one bad optional field, so such a field is changed or
//! left out here, with a warning that says which rule it broke and never what it held. A required
//! field is never changed beyond trimming: a shortened customer id would be another customer.
//!
//! Text is measured and trimmed as the destination's JavaScript does (`javascript.rs`). Control
//! characters, U+0000 among them, are legal in JSON and break no rule of a name or an id, so they
//! pass, escaped. Half a surrogate pair can't occur: Rust's text has none, and cutting a name never
//! makes one.
//!
//! Absent here: where the fields come from (`mapping`), and everything that happens to a body once
//! its bytes are fixed.

mod avatar;
mod email;
mod fields;
mod javascript;
mod metadata;
mod optional;
#[cfg(test)]
pub(crate) mod properties;

use crate::diagnostic::Code;
use crate::model::{Click, Lead, Mode, Reason, Warning, event_slug};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Number, Value};

pub use fields::{FIELDS, Field, Kind, check_literal};
pub use javascript::{trim, truncate};

/// The fields of a lead as a mapping found them: not yet checked, trimmed or shortened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// `None` leaves the field out; an empty text is sent on purpose.
    pub click_id: Option<String>,
    pub event_name: String,
    pub customer_external_id: String,
    pub customer_name: Option<String>,
    pub customer_email: Option<String>,
    pub customer_avatar: Option<String>,
    pub mode: Option<String>,
    pub event_quantity: Option<Number>,
    pub metadata: Option<Map<String, Value>>,
}

/// The body as it goes over the wire. The order of the fields is that of the bytes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    click_id: Option<&'a str>,
    event_name: &'a str,
    customer_external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_quantity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

/// Checks a draft against the destination's rules and fixes its bytes.
///
/// # Errors
/// Every required field that can't be sent, with why. An optional field is never an error: it is
/// repaired or left out, with a warning on the lead.
pub fn build(draft: Draft) -> Result<Lead, Vec<Reason>> {
    let (event_name, customer) = match (
        required(&fields::EVENT_NAME, &draft.event_name, fields::EVENT_NAME_UNITS_MAX),
        required(
            &fields::CUSTOMER_EXTERNAL_ID,
            &draft.customer_external_id,
            fields::CUSTOMER_EXTERNAL_ID_UNITS_MAX,
        ),
    ) {
        (Ok(event_name), Ok(customer)) => (event_name, customer),
        (event_name, customer) => {
            return Err([event_name.err(), customer.err()].into_iter().flatten().collect());
        }
    };
    let click_id = draft.click_id.as_deref().map(javascript::trim);
    let mut warnings: Vec<Warning> = Vec::new();
    let said = &mut warnings;
    let customer_name = draft.customer_name.and_then(|found| optional::name(found, said));
    let customer_email = draft.customer_email.and_then(|found| optional::email(found, said));
    let customer_avatar = draft.customer_avatar.and_then(|found| optional::avatar(found, said));
    let mode = draft.mode.and_then(|found| optional::mode(&found, said));
    let event_quantity = draft.event_quantity.and_then(|found| optional::quantity(&found, said));
    let metadata = draft.metadata.and_then(|found| metadata::fit(found, said));
    let body = Body {
        click_id,
        event_name,
        customer_external_id: customer,
        customer_name,
        customer_email,
        customer_avatar,
        mode: mode.map(Mode::as_str),
        event_quantity,
        metadata,
    };
    let bytes = serde_json::to_vec(&body)
        .expect("texts, small integers and JSON values always have a JSON form");
    Ok(Lead {
        body: Bytes::from(bytes),
        customer: customer.to_owned(),
        event_slug: event_slug(event_name),
        has_click: click_id.is_some_and(|id| !id.is_empty()),
        mode: mode.unwrap_or_default(),
        warnings,
    })
}

/// A click and the customer whom it brought, as the destination compares them. `None` where one of
/// them is blank, or the customer's id is longer than that of any lead.
pub fn click(customer: &str, click_id: &str) -> Option<Click> {
    let units_max = fields::CUSTOMER_EXTERNAL_ID_UNITS_MAX;
    let customer = required(&fields::CUSTOMER_EXTERNAL_ID, customer, units_max).ok()?;
    let click_id = javascript::trim(click_id);
    let click = Click { customer: customer.to_owned(), click_id: click_id.to_owned() };
    (!click_id.is_empty()).then_some(click)
}

/// A required text, trimmed, or the rule that it breaks.
fn required<'a>(field: &Field, text: &'a str, units_max: usize) -> Result<&'a str, Reason> {
    let text = javascript::trim(text);
    if text.is_empty() {
        return Err(Reason::of_field(Code::FieldMissing, field.name).detail(fields::BLANK));
    }
    if javascript::units(text) > units_max {
        let detail = fields::too_long(units_max);
        return Err(Reason::of_field(Code::FieldTooLong, field.name).detail(detail));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{Draft, build, click};
    use serde_json::{Number, json};

    fn draft() -> Draft {
        Draft {
            event_name: "Sign up".into(),
            customer_external_id: "user_1".into(),
            ..Draft::default()
        }
    }

    /// Builds `draft` and compares the body and what is said about it.
    #[track_caller]
    fn check(draft: Draft, body: &str, warnings: &[&str]) {
        let lead = build(draft).expect("the required fields are there");
        assert_eq!(std::str::from_utf8(&lead.body).unwrap(), body);
        let said: Vec<String> = lead.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(said, warnings);
    }

    #[track_caller]
    fn check_refused(event_name: &str, customer: &str, reasons: &[&str]) {
        let draft = Draft {
            event_name: event_name.into(),
            customer_external_id: customer.into(),
            ..Draft::default()
        };
        let said: Vec<String> = build(draft).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(said, reasons);
    }

    #[test]
    fn fields_have_one_order_and_absent_ones_have_no_key() {
        check(draft(), r#"{"eventName":"Sign up","customerExternalId":"user_1"}"#, &[]);
        let full = Draft {
            click_id: Some("cm3w8x2".into()),
            customer_name: Some("Ada Lovelace".into()),
            customer_email: Some("ada@example.com".into()),
            customer_avatar: Some("https://example.com/a.png".into()),
            mode: Some("wait".into()),
            event_quantity: Some(2.into()),
            metadata: json!({ "z": 1, "a": null }).as_object().cloned(),
            ..draft()
        };
        let body = concat!(
            r#"{"clickId":"cm3w8x2","eventName":"Sign up","customerExternalId":"user_1","#,
            r#""customerName":"Ada Lovelace","customerEmail":"ada@example.com","#,
            r#""customerAvatar":"https://example.com/a.png","mode":"wait","eventQuantity":2,"#,
            r#""metadata":{"z":1,"a":null}}"#
        );
        check(full, body, &[]);
    }

    #[test]
    fn an_empty_click_id_is_sent_and_is_no_click() {
        let with = |click: &str| Draft { click_id: Some(click.into()), ..draft() };
        let empty = r#"{"clickId":"","eventName":"Sign up","customerExternalId":"user_1"}"#;
        check(with(""), empty, &[]);
        check(with(" \u{feff}"), empty, &[]);
        assert!(!build(with(" ")).unwrap().has_click);
        assert!(build(with("c")).unwrap().has_click);
        assert!(!build(draft()).unwrap().has_click);
    }

    #[test]
    fn a_click_has_a_customer_that_a_lead_can_have() {
        let found = |customer: &str, id: &str| {
            click(customer, id).map(|click| (click.customer, click.click_id))
        };
        let ada = Some(("user_1".to_owned(), "cm3w8x2".to_owned()));
        assert_eq!(found("\u{feff}user_1 ", " cm3w8x2\n"), ada);
        assert!(found(&"é".repeat(100), "c").is_some());
        for (customer, id) in [(" ", "c"), ("user_1", "\u{feff}"), (&*"é".repeat(101), "c")] {
            assert_eq!(found(customer, id), None, "{customer:?} {id:?}");
        }
    }

    #[test]
    fn the_ledger_gets_what_the_destination_compares() {
        let draft = Draft {
            event_name: "\u{3000}Sign Up\n".into(),
            customer_external_id: "\u{feff}user_1 ".into(),
            ..Draft::default()
        };
        let lead = build(draft).unwrap();
        assert_eq!((lead.customer.as_str(), lead.event_slug.as_str()), ("user_1", "sign-up"));
        assert_eq!(
            lead.body,
            r#"{"eventName":"Sign Up","customerExternalId":"user_1"}"#.as_bytes()
        );
    }

    #[test]
    fn every_required_field_that_is_at_fault_is_named() {
        let blank = "must not be blank";
        check_refused(
            " ",
            "\u{2028}",
            &[
                &format!("field_missing (eventName): {blank}"),
                &format!("field_missing (customerExternalId): {blank}"),
            ],
        );
        check_refused(
            &"😀".repeat(128),
            &"a".repeat(101),
            &[
                "field_too_long (eventName): must have at most 255 characters (UTF-16 code units)",
                "field_too_long (customerExternalId): must have at most 100 characters (UTF-16 code \
                 units)",
            ],
        );
        // The very longest that pass.
        let longest = Draft {
            event_name: format!(" {}a ", "😀".repeat(127)),
            customer_external_id: "é".repeat(100),
            ..Draft::default()
        };
        assert!(build(longest).is_ok());
    }

    #[test]
    fn no_optional_field_costs_the_lead() {
        let worst = Draft {
            customer_name: Some("n".repeat(101)),
            customer_email: Some("müller@example.com".into()),
            customer_avatar: Some("data:image/png;base64,AAAA".into()),
            mode: Some("later".into()),
            event_quantity: Number::from_f64(2.5),
            metadata: json!({ "raw": "x".repeat(10_001) }).as_object().cloned(),
            ..draft()
        };
        let body = format!(
            r#"{{"eventName":"Sign up","customerExternalId":"user_1","customerName":"{}"}}"#,
            "n".repeat(100)
        );
        check(
            worst,
            &body,
            &[
                "field_truncated (customerName): must have at most 100 characters (UTF-16 code \
                 units)",
                "field_left_out (customerEmail): must be an e-mail address of plain ASCII letters, \
                 digits and `_'+-.`, with a domain name",
                "field_left_out (customerAvatar): must be an http or https address without spaces, \
                 of at most 2048 characters",
                "field_left_out (mode): must be `async`, `wait` or `deferred`",
                "field_left_out (eventQuantity): must be a whole number from 1 to 100",
                "field_truncated (metadata): must have at most 10000 characters (UTF-16 code \
                 units) as JSON; left out: `raw`",
            ],
        );
    }

    #[test]
    fn control_characters_pass_escaped() {
        let draft = Draft { customer_name: Some("a\0\u{7f}\u{2028}".into()), ..draft() };
        let body = "{\"eventName\":\"Sign up\",\"customerExternalId\":\"user_1\",\
                    \"customerName\":\"a\\u0000\u{7f}\u{2028}\"}";
        check(draft, body, &[]);
    }
}
