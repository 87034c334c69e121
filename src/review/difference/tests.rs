//! Pairs of outcomes, and what is another.

use super::*;
use crate::lead::{Draft, build};
use crate::model::Once;
use serde_json::json;
use std::time::Duration;

fn name(name: &str) -> RuleName {
    name.parse().expect("a name")
}

fn outcome(translation: Translation) -> RuleOutcome {
    RuleOutcome {
        rule: name("sign-up"),
        destination: "dub".parse().expect("a name"),
        once: Once::Forever,
        translation,
    }
}

fn draft() -> Draft {
    Draft {
        click_id: Some("c1".to_owned()),
        event_name: "Sign up".to_owned(),
        customer_external_id: "user_1".to_owned(),
        ..Draft::default()
    }
}

fn made(draft: Draft) -> RuleOutcome {
    outcome(Translation::Lead(Box::new(build(draft).expect("the draft is good"))))
}

fn waiting(draft: Draft) -> RuleOutcome {
    let draft = Draft { click_id: None, ..draft };
    outcome(Translation::Parked(Box::new(build(draft).expect("the draft is good"))))
}

fn skipped() -> RuleOutcome {
    outcome(Translation::Skipped(Reason::new(Code::NoClickId)))
}

fn unmapped(fields: &[&str]) -> RuleOutcome {
    let reason = |field: &&str| Reason::of_field(Code::FieldMissing, *field).detail("words");
    outcome(Translation::Unmapped(fields.iter().map(reason).collect()))
}

fn the_rule(before: &[RuleOutcome], after: &[RuleOutcome]) -> RuleDifference {
    let mut rules = rules(before, after);
    assert_eq!(rules.len(), 1);
    rules.remove(0)
}

/// What became of it before and after, and which way it went.
#[track_caller]
fn check(before: Option<RuleOutcome>, after: Option<RuleOutcome>, kind: Kind, fates: [&str; 2]) {
    let rule = the_rule(before.as_slice(), after.as_slice());
    assert_eq!(rule.kind(), kind);
    assert_eq!([rule.before.to_string(), rule.after.to_string()], fates);
    assert_eq!(rule.lead.is_some(), matches!(kind, Kind::Gained | Kind::Lost));
    assert_eq!(rule.fields.is_empty(), kind != Kind::Changed);
    assert_eq!(rule.is_newly_unmapped(), fates[1].starts_with('u') && !fates[0].starts_with('u'));
}

#[test]
fn a_rule_goes_one_way() {
    let lead = || Some(made(draft()));
    let other = || Some(made(Draft { click_id: Some("c2".to_owned()), ..draft() }));
    let (skip, id) = ("skipped: no_click_id", "unmapped: field_missing (customerExternalId)");
    let failed = || Some(unmapped(&["customerExternalId"]));
    check(lead(), lead(), Kind::Same, ["lead", "lead"]);
    check(lead(), other(), Kind::Changed, ["lead", "lead"]);
    let parked = || Some(waiting(draft()));
    let other_parked = Some(waiting(Draft { customer_name: Some("Ada".to_owned()), ..draft() }));
    check(parked(), parked(), Kind::Same, ["parked", "parked"]);
    check(parked(), other_parked, Kind::Changed, ["parked", "parked"]);
    check(lead(), parked(), Kind::Lost, ["lead", "parked"]);
    check(parked(), lead(), Kind::Gained, ["parked", "lead"]);
    check(parked(), None, Kind::Lost, ["parked", "ignored"]);
    check(Some(skipped()), parked(), Kind::Gained, [skip, "parked"]);
    check(lead(), None, Kind::Lost, ["lead", "ignored"]);
    check(lead(), Some(skipped()), Kind::Lost, ["lead", skip]);
    check(lead(), failed(), Kind::Lost, ["lead", id]);
    check(None, lead(), Kind::Gained, ["ignored", "lead"]);
    check(Some(skipped()), lead(), Kind::Gained, [skip, "lead"]);
    check(failed(), failed(), Kind::Same, [id, id]);
    check(Some(skipped()), failed(), Kind::Reason, [skip, id]);
    check(None, Some(skipped()), Kind::Reason, ["ignored", skip]);
    let both = Some(unmapped(&["eventName", "customerExternalId", "eventName"]));
    let two = "unmapped: field_missing (eventName), field_missing (customerExternalId)";
    check(failed(), both, Kind::Reason, [id, two]);
}

