//! What an explanation says, beside the result.

use super::{good, seen, with_body, with_field};
use crate::diagnostic::Code;
use crate::mapping::{
    Explanation, FieldState, FieldTrace, Finding, FormTrace, MappingFile, SourceTrace,
};
use crate::model::Translation;
use serde_json::{Value, json};

fn explain(file: &MappingFile, event: &Value) -> Explanation {
    seen(event, |view| file.mapping.explain(view))
}

/// How a field of a rule that has all required ones came about.
#[track_caller]
fn field(line: &str, mut event: Value) -> FieldTrace {
    event["id"] = json!("u1");
    let name = line.split(' ').next().unwrap();
    let rule = explain(&good(&with_field(line)), &event).rules.remove(0);
    rule.fields.into_iter().find(|field| field.name == name).unwrap()
}

/// Checks the form of the field, in short.
#[track_caller]
fn check(line: &str, event: Value, expected: &str) {
    assert_eq!(form(&field(line, event).form), expected);
}

/// `source(members) found step:gave... => result`; what is the same as before it is left out.
fn form(trace: &FormTrace) -> String {
    let mut text = trace.member.as_ref().map_or_else(String::new, |name| format!("{name}: "));
    text += &match &trace.source {
        SourceTrace::Literal => "literal".to_owned(),
        SourceTrace::Query { text, nodes, at: Some(at) } => format!("{text} {nodes} at {at}"),
        SourceTrace::Query { text, nodes: 0 | 1, at: None } => text.clone(),
        SourceTrace::Query { text, nodes, at: None } => format!("{text} {nodes}"),
        SourceTrace::All { text, nodes } => format!("all {text} {nodes}"),
        SourceTrace::Form => "from".to_owned(),
        SourceTrace::Header { name } => format!("header {name}"),
        SourceTrace::Parameter { name } => format!("parameter {name}"),
        SourceTrace::Event { part } => format!("event {part}"),
        SourceTrace::First => "first".to_owned(),
        SourceTrace::Join { with } => format!("join '{with}'"),
        SourceTrace::List => "list".to_owned(),
        SourceTrace::Object => "object".to_owned(),
    };
    let mut members: Vec<_> = trace.members.iter().map(form).collect();
    if trace.untried > 0 {
        members.push(format!("{} untried", trace.untried));
    }
    if !members.is_empty() {
        text += &format!("({})", members.join(", "));
    }
    text += &format!(" {}", finding(&trace.found));
    let mut last = &trace.found;
    for step in &trace.steps {
        text += &format!(" {}:{}", step.step, finding(&step.gave));
        last = &step.gave;
    }
    if *last != trace.result {
        text += &format!(" => {}", finding(&trace.result));
    }
    text
}

fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Value(value) => value.to_string(),
        Finding::Nothing => "nothing".to_owned(),
        Finding::Null => "null".to_owned(),
        Finding::Blank => "blank".to_owned(),
        Finding::Ignored(value) => format!("ignored {value}"),
        Finding::Incomplete => "incomplete".to_owned(),
        Finding::Trouble { code, .. } => code.name().to_owned(),
    }
}

#[test]
fn sources_say_what_they_gave() {
    check("customerName = \"Ada\"", json!({}), "literal \"Ada\"");
    check("customerName = \"$.n\"", json!({"n": 7}), "$.n 7");
    check("customerName = \"$.n\"", json!({}), "$.n nothing");
    check("customerName = \"$.n\"", json!({"n": null}), "$.n null");
    check("customerName = \"$.n\"", json!({"n": " "}), "$.n blank");
    check("customerName = \"$.n\"", json!({"n": "x".repeat(70_000)}), "$.n field_too_long");
    check("customerName = { header = \"x-click\" }", json!({}), "header x-click \"h1\"");
    check("customerName = { query = \"gone\" }", json!({}), "parameter gone nothing");
    check("customerName = { event = \"type\" }", json!({}), "event type \"user.created\"");
    let people = json!({"p": [{"n": "Ada"}, {"n": "Bo", "is": true}, {"n": "Cy", "is": true}]});
    check("customerName = \"$.p[?@.is].n\"", people.clone(), "$.p[?@.is].n 2 at $.p[1].n \"Bo\"");
    check(
        "metadata = { x = { all = \"$.p[*].n\" } }",
        people,
        "object(x: all $.p[*].n 3 [\"Ada\",\"Bo\",\"Cy\"]) {\"x\":[\"Ada\",\"Bo\",\"Cy\"]}",
    );
}

