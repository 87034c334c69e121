//! What click rules learn, leads that wait for it, and cases that expect both.

use super::{apply, apply_typed, good, read, with_body, with_field};
use crate::diagnostic::{Code, SourceText, render_all};
use crate::model::{Click, Reason, Translation};
use serde_json::{Value, json};
use std::sync::Arc;

const RULE: &str = "[[click]]\ncustomerExternalId = \"$.id\"\nclickId = \"$.c\"\n";

/// A file with a lead that waits for its click id, and these click rules.
fn file(clicks: &str) -> String {
    let parked = "clickId = { from = \"$.c\", missing = \"park\" }";
    format!("{}{clicks}", with_field(parked))
}

/// Checks what the click rules learn from an event of type `user.updated`.
#[track_caller]
fn check(clicks: &str, event: Value, expected: &[(&str, &str)]) {
    let found = apply_typed(&good(&file(clicks)), Some("user.updated"), &event).clicks;
    let found: Vec<_> = found.iter().map(|it| (&*it.customer, &*it.click_id)).collect();
    assert_eq!(found, expected, "{event}");
}

#[test]
fn a_click_is_a_customer_and_an_id_as_a_lead_has_them() {
    check(RULE, json!({"id": "u1", "c": "c1"}), &[("u1", "c1")]);
    check(RULE, json!({"id": 7, "c": " c1\u{FEFF}"}), &[("7", "c1")]);
    check(RULE, json!({"id": "u".repeat(100), "c": true}), &[(&"u".repeat(100), "true")]);
    let forms = RULE.replace("\"$.c\"", "{ first = [\"$.a\", \"$.c\"], ignore = [\"n/a\"] }");
    check(&forms, json!({"id": "u1", "a": "n/a", "c": "c1"}), &[("u1", "c1")]);
    check(&forms, json!({"id": "u1", "a": "n/a", "c": "n/a"}), &[]);
}

#[test]
fn an_event_that_tells_none_is_passed_over() {
    for event in [
        json!({"id": "u1"}),
        json!({"c": "c1"}),
        json!({"id": "u1", "c": " "}),
        json!({"id": "u1", "c": {}}),
        json!({"id": [], "c": "c1"}),
        json!({"id": "u".repeat(101), "c": "c1"}),
        json!({"id": "u1", "c": "c".repeat(70_000)}),
        json!([]),
    ] {
        check(RULE, event, &[]);
    }
    let joined = RULE.replace("\"$.id\"", "{ join = [\"$.t\", \"$.id\"], with = \":\" }");
    check(&joined, json!({"t": "t", "c": "c1"}), &[]);
    check(&joined, json!({"t": "t", "id": 1, "c": "c1"}), &[("t:1", "c1")]);
}

#[test]
fn on_and_when_choose_the_events_and_every_rule_learns() {
    let on = |lines: &str| RULE.replace("[[click]]\n", &format!("[[click]]\n{lines}\n"));
    let event = json!({"id": "u1", "c": "c1", "d": "c2"});
    check(&on("on = [\"user.updated\"]"), event.clone(), &[("u1", "c1")]);
    check(&on("on = [\"user.created\"]"), event.clone(), &[]);
    check(&on("when = \"@.d\""), event.clone(), &[("u1", "c1")]);
    check(&on("when = \"@.e\""), event.clone(), &[]);
    let both = format!("{RULE}{}", RULE.replace("$.c", "$.d"));
    check(&both, event, &[("u1", "c1"), ("u1", "c2")]);
}

#[test]
fn a_lead_waits_only_where_nothing_but_its_click_id_is_missing() {
    let outcome = |raw: &str, event: Value| apply(&good(raw), &event).remove(0).translation;
    let raw = file("");
    let Translation::Parked(lead) = outcome(&raw, json!({"id": "u1"})) else { panic!("parked") };
    assert_eq!(&lead.body[..], b"{\"eventName\":\"e\",\"customerExternalId\":\"u1\"}");
    assert!(!lead.has_click);
    let whole = outcome(&raw, json!({"id": "u1", "c": "c1"}));
    assert_eq!(whole, Translation::Lead(Box::new(lead.with_click("c1"))));
    let missing = vec![Reason::of_field(Code::FieldMissing, "customerExternalId")];
    assert_eq!(outcome(&raw, json!({})), Translation::Unmapped(missing));
    let wrong = outcome(&raw, json!({"id": "u1", "c": {}}));
    assert!(matches!(wrong, Translation::Unmapped(_)), "{wrong:?}");
    let skipping = format!("{raw}customerName = {{ from = \"$.n\", missing = \"skip\" }}\n");
    let skipped = Reason::of_field(Code::FieldSkipped, "customerName");
    assert_eq!(outcome(&skipping, json!({"id": "u1"})), Translation::Skipped(skipped));
    let never = file("").replace("from = \"$.c\"", "value = \"\"");
    assert!(matches!(outcome(&never, json!({"id": "u1"})), Translation::Parked(_)));
}

