//! Hostile mapping files and payloads: what they may cost is counted, so that these tests count, too.

use super::{good, seen, with_body, with_field};
use crate::diagnostic::Code;
use crate::mapping::recorder::Silent;
use crate::mapping::{EVENT_NODES_MAX, MappingFile};
use crate::model::{Applied, Budget, Reason, Translation};
use serde_json::{Value, json};

/// What becomes of an event, and how many nodes that took; `None` where there were not enough.
fn run(file: &MappingFile, event: Value) -> (Applied, Option<usize>) {
    let mut budget = Budget::new(EVENT_NODES_MAX);
    let applied = seen(&event, |view| {
        let applied = file.mapping.run(view, &mut budget, &mut Silent);
        assert_eq!(file.mapping.explain(view).applied(), applied);
        applied
    });
    let used = EVENT_NODES_MAX - budget.nodes_left();
    (applied, (!budget.is_exhausted()).then_some(used))
}

/// Checks that the fields that every rule has and `field` take `nodes`.
#[track_caller]
fn takes(field: &str, event: Value, nodes: usize) {
    let (applied, used) = run(&good(&with_field(field)), event);
    assert_eq!(used, Some(nodes), "{field}");
    assert!(matches!(applied.outcomes[0].translation, Translation::Lead(_)), "{applied:?}");
}

#[track_caller]
fn too_complex(field: &str, event: Value) {
    let (applied, used) = run(&good(&with_field(field)), event);
    assert_eq!(used, None, "{field}");
    let reasons = vec![Reason::new(Code::EventTooComplex)];
    assert_eq!(applied.outcomes[0].translation, Translation::Unmapped(reasons));
}

/// The query `$.id` that every rule has: one step, and one value taken.
const ID: usize = 2;

#[test]
fn queries_and_values_are_counted() {
    takes("customerName = \"x\"", json!({"id": 1}), ID);
    takes("customerName = \"$.a.b\"", json!({"id": 1, "a": {"b": "x"}}), ID + 3);
    takes("customerName = \"$.a.b\"", json!({"id": 1, "a": {}}), ID + 1);
    // A hundred nodes are visited, one value is taken.
    takes("customerName = \"$.a[*]\"", json!({"id": 1, "a": vec!["x"; 100]}), ID + 102);
    // All are taken, and weighed once more as part of the object.
    let line = "metadata = { x = { all = \"$.a[*]\" } }";
    takes(line, json!({"id": 1, "a": vec!["x"; 100]}), ID + 1 + 100 + 100 + 101);
    // Long texts count by their length: when they are found, changed, and put into an object.
    let line = "metadata = { x = { from = \"$.a\", then = [\"uppercase\"] } }";
    takes(line, json!({"id": 1, "a": "x".repeat(6_400)}), ID + 1 + 101 + 101 + 101);
}

#[test]
fn the_rules_of_a_file_share_one_budget() {
    let field = "metadata = { x = { all = \"$.list[*].x\" } }";
    let one = with_field(field);
    let rule = &one[one.find("[[lead]]").unwrap()..];
    let rules: String =
        (0..64).map(|number| rule.replace("sign-up", &format!("rule {number}"))).collect();
    let file = good(&format!("provider = \"clerk\"\nsecrets = [\"env:SECRET\"]\n{rules}"));
    let event = json!({"id": 1, "list": vec![json!({"x": 1}); 1_000]});
    let (applied, used) = run(&file, event);
    assert_eq!(used, None);
    let is_lead: Vec<bool> = applied
        .outcomes
        .iter()
        .map(|outcome| matches!(outcome.translation, Translation::Lead(_)))
        .collect();
    // Each takes the list, its entries and their members, and weighs what it found twice.
    let each = ID + 1 + 1_000 + 1_000 + 1_000 + 1_001;
    let leads = EVENT_NODES_MAX / each;
    assert_eq!(is_lead, [vec![true; leads], vec![false; 64 - leads]].concat());
}

#[test]
fn a_condition_that_can_not_be_told_is_said_so() {
    let field = "customerName = \"x\"";
    let body = with_field(field).replace("[lead.body]", "when = \"@.a == @.b\"\n[lead.body]");
    let same = vec![0; EVENT_NODES_MAX];
    let (applied, used) = run(&good(&body), json!({"id": 1, "a": same, "b": same}));
    assert_eq!(used, None);
    let reasons = vec![Reason::new(Code::EventTooComplex)];
    assert_eq!(applied.outcomes[0].translation, Translation::Unmapped(reasons));
    let (applied, _) = run(&good(&body), json!({"id": 1, "a": [1], "b": [2]}));
    assert!(applied.outcomes.is_empty());
}

