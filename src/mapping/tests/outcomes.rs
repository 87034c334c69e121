//! Which events a rule is for, and what it says where it makes no lead.

use super::{apply, apply_typed, good, with_body, with_field};
use crate::diagnostic::Code;
use crate::model::{Once, Reason, Translation};
use serde_json::{Value, json};
use std::time::Duration;

/// What a rule with this field, beside the required ones, makes of an event.
fn outcome(line: &str, event: Value) -> Translation {
    apply(&good(&with_field(line)), &event).remove(0).translation
}

#[track_caller]
fn unmapped(line: &str, event: Value, expected: &[(Code, &str)]) {
    let Translation::Unmapped(reasons) = outcome(line, event) else { panic!("not unmapped") };
    let found: Vec<_> =
        reasons.iter().map(|it| (it.code, it.field.as_deref().unwrap_or_default())).collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn skipped(line: &str, event: Value, expected: Reason) {
    assert_eq!(outcome(line, event), Translation::Skipped(expected));
}

#[track_caller]
fn warned(line: &str, event: Value, expected: &[(Code, &str)]) {
    let Translation::Lead(lead) = outcome(line, event) else { panic!("no lead") };
    let found: Vec<_> =
        lead.warnings.iter().map(|it| (it.code, it.field.as_deref().unwrap_or_default())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_missing_click_id_is_quiet_and_wins() {
    let no_click_id = || Reason::new(Code::NoClickId);
    skipped("clickId = \"$.c\"", json!({"id": 1}), no_click_id());
    skipped("clickId = \"$.c\"", json!({}), no_click_id());
    skipped(
        "clickId = { from = \"$.c\", ignore = [\"xxxxx\"] }",
        json!({"c": "xxxxx"}),
        no_click_id(),
    );
    unmapped(
        "clickId = { from = \"$.c\", missing = \"fail\" }",
        json!({"id": 1}),
        &[(Code::FieldMissing, "clickId")],
    );
    unmapped("clickId = \"$.c\"", json!({"c": {}, "id": 1}), &[(Code::FieldWrongType, "clickId")]);
    warned("clickId = { from = \"$.c\", missing = \"omit\" }", json!({"id": 1}), &[]);
    let Translation::Lead(lead) =
        outcome("clickId = { from = \"$.c\", missing = \"empty\" }", json!({"id": 1}))
    else {
        panic!("no lead")
    };
    assert!(!lead.has_click && lead.body.starts_with(b"{\"clickId\":\"\""));
}

#[test]
fn required_fields_need_a_person() {
    unmapped("customerName = \"x\"", json!({}), &[(Code::FieldMissing, "customerExternalId")]);
    unmapped(
        "customerExternalId = \"$.u\"",
        json!({"u": []}),
        &[(Code::FieldWrongType, "customerExternalId")],
    );
    unmapped(
        "customerExternalId = \"$.u\"",
        json!({"u": "u".repeat(101)}),
        &[(Code::FieldTooLong, "customerExternalId")],
    );
    unmapped(
        "customerExternalId = \"$.u\"",
        json!({"u": "u".repeat(70_000)}),
        &[(Code::FieldTooLong, "customerExternalId")],
    );
    let joined = "customerExternalId = { join = [\"$.t\", \"$.u\"], with = \":\" }";
    unmapped(joined, json!({"t": "t"}), &[(Code::FieldMissing, "customerExternalId")]);
    let mapped = "eventName = { from = \"$.p\", map = { a = \"A\" } }";
    unmapped(mapped, json!({"id": 1, "p": "b"}), &[(Code::FieldUnmatched, "eventName")]);
    unmapped(
        "eventName = \"$.p\"",
        json!({}),
        &[(Code::FieldMissing, "eventName"), (Code::FieldMissing, "customerExternalId")],
    );
    skipped(
        "customerExternalId = { from = \"$.u\", missing = \"skip\" }",
        json!({}),
        Reason::of_field(Code::FieldSkipped, "customerExternalId"),
    );
}

#[test]
fn optional_fields_never_cost_the_lead() {
    warned(
        "customerName = \"$.n\"",
        json!({"id": 1, "n": {}}),
        &[(Code::FieldLeftOut, "customerName")],
    );
    warned(
        "customerEmail = \"$.n\"",
        json!({"id": 1, "n": "no"}),
        &[(Code::FieldLeftOut, "customerEmail")],
    );
    warned(
        "metadata = { a = { from = \"$.n\", then = [\"integer\"] } }",
        json!({"id": 1, "n": "x"}),
        &[(Code::FieldLeftOut, "metadata.a")],
    );
    warned("customerName = \"$.n\"", json!({"id": 1}), &[]);
    unmapped(
        "customerEmail = { from = \"$.n\", missing = \"fail\" }",
        json!({"id": 1}),
        &[(Code::FieldMissing, "customerEmail")],
    );
    skipped(
        "customerEmail = { from = \"$.n\", missing = \"skip\" }",
        json!({"id": 1}),
        Reason::of_field(Code::FieldSkipped, "customerEmail"),
    );
}

#[test]
fn reasons_never_quote_the_event() {
    let secret = "hunter2";
    for line in [
        "customerExternalId = { from = \"$.a\", then = [\"integer\"] }",
        "customerExternalId = { from = \"$.a\", map = { b = \"c\" } }",
        "customerExternalId = \"$\"",
    ] {
        let outcome = outcome(line, json!({"a": secret, "id": 1}));
        assert!(matches!(outcome, Translation::Unmapped(_)));
        assert!(!format!("{outcome:?}").contains(secret));
    }
}

#[test]
fn on_and_when_choose_the_events() {
    let file = |head: &str| {
        let field = "clickId = \"c\"\neventName = \"e\"\ncustomerExternalId = \"$.id\"";
        good(&with_body(field).replace("[lead.body]", &format!("{head}\n[lead.body]")))
    };
    let count = |head: &str, kind: Option<&str>, event: Value| {
        apply_typed(&file(head), kind, &event).outcomes.len()
    };
    assert_eq!(count("", None, json!({"id": 1})), 1);
    assert_eq!(count("on = [\"a\", \"b\"]", Some("b"), json!({"id": 1})), 1);
    assert_eq!(count("on = [\"a\"]", Some("A"), json!({"id": 1})), 0);
    assert_eq!(count("on = [\"a\"]", None, json!({"id": 1})), 0);
    assert_eq!(count("when = \"@.x != true\"", None, json!({"id": 1})), 1);
    assert_eq!(count("when = \"@.x != true\"", None, json!({"x": true})), 0);
    let once = |head: &str| apply(&file(head), &json!({"id": 1}))[0].once;
    assert_eq!(once(""), Once::Forever);
    assert_eq!(once("once = \"event\""), Once::Event);
    assert_eq!(once("once = \"7d\""), Once::For(Duration::from_secs(7 * 86_400)));
    assert_eq!(apply(&file("destination = \"dub\""), &json!({}))[0].destination.as_str(), "dub");
}

#[test]
fn several_rules_make_a_lead_each_of_one_event() {
    let one = with_field("customerName = \"x\"");
    let rule = |name: &str, head: &str, event_name: &str| {
        let lead = one[one.find("[[lead]]").unwrap()..].replace("\"sign-up\"", name);
        lead.replace("[lead.body]", &format!("{head}\n[lead.body]")).replace("\"e\"", event_name)
    };
    let raw = [
        "provider = \"clerk\"\nsecrets = [\"env:SECRET\"]\n".to_owned(),
        rule("\"a\"", "on = [\"user.created\"]", "\"A\""),
        rule(
            "\"b\"",
            "when = \"@.plan == 'pro'\"",
            "{ from = \"$.plan\", then = [\"uppercase\"] }",
        ),
        rule("\"c\"", "on = [\"user.deleted\"]", "\"C\""),
        rule("\"d\"", "", "\"$.gone\""),
    ];
    let outcomes = apply(&good(&raw.concat()), &json!({"id": 1, "plan": "pro"}));
    let names: Vec<_> = outcomes.iter().map(|outcome| outcome.rule.as_str()).collect();
    assert_eq!(names, ["a", "b", "d"]);
    let event_name = |at: usize| match &outcomes[at].translation {
        Translation::Lead(lead) => lead.event_slug.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((event_name(0), event_name(1)), ("a".to_owned(), "pro".to_owned()));
    assert!(matches!(outcomes[2].translation, Translation::Unmapped(_)));
}

#[test]
fn the_version_is_that_of_the_rules() {
    let version = |raw: &str| good(raw).mapping.version().to_owned();
    let raw = with_field("customerName = \"$.n\"");
    let one = version(&raw);
    assert_eq!(one.len(), 64);
    let reformatted = raw.replace(" = ", "=").replace("SECRET", "OTHER") + "# a comment\n";
    assert_eq!(version(&reformatted), one);
    assert_eq!(version(&format!("format = 1\n{raw}")), one);
    assert_ne!(version(&raw.replace("$.n", "$.m")), one);
    assert_ne!(version(&raw.replace("clerk", "auth0")), one);
    // What the events of a sender of one's own are makes a difference, how it signs none.
    let custom = raw.replace("clerk", "custom") + "[signature]\nkind = \"basic\"\n[event]\n";
    assert_eq!(version(&custom.replace("basic", "token")), version(&custom));
    assert_ne!(version(&(custom.clone() + "id = \"$.id\"\n")), version(&custom));
    // Stored with events: a release must not change it.
    assert_eq!(one, "e3b44e7202ffb2a2dfc158329c53243cd7d8afdae2f017b02897a15057c4d546");
}
