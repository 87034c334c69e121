//! What holds for every draft, checked against the rules restated from scratch: by regular
//! expressions, whole strings and `encode_utf16`, and nothing of the code under test.

use super::{Draft, build, check_literal, click};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use regex::Regex;
use serde_json::{Map, Number, Value, json};
use std::sync::LazyLock;

static OUTER_BLANKS: LazyLock<Regex> = LazyLock::new(|| {
    let blank = r"[\t\n\x0B\f\r\x{2028}\x{2029}\x{FEFF}\p{Zs}]";
    Regex::new(&format!("^{blank}+|{blank}+$")).unwrap()
});
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$")
        .unwrap()
});
static AVATAR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?i:https?)://[^/\\\s\p{Cc}\x{FEFF}][^\\\s\p{Cc}\x{FEFF}]*$").unwrap()
});

fn trimmed(text: &str) -> String {
    OUTER_BLANKS.replace_all(text, "").into_owned()
}

fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Whether JavaScript would leave the text alone and count 1 to `maximum` characters.
fn is_short(text: &str, maximum: usize) -> bool {
    (1..=maximum).contains(&length(text)) && trimmed(text) == text
}

fn is_email(text: &str) -> bool {
    EMAIL.is_match(text) && !text.starts_with('.') && !text.contains("..") && length(text) <= 100
}

fn is_avatar(text: &str) -> bool {
    AVATAR.is_match(text) && url::Url::parse(text).is_ok() && length(text) <= 2_048
}

/// The metadata of these tests holds only integers that a double holds; for those, JavaScript and
/// this library write the same JSON.
fn is_metadata(value: &Value) -> bool {
    value.as_object().is_some_and(|entries| !entries.is_empty())
        && length(&value.to_string()) <= 10_000
        && depth(value) <= 50
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Whether the destination takes this field with this value.
fn is_allowed(field: &str, value: &Value) -> bool {
    let text = |rule: &dyn Fn(&str) -> bool| value.as_str().is_some_and(rule);
    match field {
        "clickId" => text(&|it| trimmed(it) == it),
        "eventName" => text(&|it| is_short(it, 255)),
        "customerExternalId" => text(&|it| is_short(it, 100)),
        "customerName" => text(&|it| length(it) <= 100 && !trimmed(it).is_empty()),
        "customerEmail" => text(&is_email),
        "customerAvatar" => text(&is_avatar),
        "mode" => text(&|it| ["async", "wait", "deferred"].contains(&it)),
        "eventQuantity" => value.as_u64().is_some_and(|it| (1..=100).contains(&it)),
        "metadata" => is_metadata(value),
        _ => false,
    }
}

/// The fields of a body that the destination would not take.
pub(crate) fn broken(body: &Map<String, Value>) -> Vec<&String> {
    body.iter().filter(|(field, value)| !is_allowed(field, value)).map(|(field, _)| field).collect()
}

/// Everything that a draft holds, under the wire's names.
fn as_json(draft: &Draft) -> Map<String, Value> {
    let all = json!({
        "clickId": draft.click_id,
        "eventName": draft.event_name,
        "customerExternalId": draft.customer_external_id,
        "customerName": draft.customer_name,
        "customerEmail": draft.customer_email,
        "customerAvatar": draft.customer_avatar,
        "mode": draft.mode,
        "eventQuantity": draft.event_quantity,
        "metadata": draft.metadata,
    });
    let Value::Object(mut fields) = all else { unreachable!("an object was written") };
    fields.retain(|_, value| !value.is_null());
    fields
}

/// Texts that meet the limits and the traps more often than chance would.
fn text() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "a",
        "Sign up",
        "😀",
        "é",
        "e\u{301}",
        " ",
        "\u{feff}",
        "\u{85}",
        "\u{3000}",
        "\u{2028}",
        "\0",
        "\"",
        "\\",
        "\n",
        "\u{7f}",
        "\u{10ffff}",
    ]);
    prop_oneof![
        any::<String>(),
        vec(piece.clone(), 0..8).prop_map(|pieces| pieces.concat()),
        (piece.clone(), 45_usize..260, piece)
            .prop_map(|(inner, times, outer)| format!("{outer}{}{outer}", inner.repeat(times))),
    ]
}

fn email() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_'+.-]{1,6}@([a-z0-9-]{1,4}\\.){0,3}[a-z0-9]{1,4}",
        "[ \u{feff}]?[a-z]{70,95}@[a-z0-9]{1,9}\\.[a-z]{2,4}[ \n]?",
        "[a-z@._ü]{0,12}",
        text(),
    ]
}

fn avatar() -> impl Strategy<Value = String> {
    prop_oneof![
        "(https?|HTTPS|ftp|data):/{0,3}[a-z0-9.:@\\[\\]-]{0,12}[/?#\\\\]?[a-z %\u{9}ü]{0,8}",
        (2_000_usize..2_060).prop_map(|length| format!("https://a.b/{}", "c".repeat(length))),
        text(),
    ]
}

fn metadata() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text().prop_map(Value::from),
        (200_usize..2_000).prop_map(|times| Value::from("\u{1}\"é😀x".repeat(times))),
        (0_usize..70).prop_map(|levels| (0..levels).fold(json!({}), |inner, _| json!([inner]))),
    ];
    let value = leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((text(), inner), 0..5).prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    });
    vec((text(), value), 0..6).prop_map(|entries| entries.into_iter().collect())
}