#[test]
fn candidates_say_why_they_do_not_count() {
    let first =
        "customerName = { first = [\"$.a\", \"$.b\", \"$.c\", \"$.d\"], ignore = [\"n/a\"] }";
    check(
        first,
        json!({"a": "n/a", "b": "", "c": "Cy"}),
        "first($.a \"n/a\" => ignored \"n/a\", $.b blank, $.c \"Cy\", 1 untried) \"Cy\"",
    );
    check(
        "customerName = { first = [{ from = \"$.a\", then = [\"integer\"] }, \"$.b\"] }",
        json!({"a": "x"}),
        "first($.a \"x\" integer:field_wrong_type, $.b nothing) field_wrong_type",
    );
}

#[test]
fn steps_say_what_they_gave() {
    let steps = "then = [\"trim\", { truncate = 2 }, \"lowercase\"], default = \"?\"";
    let line = format!("customerName = {{ from = \"$.n\", {steps} }}");
    check(
        &line,
        json!({"n": " ADA "}),
        "$.n \" ADA \" trim:\"ADA\" truncate 2:\"AD\" lowercase:\"ad\"",
    );
    check(&line, json!({}), "$.n nothing default:\"?\"");
    let lookup = "lookup = { in = \"$.l\", key = \"id\", take = \"t\" }, map = { pro = \"Pro\" }";
    let line = format!("customerName = {{ from = \"$.n\", {lookup} }}");
    let event = |id: &str| json!({"n": id, "l": [{"id": "a", "t": "pro"}, {"id": "b", "t": "x"}]});
    check(&line, event("a"), "$.n \"a\" lookup:\"pro\" map:\"Pro\"");
    check(&line, event("b"), "$.n \"b\" lookup:\"x\" map:field_unmatched");
    check(&line, event("c"), "$.n \"c\" lookup:nothing");
}

#[test]
fn parts_of_identities_must_all_be_there() {
    let join = "{ join = [\"$.a\", \"$.b\"], with = \":\" }";
    let event = json!({"a": "x"});
    check(
        &format!("customerName = {join}"),
        event.clone(),
        "join ':'($.a \"x\", $.b nothing) \"x\"",
    );
    let line = format!("clickId = {join}");
    check(&line, event, "join ':'($.a \"x\", $.b nothing) incomplete");
    check(&line, json!({}), "join ':'($.a nothing, $.b nothing) nothing");
}

#[test]
fn forms_within_forms_are_told_as_they_stand() {
    check(
        "metadata = { a = { from = { first = [\"$.x\"] }, then = [\"uppercase\"] }, b = { c = \"$.y\" } }",
        json!({"x": "u"}),
        "object(a: from(first($.x \"u\") \"u\") \"u\" uppercase:\"U\", b: object(c: $.y nothing) \
         nothing) {\"a\":\"U\"}",
    );
}

#[track_caller]
fn state(line: &str, event: Value, state: FieldState, missing: &str, notes: &[Code]) {
    let field = field(line, event);
    let codes: Vec<_> = field.notes.iter().map(|note| note.code).collect();
    assert_eq!((field.state, field.missing, codes), (state, missing, notes.to_vec()));
}

#[test]
fn fields_say_what_becomes_of_them() {
    use FieldState::{Failed, Found, LeftOut, Missing};
    state("customerName = \"$.n\"", json!({"n": "Ada"}), Found, "omit", &[]);
    state("customerName = \"$.n\"", json!({}), Missing, "omit", &[]);
    state("clickId = \"$.c\"", json!({}), Missing, "skip", &[]);
    state("clickId = { from = \"$.c\", missing = \"park\" }", json!({}), Missing, "park", &[]);
    state("eventName = \"$.e\"", json!({}), Missing, "fail", &[Code::FieldMissing]);
    state("eventName = \"$.e\"", json!({"e": {}}), Failed, "fail", &[Code::FieldWrongType]);
    // What the destination's rules make of it counts as well.
    let long = "x".repeat(300);
    state("eventName = \"$.e\"", json!({"e": long}), Failed, "fail", &[Code::FieldTooLong]);
    state("customerName = \"$.n\"", json!({"n": long}), Found, "omit", &[Code::FieldTruncated]);
    state("customerName = \"$.n\"", json!({"n": {}}), LeftOut, "omit", &[Code::FieldLeftOut]);
    state("customerEmail = \"$.n\"", json!({"n": "no"}), LeftOut, "omit", &[Code::FieldLeftOut]);
    state("metadata = \"$.m\"", json!({"m": {}}), Missing, "omit", &[]);
    let member = "metadata = { a = { from = \"$.n\", then = [\"integer\"] }, b = 1 }";
    state(member, json!({"n": "x"}), Found, "omit", &[Code::FieldLeftOut]);
    let name = field("customerName = \"$.n\"", json!({"n": "x".repeat(101)}));
    assert_eq!(name.sent, Some(json!("x".repeat(100))));
}