#[test]
fn wide_queries_of_wide_events_end() {
    let list = |length: usize| vec![json!({"id": "y", "n": [1, 2, 3]}); length];
    let many: Vec<_> =
        (0..200).map(|number| format!("m{number} = {{ all = \"$.l[*].n[*]\" }}")).collect();
    let line = format!("metadata = {{ {} }}", many.join(", "));
    too_complex(&line, json!({"id": 1, "l": list(1_000)}));
    let line = "customerName = \"$.l['n','n','n','n'][*]['n','n','n','n'][*]\"";
    let nested = json!({"n": [{"n": vec![0; 5_000]}]});
    too_complex(line, json!({"id": 1, "l": nested}));
    let line = "customerName = \"$.l[?@.n == $.l[0].n && @.id == 'z'].id\"";
    too_complex(line, json!({"id": 1, "l": list(10_000)}));
}

#[test]
fn lookups_of_many_in_many_end() {
    let lookup = "lookup = { in = \"$.list\", key = \"id\", take = \"t\" }";
    let line = format!("customerName = {{ from = \"$.ids\", {lookup} }}");
    let event = |ids: usize| json!({"id": 1, "ids": vec!["x"; ids], "list": vec![json!({"id": "y"}); 1_000]});
    too_complex(&line, event(300));
    // The ids, and for each of them the list and its entries.
    takes(&line, event(10), ID + 1 + 11 + 10 * (1 + 1_000));
}

#[test]
fn large_values_that_are_taken_often_end() {
    let text = "x".repeat(60_000);
    let many: Vec<_> = (0..200).map(|number| format!("m{number} = \"$.t\"")).collect();
    let line = format!("metadata = {{ {} }}", many.join(", "));
    too_complex(&line, json!({"id": 1, "t": text}));
    let first = "{ from = \"$.t\", map = { a = \"b\" } }, ".repeat(200);
    too_complex(&format!("customerName = {{ first = [{first}] }}"), json!({"id": 1, "t": text}));
    let join = "\"$.t\", ".repeat(200);
    let line = format!("customerName = {{ join = [{join}], with = \" \" }}");
    // The second part is one too many: the rest is not looked at.
    takes(&line, json!({"id": 1, "t": text}), ID + 2 * (1 + 1 + 937 + 937));
}

#[test]
fn adversarial_expressions_end() {
    let line = |pattern: &str| format!("customerName = \"$.l[?search(@.t, '{pattern}')].t\"");
    let event = |rows: usize, length: usize| json!({"id": 1, "l": vec![json!({"t": "a".repeat(length)}); rows]});
    // For each row itself, its text, and the text's length.
    takes(&line("(a+)+$x"), event(10, 1_600), ID + 1 + 10 * (1 + 1 + 100));
    too_complex(&line("(a|aa|aaa)*b"), event(1, 1_000_000));
    too_complex(&line("(a?){50}a{50}b"), event(1_000, 1_000));
}

#[test]
fn deep_events_are_walked_once() {
    let deep = (0..120).fold(json!("x"), |inner, _| json!({"a": inner}));
    let query = format!("$.d{}", ".a".repeat(120));
    takes(&format!("customerName = \"{query}\""), json!({"id": 1, "d": deep}), ID + 122);
    let nested = (0..15).fold("\"$.n\"".to_owned(), |inner, _| format!("{{ first = [{inner}] }}"));
    takes(&format!("customerName = {nested}"), json!({"id": 1, "n": "x"}), ID + 2);
    let nested = (0..15).fold("\"$.n\"".to_owned(), |inner, _| format!("{{ a = {inner} }}"));
    // Each object weighs what is in it.
    let weights: usize = (1..=15).sum();
    takes(&format!("metadata = {nested}"), json!({"id": 1, "n": 1}), ID + 2 + weights);
}

#[test]
fn an_explanation_holds_so_many_forms_and_no_more() {
    let member = |number: usize| format!("m{number}={{first=[{}]}}", "\"$.x\",".repeat(200));
    let members: Vec<_> = (0..100).map(member).collect();
    let body = format!(
        "clickId = \"c\"\neventName = \"e\"\ncustomerExternalId = \"$.id\"\nmetadata = {{ {} }}",
        members.join(", ")
    );
    let file = good(&with_body(&body));
    let explanation = seen(&json!({"id": 1}), |view| file.mapping.explain(view));
    assert!(explanation.shortened);
    let fields = &explanation.rules[0].fields;
    let metadata = &fields.last().unwrap().form;
    let forms: usize = metadata.members.iter().map(|member| 1 + member.members.len()).sum();
    // The other three fields, and the metadata itself.
    assert_eq!(3 + 1 + forms, 10_000);
    assert_eq!(metadata.members.len() + metadata.untried, 100);
}
