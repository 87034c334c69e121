//! What queries and conditions select, and how they are refused.

use super::{Filter, Selector, SelectorError};
use crate::model::Document;
use serde_json::{Value, json};

/// Checks which characters of `text` a fault covers, and what its message and hint contain.
#[track_caller]
fn check(result: Result<(), SelectorError>, text: &str, covered: &str, message: &str, hint: &str) {
    let error = result.expect_err("a fault");
    assert_eq!(&text[error.span.clone()], covered, "{error:?}");
    assert!(error.message.contains(message), "{error:?}");
    assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{error:?}");
}

#[track_caller]
fn query_fault(text: &str, covered: &str, message: &str, hint: &str) {
    check(Selector::parse(text).map(drop), text, covered, message, hint);
}

#[track_caller]
fn condition_fault(text: &str, covered: &str, message: &str, hint: &str) {
    check(Filter::parse(text).map(drop), text, covered, message, hint);
}

#[track_caller]
fn selects(text: &str, document: Value, expected: Value) {
    let selector = Selector::parse(text).unwrap();
    assert_eq!(json!(selector.select(&document)), expected, "{text}");
}

#[track_caller]
fn matches(text: &str, document: Value, expected: bool) {
    let filter = Filter::parse(text).unwrap();
    assert_eq!(filter.matches(&Document::new(document)), expected, "{text}");
}

#[test]
fn queries_select_in_order() {
    selects("$.a.b", json!({"a": {"b": 1}}), json!([1]));
    selects("$['a b']", json!({"a b": 1}), json!([1]));
    selects("$.a[*].b", json!({"a": [{"b": 1}, {}, {"b": 2}]}), json!([1, 2]));
    selects("$.a[-1]", json!({"a": [1, 2]}), json!([2]));
    selects("$.a[1:]", json!({"a": [1, 2, 3]}), json!([2, 3]));
    selects("$['a','b']", json!({"b": 2, "a": 1}), json!([1, 2]));
    selects(
        "$.e[?@.id == $.primary].mail",
        json!({"primary": "2", "e": [{"id": "1", "mail": "x"}, {"id": "2", "mail": "y"}]}),
        json!(["y"]),
    );
    selects("$.a[?search(@.m, '[.]com$')].m", json!({"a": [{"m": "x.com"}]}), json!(["x.com"]));
    selects("$.a[?@['x-y'] != 'and .. = ['].n", json!({"a": [{"n": 1}]}), json!([1]));
    selects("$.a[?@.b[0] == 1 && (!@.c || length(@.d) > 2)].n", json!({"a": []}), json!([]));
}

#[test]
fn conditions_look_at_the_event() {
    matches("@.banned != true", json!({}), true);
    matches("@.banned != true", json!({"banned": true}), false);
    matches("@.plan == 'pro' || @.plan == \"max\"", json!({"plan": "max"}), true);
    matches("!@.deleted", json!({"deleted": null}), false);
    matches("match(@.mail, '.*@example[.]com')", json!({"mail": "a@example.com"}), true);
    matches("match(@.mail, 'b|a')", json!({"mail": "ab"}), false);
    matches("search(@.mail, 'b|a')", json!({"mail": "ab"}), true);
    matches("search(@.mail, 'a.b')", json!({"mail": "a\rb"}), false);
    matches("!search(@.mail, '^(?i)AB$')", json!({"mail": "ab"}), false);
    matches("search(@.mail, '1')", json!({"mail": 1}), false);
    matches(" @.a == 1 ", json!({"a": 1}), true);
}

#[test]
fn what_has_no_bound_is_refused() {
    for (text, covered) in [
        ("$..email", ".."),
        ("$.a[?@.b[*] == 1]", "*"),
        ("$.a[?@.*]", "*"),
        ("$.a[?@[0:2]]", ":"),
        ("$.a[?@['x','y']]", ","),
        ("$.a[?@.b[?@.c]]", "?"),
        ("$[0,0][0,0][0,0][0,0][0,0][0,0][0,0]", "[0,0]"),
    ] {
        query_fault(text, covered, "", "");
        assert!(Selector::parse(text).unwrap_err().unbounded, "{text}");
    }
    condition_fault("count(@.*) > 1", "*", "inside a filter", "name one value");
    condition_fault("@..a", "..", "whole event", "");
    assert_eq!(Selector::parse("$[0,0][0,0][0,0][0,0][0,0][0,0][0,0]").unwrap_err().span, 31..36);
}