fn mode() -> impl Strategy<Value = String> {
    prop_oneof!["async|wait|deferred|Async| wait", text()]
}

fn quantity() -> impl Strategy<Value = Number> {
    let double = |it| Number::from_f64(it).unwrap_or(Number::from(0));
    prop_oneof![
        (-2_i64..110).prop_map(Number::from),
        (-2_i32..110).prop_map(move |it| double(f64::from(it))),
        any::<f64>().prop_map(double),
        any::<u64>().prop_map(Number::from),
    ]
}

prop_compose! {
    /// A draft with every field good, bad, at its limit or absent.
    pub(crate) fn draft()(
        click_id in option::of(text()),
        event_name in text(),
        customer_external_id in text(),
        customer_name in option::of(text()),
        customer_email in option::of(email()),
        customer_avatar in option::of(avatar()),
        mode in option::of(mode()),
        event_quantity in option::of(quantity()),
        metadata in option::of(metadata()),
    ) -> Draft {
        Draft {
            click_id, event_name, customer_external_id, customer_name, customer_email,
            customer_avatar, mode, event_quantity, metadata,
        }
    }
}

fn body_of(draft: &Draft) -> Option<Map<String, Value>> {
    let lead = build(draft.clone()).ok()?;
    Some(serde_json::from_slice(&lead.body).expect("a body is a JSON object"))
}

proptest! {
    #[test]
    fn every_body_keeps_every_rule(draft in draft()) {
        for (field, value) in body_of(&draft).unwrap_or_default() {
            prop_assert!(is_allowed(&field, &value), "{field}: {value}");
        }
    }

    #[test]
    fn only_a_required_field_costs_the_lead(draft in draft()) {
        let (event_name, customer) =
            (trimmed(&draft.event_name), trimmed(&draft.customer_external_id));
        let possible = is_short(&event_name, 255) && is_short(&customer, 100);
        match build(draft) {
            Ok(lead) => {
                prop_assert!(possible);
                prop_assert_eq!(lead.customer, customer);
            }
            Err(reasons) => prop_assert!(!possible && (1..=2).contains(&reasons.len())),
        }
    }

    #[test]
    fn what_fits_is_sent_unchanged_and_what_is_changed_is_said(draft in draft()) {
        let Some(body) = body_of(&draft) else { return Ok(()) };
        let warnings = build(draft.clone()).expect("it was built before").warnings;
        for (field, found) in as_json(&draft) {
            let sent = body.get(&field);
            let same = sent == Some(&found)
                || sent.is_some_and(|sent| sent.is_u64() && sent.as_f64() == found.as_f64());
            prop_assert!(same || !is_allowed(&field, &found), "{field}");
            let warned = warnings.iter().any(|warning| warning.field.as_ref() == Some(&field));
            let blank = found.as_str().is_some_and(|text| trimmed(text).is_empty())
                || found.as_object().is_some_and(Map::is_empty);
            let quiet = ["clickId", "eventName", "customerExternalId"].contains(&&*field);
            prop_assert_eq!(warned, !same && !blank && !quiet, "{}", field);
        }
    }

    #[test]
    fn a_changed_text_is_a_part_of_what_was_found(draft in draft()) {
        let body = body_of(&draft).unwrap_or_default();
        for (field, found) in as_json(&draft) {
            if let (Some(found), Some(sent)) = (found.as_str(), body.get(&field)) {
                prop_assert!(found.contains(sent.as_str().expect("a text stays a text")));
            }
        }
    }

    #[test]
    fn a_literal_is_at_fault_exactly_when_it_would_not_be_sent_as_it_is(draft in draft()) {
        let with = |field: &str, value: &Value| {
            let mut fields = json!({ "eventName": "a", "customerExternalId": "b" });
            fields[field] = value.clone();
            let text = |name: &str| fields[name].as_str().map(str::to_owned);
            build(Draft {
                click_id: text("clickId"),
                event_name: text("eventName").unwrap_or_default(),
                customer_external_id: text("customerExternalId").unwrap_or_default(),
                customer_name: text("customerName"),
                customer_email: text("customerEmail"),
                customer_avatar: text("customerAvatar"),
                mode: text("mode"),
                event_quantity: fields["eventQuantity"].as_number().cloned(),
                metadata: fields["metadata"].as_object().cloned(),
            })
        };
        for (field, value) in as_json(&draft) {
            let sent = with(&field, &value).is_ok_and(|lead| {
                let body: Value = serde_json::from_slice(&lead.body).expect("a body is JSON");
                let empty = value.as_object().is_some_and(Map::is_empty);
                lead.warnings.is_empty() && (empty || !body[&field].is_null())
            });
            prop_assert_eq!(check_literal(&field, &value).is_ok(), sent, "{}: {}", field, value);
        }
    }

    #[test]
    fn a_click_that_comes_later_gives_the_lead_of_one_that_came_at_once(
        draft in draft(),
        click_id in text(),
    ) {
        let Some(click) = click(&draft.customer_external_id, &click_id) else { return Ok(()) };
        let later = build(Draft { click_id: None, ..draft.clone() });
        let at_once = build(Draft { click_id: Some(click_id), ..draft });
        prop_assert_eq!(later.map(|lead| lead.with_click(&click.click_id)), at_once);
    }

    #[test]
    fn the_same_draft_gives_the_same_lead(draft in draft()) {
        prop_assert_eq!(build(draft.clone()), build(draft));
    }
}