#[track_caller]
fn check_fields(before: Draft, after: Draft, expected: &[(&str, Value, Value)]) {
    let rule = the_rule(&[made(before)], &[made(after)]);
    // No lead holds a `null` of its own here, so that it can stand for "absent".
    let value = |value: &Option<Value>| value.clone().unwrap_or(Value::Null);
    let found: Vec<_> = rule
        .fields
        .iter()
        .map(|field| (field.field.as_str(), value(&field.before), value(&field.after)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn leads_are_compared_field_by_field() {
    let metadata = |value: Value| Draft { metadata: value.as_object().cloned(), ..draft() };
    check_fields(draft(), draft(), &[]);
    check_fields(
        Draft { customer_name: Some("Ada".to_owned()), ..draft() },
        Draft { click_id: None, event_quantity: Some(2.into()), ..draft() },
        &[
            ("clickId", json!("c1"), json!(null)),
            ("customerName", json!("Ada"), json!(null)),
            ("eventQuantity", json!(null), json!(2)),
        ],
    );
    check_fields(
        metadata(json!({ "a": 1, "b": { "c": [1] }, "gone": true })),
        metadata(json!({ "a": 2, "b": { "c": [1, 2] }, "new": "x" })),
        &[
            ("metadata.a", json!(1), json!(2)),
            ("metadata.b", json!({ "c": [1] }), json!({ "c": [1, 2] })),
            ("metadata.gone", json!(true), json!(null)),
            ("metadata.new", json!(null), json!("x")),
        ],
    );
    check_fields(metadata(json!({ "a": 1 })), draft(), &[("metadata.a", json!(1), json!(null))]);
    // Other bytes that say the same.
    check_fields(
        metadata(json!({ "a": 1, "b": { "c": 1, "d": [2.0] } })),
        metadata(json!({ "b": { "d": [2], "c": 1.0 }, "a": 1.0 })),
        &[],
    );
    check_fields(
        metadata(json!({ "a": 9007199254740993_u64, "b": [1] })),
        metadata(json!({ "a": 9007199254740992_u64, "b": [1, 1] })),
        &[
            ("metadata.a", json!(9007199254740993_u64), json!(9007199254740992_u64)),
            ("metadata.b", json!([1]), json!([1, 1])),
        ],
    );
}

#[test]
fn what_a_rule_says_beside_the_body_counts_too() {
    let before = made(draft());
    let once = Once::For(Duration::from_secs(604_800));
    let destination = "other".parse().expect("a name");
    let after = RuleOutcome { once, destination, ..before.clone() };
    let rule = the_rule(&[before], &[after]);
    let found: Vec<_> = rule.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!((found, rule.kind()), (vec!["destination", "once"], Kind::Changed));
    assert_eq!(rule.fields[1].before, Some(json!("forever")));
    assert_eq!(rule.fields[1].after, Some(json!("7d")));
}

#[track_caller]
fn check_ledger(after: Draft, is_renamed: bool, is_of_other_customer: bool) {
    let rule = the_rule(&[made(draft())], &[made(after)]);
    assert_eq!((rule.is_renamed, rule.is_of_other_customer), (is_renamed, is_of_other_customer));
}

#[test]
fn what_opens_another_entry_of_the_ledger_is_known() {
    let named = |event_name: &str| Draft { event_name: event_name.to_owned(), ..draft() };
    check_ledger(named("Signed up"), true, false);
    check_ledger(named("sign UP"), false, false);
    check_ledger(Draft { customer_external_id: "user_2".to_owned(), ..draft() }, false, true);
    check_ledger(Draft { click_id: None, ..draft() }, false, false);
}

#[track_caller]
fn check_repairs(before: RuleOutcome, after: RuleOutcome, expected: &[&str]) {
    let rule = the_rule(&[before], &[after]);
    let found: Vec<_> = rule.repairs.iter().map(Cause::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn only_new_repairs_count() {
    let long = || made(Draft { customer_name: Some("n".repeat(101)), ..draft() });
    let cut = "field_truncated (customerName)";
    check_repairs(made(draft()), long(), &[cut]);
    check_repairs(skipped(), long(), &[cut]);
    check_repairs(long(), long(), &[]);
    check_repairs(long(), made(draft()), &[]);
    check_repairs(long(), skipped(), &[]);
}

#[test]
fn rules_are_compared_by_their_names() {
    let named = |text: &str| RuleOutcome { rule: name(text), ..made(draft()) };
    let before = [named("trial"), named("sign-up")];
    let after = [named("sign-up"), named("b2b")];
    let rules = rules(&before, &after);
    let found: Vec<_> = rules.iter().map(|rule| (rule.rule.as_str(), rule.kind())).collect();
    assert_eq!(found, [("b2b", Kind::Gained), ("sign-up", Kind::Same), ("trial", Kind::Lost)]);
    let nothing = Applied::default();
    assert_eq!(Difference::between(&nothing, &nothing), Difference::default());
}

#[test]
fn clicks_are_compared_whole() {
    let click =
        |customer: &str, id: &str| Click { customer: customer.to_owned(), click_id: id.to_owned() };
    let learnt = |clicks: &[Click]| Applied { clicks: clicks.to_vec(), ..Applied::default() };
    let before = learnt(&[click("a", "1"), click("b", "2")]);
    let after = learnt(&[click("b", "2"), click("a", "3")]);
    let expected = ClickDifference {
        same: vec![click("b", "2")],
        gained: vec![click("a", "3")],
        lost: vec![click("a", "1")],
    };
    assert_eq!(Difference::between(&before, &after).clicks, expected);
}
