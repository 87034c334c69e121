//! The standard, feature by feature, in cases of our own. The numbers are sections of RFC 9535.

use crate::model::Selector;
use serde_json::{Value, json};

/// Checks what a query selects, in order.
#[track_caller]
fn selects(query: &str, document: &Value, expected: Value) {
    let selector = Selector::parse(query).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    assert_eq!(json!(selector.select(document)), expected, "{query}");
}

/// Checks which of the numbers 0, 1, 2, ... a slice or index selects from a list of `length`.
#[track_caller]
fn slice(selector: &str, length: usize, expected: &[usize]) {
    let document = Value::from_iter(0..length);
    selects(&format!("$[{selector}]"), &document, json!(expected));
}

/// Checks for which of the values `{"a": ...}` a condition holds.
#[track_caller]
fn holds(condition: &str, values: Value, expected: Value) {
    let Value::Array(values) = values else { panic!("a list") };
    let document: Value = values.iter().map(|value| json!({ "a": value })).collect();
    selects(&format!("$[?{condition}].a"), &document, expected);
}

/// Checks that no query of these is valid, or fit to be run.
#[track_caller]
fn refused(queries: &[&str]) {
    for query in queries {
        assert!(Selector::parse(query).is_err(), "{query} is accepted");
    }
}

#[test]
fn identifiers_and_names() {
    // 2.2, 2.3.1
    let document = json!({ "a": 1, "": 2, "a b": 3, "'": 4, "\"": 5, "☺": 6, "_x9": 7, "\\": 8 });
    selects("$", &json!(null), json!([null]));
    selects("$.a", &document, json!([1]));
    selects("$['a']", &document, json!([1]));
    selects("$[\"a\"]", &document, json!([1]));
    selects("$['']", &document, json!([2]));
    selects("$['a b']", &document, json!([3]));
    selects(r"$['\'']", &document, json!([4]));
    selects("$[\"'\"]", &document, json!([4]));
    selects("$['\"']", &document, json!([5]));
    selects(r#"$["\""]"#, &document, json!([5]));
    selects("$.☺", &document, json!([6]));
    selects("$._x9", &document, json!([7]));
    selects(r"$['\\']", &document, json!([8]));
    selects("$.missing", &document, json!([]));
    selects("$.a.b", &document, json!([]));
    selects("$['a']", &json!(["a"]), json!([]));
    refused(&[
        "", "a", ".a", "$a", "$.", "$.1a", "$.a-b", "$['a", "$[a]", "$['a'b]", "$.'a'", "@.a",
    ]);
}

#[test]
fn escapes_and_unicode() {
    // 2.3.1.2
    let document = json!({ "\n\t\r\u{8}\u{c}/": 1, "ä": 2, "😀": 3, "a\u{308}": 4 });
    selects(r"$['\n\t\r\b\f\/']", &document, json!([1]));
    selects(r"$['\u00e4']", &document, json!([2]));
    selects(r"$['\u00E4']", &document, json!([2]));
    selects(r"$['\uD83D\uDE00']", &document, json!([3]));
    selects("$['😀']", &document, json!([3]));
    // Names are compared character by character: what looks the same is not brought together.
    selects("$['a\u{308}']", &document, json!([4]));
    selects("$.ä", &json!({ "a\u{308}": 1 }), json!([]));
    refused(&[r"$['\x']", r"$['\u00']", r"$['\uD83D']", r"$['\uDE00\uD83D']", "$['\n']"]);
    refused(&[r#"$["\'"]"#, r#"$['\"']"#]);
}

#[test]
fn wildcards() {
    // 2.3.2
    selects("$[*]", &json!([1, [2]]), json!([1, [2]]));
    selects("$.*", &json!({ "b": 1, "a": 2 }), json!([1, 2]));
    selects("$.a[*].b", &json!({ "a": [{ "b": 1 }, 7, { "b": 2 }] }), json!([1, 2]));
    selects("$.*", &json!("text"), json!([]));
    selects("$[*]", &json!([]), json!([]));
    refused(&["$*", "$.*a", "$[**]"]);
}

#[test]
fn indexes() {
    // 2.3.3
    slice("0", 3, &[0]);
    slice("2", 3, &[2]);
    slice("3", 3, &[]);
    slice("-1", 3, &[2]);
    slice("-3", 3, &[0]);
    slice("-4", 3, &[]);
    selects("$[0]", &json!({ "0": 1 }), json!([]));
    selects("$[?@.l[-1] == 2].l", &json!([{ "l": [1, 2] }, { "l": [2, 1] }]), json!([[1, 2]]));
    selects("$[?@[-3]]", &json!([[1, 2], [1, 2, 3]]), json!([[1, 2, 3]]));
    refused(&["$[?@[-0] == 1]", "$[?@[-] == 1]", "$[?@[--1] == 1]", "$[?-@.a == 1]"]);
    refused(&["$[01]", "$[-0]", "$[1.0]", "$[1e0]", "$[+1]", "$[9007199254740992]"]);
}

#[test]
fn slices() {
    // 2.3.4
    slice(":", 3, &[0, 1, 2]);
    slice("::", 3, &[0, 1, 2]);
    slice("1:", 3, &[1, 2]);
    slice(":2", 3, &[0, 1]);
    slice("1:3", 5, &[1, 2]);
    slice("-2:", 4, &[2, 3]);
    slice(":-1", 4, &[0, 1, 2]);
    slice("-9:9", 2, &[0, 1]);
    slice("2:1", 4, &[]);
    slice("::2", 5, &[0, 2, 4]);
    slice("1::2", 5, &[1, 3]);
    slice("::0", 5, &[]);
    slice("::-1", 3, &[2, 1, 0]);
    slice("3:0:-1", 5, &[3, 2, 1]);
    slice("3::-2", 5, &[3, 1]);
    slice(":1:-1", 5, &[4, 3, 2]);
    slice("-1:-4:-2", 5, &[4, 2]);
    slice("0:3:-1", 5, &[]);
    slice("9:-9:-1", 3, &[2, 1, 0]);
    slice(" 1 : 4 : 2 ", 5, &[1, 3]);
    selects("$[:]", &json!({ "a": 1 }), json!([]));
    refused(&["$[1:2:3:4]", "$[:::]", "$[a:]", "$[1:-0]", "$[::01]"]);
}

#[test]
fn several_selectors_in_order_and_with_repeats() {
    // 2.5.1
    let document = json!(["a", "b", "c", "d"]);
    selects("$[2,0]", &document, json!(["c", "a"]));
    selects("$[1,1]", &document, json!(["b", "b"]));
    selects("$[-1,0:2]", &document, json!(["d", "a", "b"]));
    selects("$['b','a','z']", &json!({ "a": 1, "b": 2 }), json!([2, 1]));
    selects("$['a',0]", &document, json!(["a"]));
    selects("$[*,*]", &json!([1, 2]), json!([1, 2, 1, 2]));
    selects("$[2:,0,?@ > 'b',:1]", &document, json!(["c", "d", "a", "c", "d", "a"]));
    selects("$[?@.x,?@.y].n", &json!([{ "y": 0, "n": 1 }, { "x": 0, "n": 2 }]), json!([2, 1]));
    refused(&["$[]", "$[,]", "$[0,]", "$[,0]", "$[0 1]"]);
}

#[test]
fn white_space() {
    // 2.1.1
    let document = json!({ "a": [{ "b": 1 }] });
    selects("$ .a [ 0 ] .b", &document, json!([1]));
    selects("$\n['a']\t[\r0 ]", &document, json!([{ "b": 1 }]));
    selects("$.a[ ? @ .b == 1 && ( @.b ) ].b", &document, json!([1]));
    refused(&[" $", "$ ", "$. a", "$.a. b", "$[?length (@.b) > 1]", "$[?@.b = = 1]"]);
}

#[test]
fn existence() {
    // 2.3.5.2.1: a member that is null or false is there.
    let document = json!([{ "a": null }, { "a": false }, { "b": 1 }, 7]);
    selects("$[?@.a]", &document, json!([{ "a": null }, { "a": false }]));
    selects("$[?!@.a]", &document, json!([{ "b": 1 }, 7]));
    selects("$[?@]", &document, document.clone());
    // A filter goes over the members of an object too, and never selects the object itself.
    selects("$[?@ > 1]", &json!({ "x": 1, "y": 2, "z": 3 }), json!([2, 3]));
    selects("$[?@.a]", &json!({ "a": 1 }), json!([]));
    selects("$.list[?$.on]", &json!({ "on": 0, "list": [1, 2] }), json!([1, 2]));
}

#[test]
fn comparisons_within_a_type() {
    // 2.3.5.2.2
    let numbers = json!([-1, 0, 1, 1.5, 2]);
    holds("@.a == 1", numbers.clone(), json!([1]));
    holds("@.a == 1.0", numbers.clone(), json!([1]));
    holds("@.a == 10e-1", numbers.clone(), json!([1]));
    holds("@.a == 1E0", numbers.clone(), json!([1]));
    holds("@.a == -0", numbers.clone(), json!([0]));
    holds("@.a != 1", numbers.clone(), json!([-1, 0, 1.5, 2]));
    holds("@.a < 1", numbers.clone(), json!([-1, 0]));
    holds("@.a <= 1", numbers.clone(), json!([-1, 0, 1]));
    holds("@.a > 1", numbers.clone(), json!([1.5, 2]));
    holds("@.a >= 1.5", numbers.clone(), json!([1.5, 2]));
    holds("1 < @.a", numbers, json!([1.5, 2]));
    let texts = json!(["a", "b", "B", "ab", ""]);
    holds("@.a == 'b'", texts.clone(), json!(["b"]));
    holds("@.a < 'b'", texts.clone(), json!(["a", "B", "ab", ""]));
    holds("@.a >= \"ab\"", texts, json!(["b", "ab"]));
    // Texts are ordered by characters, not by what they take in UTF-16.
    holds("@.a > '\u{ffff}'", json!(["\u{10000}", "\u{fffe}"]), json!(["\u{10000}"]));
    holds("@.a == true", json!([true, false, 1, "true"]), json!([true]));
    holds("@.a == null", json!([null, false, 0, ""]), json!([null]));
    holds("@.a <= true", json!([true, false]), json!([true]));
    holds("@.a > false || @.a < true", json!([true, false]), json!([]));
    holds("@.a < null", json!([null]), json!([]));
}

#[test]
fn comparisons_between_types() {
    holds("@.a == '1'", json!([1, "1", true]), json!(["1"]));
    holds("@.a < 'b'", json!([1, null, false, [], {}]), json!([]));
    holds("@.a > 0", json!(["1", true, [1]]), json!([]));
    holds("@.a != 1", json!(["1", null, [1]]), json!(["1", null, [1]]));
    // What is absent equals only what is absent, and is neither less nor more than anything.
    let document = json!([{ "b": 1 }, { "a": 1, "b": 1 }, { "a": null, "b": 1 }]);
    selects("$[?@.a == @.z].b", &document, json!([1]));
    selects("$[?@.z == @.y].b", &document, json!([1, 1, 1]));
    selects("$[?@.z <= @.y].b", &document, json!([1, 1, 1]));
    selects("$[?@.z < @.y].b", &document, json!([]));
    selects("$[?@.a == null].b", &document, json!([1]));
    selects("$[?@.a != @.b].b", &document, json!([1, 1]));
    // Lists and objects are equal member by member, and have no order.
    let document = json!([{ "a": [1, { "x": 2 }] }, { "a": [1] }, { "a": { "p": 1, "q": 2 } }]);
    let with = |other: Value| json!({ "w": other, "list": document });
    selects("$.list[?@.a == $.w].a", &with(json!([1, { "x": 2.0 }])), json!([[1, { "x": 2 }]]));
    let turned = json!({ "q": 2, "p": 1 });
    selects("$.list[?@.a == $.w].a", &with(turned.clone()), json!([{ "p": 1, "q": 2 }]));
    selects("$.list[?@.a < $.w].a", &with(turned.clone()), json!([]));
    selects("$.list[?@.a <= $.w].a", &with(turned), json!([{ "p": 1, "q": 2 }]));
    refused(&["$[?@.a == [1]]", "$[?@.a == {}]", "$[?1]", "$[?'a']", "$[?true]", "$[?@.a == ]"]);
    refused(&[
        "$[?@.a == 01]",
        "$[?@.a == 1.]",
        "$[?@.a == .1]",
        "$[?@.a == +1]",
        "$[?@.a == TRUE]",
    ]);
}

#[test]
fn logic() {
    // 2.3.5.2.3: `!` binds closest, then `&&`, then `||`.
    let numbers = json!([1, 2, 3, 4]);
    holds("@.a > 1 && @.a < 4", numbers.clone(), json!([2, 3]));
    holds("@.a < 2 || @.a > 3", numbers.clone(), json!([1, 4]));
    holds("@.a == 1 || @.a == 2 && @.a == 3", numbers.clone(), json!([1]));
    holds("(@.a == 1 || @.a == 2) && @.a != 1", numbers.clone(), json!([2]));
    holds("!(@.a == 1) && !(@.a == 4)", numbers.clone(), json!([2, 3]));
    holds("!@.b && @.a == 1", numbers.clone(), json!([1]));
    holds("((@.a == 1))", numbers, json!([1]));
    refused(&[
        "$[?@.a & @.b]",
        "$[?@.a and @.b]",
        "$[?!@.a == 1]",
        "$[?(@.a]",
        "$[?@.a &&]",
        "$[?]",
    ]);
}

#[test]
fn functions() {
    // 2.4.4 to 2.4.8
    holds("length(@.a) == 2", json!(["ab", "ä😀", [1, 2], { "x": 1, "y": 2 }, 12]), {
        json!(["ab", "ä😀", [1, 2], { "x": 1, "y": 2 }])
    });
    // Nothing has a length of its own: neither numbers nor what is absent.
    holds("length(@.a) == length(@.z)", json!([1, true, null, "a"]), json!([1, true, null]));
    holds("length('abc') == @.a", json!([3, "abc"]), json!([3]));
    holds("count(@.a) == 1", json!([null, [1, 2]]), json!([null, [1, 2]]));
    holds("count(@.z) == 0", json!([1]), json!([1]));
    holds("value(@.a) == 'x'", json!(["x", "y"]), json!(["x"]));
    holds("value(@.a.b) == value(@.z)", json!([{ "b": 1 }, {}]), json!([{}]));
    holds("match(@.a, 'a.c')", json!(["abc", "xabc", "abcx", 7, null]), json!(["abc"]));
    holds("search(@.a, 'a.c')", json!(["abc", "xabcx", "ac", ["abc"]]), json!(["abc", "xabcx"]));
    holds("!match(@.a, 'a') && length(@.a) > 0", json!(["a", "b", ""]), json!(["b"]));
    refused(&[
        "$[?length(@.a)]",
        "$[?count(@.a)]",
        "$[?value(@.a)]",
        "$[?match(@.a, 'a') == true]",
    ]);
    refused(&[
        "$[?length()]",
        "$[?length(@.a, @.b) == 1]",
        "$[?count(1) == 1]",
        "$[?Length(@.a) == 1]",
    ]);
    refused(&[
        "$[?match(@.a) == 1]",
        "$[?search(@.a, 'a', 'b')]",
        "$[?now() > 1]",
        "$[?length(@.*) < 3]",
    ]);
}

#[test]
fn regular_expressions() {
    // RFC 9485
    #[track_caller]
    fn check(pattern: &str, matched: Value, others: Value) {
        let all: Vec<_> = [&matched, &others]
            .into_iter()
            .flat_map(|it| it.as_array().cloned())
            .flatten()
            .collect();
        holds(&format!("match(@.a, '{pattern}')"), Value::from(all), matched);
    }
    check("a|bc", json!(["a", "bc"]), json!(["abc", "ac", ""]));
    check("ab?c*d+", json!(["abcd", "ad", "acccdd"]), json!(["abc", "d"]));
    check("a{2}", json!(["aa"]), json!(["a", "aaa"]));
    check("a{2,}", json!(["aa", "aaaa"]), json!(["a"]));
    check("a{1,2}", json!(["a", "aa"]), json!(["", "aaa"]));
    check("[a-c]x", json!(["ax", "cx"]), json!(["dx", "x"]));
    check("[^a-c]", json!(["d", "ä", "😀"]), json!(["a", "b"]));
    check("[-a]", json!(["-", "a"]), json!(["b"]));
    check("(ab)+", json!(["ab", "abab"]), json!(["aba", ""]));
    check(".", json!(["a", "ä", "😀", "\u{2028}"]), json!(["\n", "\r", "ab"]));
    check(r"\\.", json!(["."]), json!(["a"]));
    check(r"\\p{Lu}\\P{Lu}", json!(["Äa", "A1"]), json!(["aa", "AA"]));
    check(r"[\\p{L}\\p{N}]+", json!(["abc12"]), json!(["a b"]));
    check("", json!([""]), json!(["a"]));
    check("ä", json!(["ä"]), json!(["a\u{308}"]));
    refused(&[
        "$[?match(@.a, '(')]",
        "$[?match(@.a, 'a{2')]",
        "$[?match(@.a, '[b')]",
        "$[?match(@.a, '*')]",
    ]);
}

#[test]
fn null() {
    // 2.6
    let document = json!({ "a": null, "b": [null], "null": 1 });
    selects("$.a", &document, json!([null]));
    selects("$.a[0]", &document, json!([]));
    selects("$.a.d", &document, json!([]));
    selects("$.b[*]", &document, json!([null]));
    selects("$.b[?@ == null]", &document, json!([null]));
    selects("$.null", &document, json!([1]));
}

#[test]
fn what_has_no_bound_is_refused() {
    refused(&["$..a", "$..*", "$..[0]", "$[?@..a]", "$[?@.*]", "$[?@[*] == 1]", "$[?@[0:1]]"]);
    refused(&["$[?@['a','b']]", "$[?@[?@.a]]", "$[?count(@.*) > 1]", "$[?match(@.a, $.pattern)]"]);
}