#[test]
fn rules_say_which_events_they_are_for() {
    let body = "clickId = \"c\"\neventName = \"e\"\ncustomerExternalId = \"$.id\"";
    let rule = |head: &str, event: Value| {
        let raw = with_body(body).replace("[lead.body]", &format!("{head}\n[lead.body]"));
        (raw.clone(), explain(&good(&raw), &event).rules.remove(0))
    };
    let (raw, other) = rule("on = [\"user.deleted\"]\nwhen = \"@.a\"", json!({"id": 1}));
    assert_eq!(other.on.wanted, ["user.deleted"]);
    assert_eq!(other.on.found.as_deref(), Some("user.created"));
    assert!(!other.on.matches && other.when.is_none() && other.outcome.is_none());
    assert!(other.fields.is_empty() && raw[other.span].starts_with("[[lead]]"));
    let when = "when = \"@.plan == 'pro' && @.n > 1\"";
    let (raw, not) = rule(when, json!({"id": 1, "plan": "pro", "n": 1}));
    let condition = not.when.unwrap();
    assert_eq!(&raw[condition.span], "\"@.plan == 'pro' && @.n > 1\"");
    assert!(!condition.holds && not.fields.is_empty() && not.outcome.is_none());
    let parts: Vec<_> = condition
        .parts
        .into_iter()
        .map(|part| (part.text, part.holds, finding(&part.seen[0].1)))
        .collect();
    let expected = [
        ("@.plan == 'pro'".to_owned(), true, "\"pro\"".to_owned()),
        ("@.n > 1".to_owned(), false, "1".to_owned()),
    ];
    assert_eq!(parts, expected);
    let (raw, rule) = rule("on = [\"user.created\"]", json!({"id": 1}));
    assert!(matches!(rule.outcome.unwrap().translation, Translation::Lead(_)));
    let places: Vec<_> = rule.fields.iter().map(|field| &raw[field.span.clone()]).collect();
    assert_eq!(places, ["\"c\"", "\"e\"", "\"$.id\""]);
}

#[test]
fn what_a_condition_saw_is_bounded() {
    let body = "clickId = \"c\"\neventName = \"e\"\ncustomerExternalId = \"$.id\"";
    let same: Vec<_> = (0..60).map(|_| "@.a == @.b".to_owned()).collect();
    let when = format!("when = \"{}\"\n[lead.body]", same.join("||"));
    let file = good(&with_body(body).replace("[lead.body]", &when));
    let long = |last: u8| [vec![0; 20_000], vec![last]].concat();
    let explanation = explain(&file, &json!({"id": 1, "a": long(1), "b": long(2), "c": "x"}));
    assert!(explanation.shortened);
    let parts = &explanation.rules[0].when.as_ref().unwrap().parts;
    // Two lists and their members to compare them, and the two once more to show them.
    let each = 2 + 20_001 + 2;
    assert_eq!(parts.len(), (1_000_000 / each).min(60));
}

#[test]
fn click_rules_say_what_they_learnt() {
    let rule = "[[click]]\ncustomerExternalId = \"$.id\"\nclickId = \"$.c\"\n";
    let raw = format!("{}{rule}", with_field("customerName = \"x\""));
    let learn = |event: Value| explain(&good(&raw), &event).clicks.remove(0);
    let both = learn(json!({"id": "u1", "c": "c1"}));
    let states: Vec<_> = both.fields.iter().map(|field| (field.name, field.state)).collect();
    assert_eq!(states, [("clickId", FieldState::Found), ("customerExternalId", FieldState::Found)]);
    assert_eq!(both.click.unwrap().click_id, "c1");
    assert!(raw[both.span].starts_with("[[click]]"));
    let none = learn(json!({"id": "u1"}));
    assert_eq!((none.fields.len(), none.fields[0].state), (1, FieldState::Missing));
    assert_eq!(none.click, None);
}