#[test]
fn a_file_may_do_nothing_but_learn() {
    let head = "provider = \"clerk\"\nsecrets = [\"env:SECRET\"]\n";
    let event = json!({"id": "u1", "c": "c1"});
    let applied = apply_typed(&good(&format!("{head}{RULE}")), None, &event);
    assert!(applied.outcomes.is_empty());
    let click = Click { customer: "u1".to_owned(), click_id: "c1".to_owned() };
    assert_eq!(applied.clicks, [click]);
}

#[test]
fn the_version_covers_click_rules() {
    let version = |clicks: &str| good(&file(clicks)).mapping.version().to_owned();
    let one = version(RULE);
    assert_ne!(one, version(""));
    assert_ne!(one, version(&RULE.replace("$.c", "$.d")));
    assert_eq!(one, version(&format!("# a comment\n{}", RULE.replace(" = ", "="))));
    // Stored with events: a release must not change it.
    assert_eq!(one, "b90ac065ca3153dc67089d1ade5a90560ddebd1e42cbadeb824d9f6b79ac9505");
}

/// Checks what a case with this expectation says of an event: nothing, or these parts.
#[track_caller]
fn case(expected: &str, event: Value, says: &[&str]) {
    let raw = format!("{}[[case]]\nname = \"c\"\nevent = \"e.json\"\n{expected}\n", file(RULE));
    let (file, faults) = read(&raw);
    let file = file.unwrap_or_else(|| panic!("{}", render_all(&faults)));
    let text = Arc::new(SourceText::new("test.toml", &raw));
    let case = &file.cases[0];
    let fault = case.diagnostic(&case.judge(apply_typed(&file, None, &event)), &text);
    let shown = render_all(&fault);
    assert_eq!(fault.is_none(), says.is_empty(), "{shown}");
    for part in says {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
}

#[test]
fn cases_expect_clicks_and_leads_that_wait() {
    let (alone, both) = (json!({"id": "u1"}), json!({"id": "u1", "c": "c1"}));
    case("parked = \"no click id\"", alone.clone(), &[]);
    case("parked = \"no_click_id\"", alone.clone(), &[]);
    case("parked = \"no click id\"", both.clone(), &["`parked` with no_click_id", "a lead: {"]);
    case(
        "skipped = \"no click id\"",
        alone.clone(),
        &["sign-up: parked until a click id comes: {"],
    );
    let lead = "lead = { eventName = \"e\", customerExternalId = \"u1\" }";
    case(lead, alone.clone(), &["exactly one lead is expected", "parked"]);
    let click = |id: &str| format!("[case.click]\ncustomerExternalId = \"u1\"\nclickId = \"{id}\"");
    case(&click("c1"), both.clone(), &[]);
    case(
        &click("c2"),
        both,
        &["the click is another one", "clickId: expected \"c2\", found \"c1\""],
    );
    case(&click("c1"), alone, &["no click rule finds one"]);
    let several = format!("{}\n{RULE}", click("c1"));
    let event = json!({"id": "u1", "c": "c1"});
    let twice = r#"{"customerExternalId":"u1","clickId":"c1"}"#;
    case(&several, event, &["there are several", twice]);
}

#[test]
fn a_body_can_not_be_nested_in_a_click_rule() {
    let raw = with_body("clickId = \"$.c\"\neventName = \"e\"\ncustomerExternalId = \"$.id\"");
    let (file, faults) = read(&format!("{raw}[[click]]\n[click.body]\nclickId = \"$.c\"\n"));
    assert!(file.is_none());
    let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [Code::KeyMissing, Code::KeyMissing, Code::KeyUnknown]);
}