#[test]
fn the_classic_mistakes_are_known() {
    query_fault("data.id", "data.id", "begins with `$`", "write `$.data.id`");
    query_fault("@.data.id", "@.data.id", "begins with `$`", "write `$.data.id`");
    query_fault("$.a.", ".", "ends in a dot", "last dot");
    query_fault("$.a.[0]", ".", "before `[`", "leave the dot out");
    query_fault("$.a ", " ", "no blanks", "");
    query_fault("$.data.first-name", ".first-name", "quoted", "['first-name']");
    query_fault("$.a-b-c.d", ".a-b-c", "quoted", "['a-b-c']");
    query_fault("$.a[?@.b = 1]", "=", "single `=`", "`==`");
    query_fault("$.a[?@.b === 1]", "===", "", "`==`");
    query_fault("$.a[?@.b == 1 & @.c]", "&", "single `&`", "`&&`");
    query_fault("$.a[?@.b == 1 and @.c]", "and", "", "`&&`");
    query_fault("$.a[?not @.c]", "not", "", "`!`");
    query_fault("$.a[?@.b == True]", "True", "", "`true`");
    query_fault(r#"$.a[\"b\"]"#, "\\", "backslash", "quoted without");
    query_fault("$.a[‘b’]", "‘", "not a quote", "");
    query_fault("$.a['b]", "'b]", "never closed", "");
    query_fault("$.a['b'", "[", "never closed", "");
    query_fault("$.a]", "]", "nothing is open", "");
    query_fault("$.a[?lenght(@.b) > 1]", "lenght", "no function", "`length`");
    query_fault("$.a[?search(@.b, @.c)]", "(@.b, @.c)", "in quotes", "search(");
    query_fault("$.a[?search(@.b, '(')]", "'('", "unclosed group", "");
    query_fault("$.a b", ".a b", "quoted", "['a b']");
    query_fault("$['a'].b c.d", ".b c", "quoted", "['b c']");
    query_fault("$.a $.b", " $.b", "another one", "join = [\"$.a\", \"$.b\"]");
    query_fault("$.a#b", "#b", "RFC 9535", "as in");
    query_fault("$a.b", "$", "comes a dot", "`$.a.b`");
    query_fault("$/a/b", "$", "comes a dot", "`$.a.b`");
    query_fault("$.a.0.b", ".0", "in brackets", "`[0]`");
    query_fault("$.a.2fa", ".2fa", "quoted", "`['2fa']`");
    query_fault("$.a?.b", "?", "outside brackets", "leave it out");
    query_fault("$.a[b]", "b", "quoted", "`'b'`");
    query_fault("$.a[?@.b == c].d", "c", "quoted", "`'c'`");
    query_fault("$.a[?b.c == 1].d", "b.c", "from `@` on", "`@.b.c`");
    query_fault("$.a[?@b == 1].d", "b", "comes a dot", "`@.b`");
    query_fault("", "", "empty", "");
    condition_fault("$.a == 1", "$", "can't be used", "write `@`");
    condition_fault("a.b != true", "a.b", "from `@` on", "`@.a.b`");
    condition_fault("@.a == pro", "pro", "quoted", "`'pro'`");
    condition_fault("@.a in ['b']", "in", "not JSONPath", "compare with each");
    condition_fault("@.a contains 'b'", "contains", "not JSONPath", "search(");
    condition_fault("contains(@.a, 'b')", "contains", "no function", "search(");
    condition_fault("@.a.endsWith('b')", "endsWith", "can't stand here", "search(");
    condition_fault("lower(@.a) == 'b'", "lower", "no function", "(?i)");
    condition_fault("@.a ? 1 : 2", "?", "outside brackets", "");
    condition_fault("search(@.a, '(')", "'('", "unclosed group", "[(]");
    condition_fault("@.a == 1, @.b", ",", "comma", "`&&`");
    condition_fault("@.a][0", "]", "nothing is open", "");
    condition_fault("@.a == 1)", ")", "nothing is open", "");
    condition_fault("@.a ==", "==", "RFC 9535", "");
    condition_fault("length(@.a)", "length(@.a)", "says yes or no", "length(@.name) > 3");
}

#[test]
fn length_and_nesting_are_bounded() {
    let long = format!("$.{}", "a".repeat(999));
    query_fault(&long, &long, "longer than", "");
    for deep in ["(".repeat(900), "[".repeat(900), "!(".repeat(400), "[?(".repeat(300)] {
        assert!(Filter::parse(&format!("@.a == 1 && {deep}")).is_err());
        assert!(Selector::parse(&format!("$[?{deep}")).is_err());
    }
    let deepest = format!("{}@.a{}", "(".repeat(16), ")".repeat(16));
    assert!(Filter::parse(&deepest).is_ok());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_parsing_panic(text in r#"\$?[@$.\[\]()?*:,'"\\=!&|<> a-c0-2é-]{0,40}"#) {
        let _ = Selector::parse(&text);
        let _ = Filter::parse(&text);
    }
}
