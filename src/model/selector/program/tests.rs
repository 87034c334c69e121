//! Running queries here and in the library gives the same.

use crate::model::{Budget, Document, Filter, Selector};
use proptest::prelude::*;
use serde_json::{Value, json};
use serde_json_path::JsonPath;

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c d", "é", "it's", ""]).prop_map(str::to_owned)
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..4).prop_map(Value::from),
        prop::sample::select(vec![-1.5, 0.0, 1.0, 2.5]).prop_map(Value::from),
        prop::sample::select(vec!["", "a", "ab", "é", "b"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A name in brackets, in one of the quotes.
fn bracketed() -> impl Strategy<Value = String> {
    (name(), any::<bool>()).prop_map(|(name, double)| match double {
        true => format!("\"{name}\""),
        false => format!("'{}'", name.replace('\'', "\\'")),
    })
}

fn index() -> impl Strategy<Value = String> {
    (-4_i64..5).prop_map(|index| index.to_string())
}

fn singular(start: &'static str) -> impl Strategy<Value = String> {
    let step = prop_oneof![
        Just(".a".to_owned()),
        Just(".b".to_owned()),
        Just(".é".to_owned()),
        bracketed().prop_map(|name| format!("[{name}]")),
        (0_i64..3).prop_map(|index| format!("[ {index} ]")),
    ];
    prop::collection::vec(step, 0..3).prop_map(move |steps| format!("{start}{}", steps.concat()))
}

fn literal() -> impl Strategy<Value = String> {
    let literals = vec![
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "1.0",
        "2.5",
        "-1.5e0",
        "1E+0",
        "''",
        "\"a\"",
        "'ab'",
        "'\\u00e9'",
    ];
    prop::sample::select(literals).prop_map(str::to_owned)
}

/// Without `value(...)`: the library takes its Nothing for another one than that of a query.
fn operand() -> impl Strategy<Value = String> {
    let query = || prop_oneof![3 => singular("@"), 1 => singular("$")];
    prop_oneof![
        4 => query(),
        1 => query().prop_map(|query| format!("length({query})")),
        1 => query().prop_map(|query| format!("count( {query} )")),
        3 => literal(),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let simple = prop::sample::select(vec!["==", "!=", " < "]);
    // Only of what has an order: the library takes true for greater than false, and a list for
    // greater than another one. To it, Nothing is not "less than or equal to" Nothing.
    let others = prop::sample::select(vec!["> ", "<=", " >="]);
    let with_order = prop::sample::select(vec!["0", "-1.5e0", "1E+0", "''", "\"a\"", "'ab'"]);
    let basic = prop_oneof![
        4 => (operand(), simple, operand()).prop_map(|(a, sign, b)| format!("{a}{sign}{b}")),
        2 => (operand(), others, with_order).prop_map(|(a, sign, b)| format!("{a}{sign}{b}")),
        1 => singular("@"),
        1 => singular("@").prop_map(|query| format!("! {query}")),
        1 => singular("@").prop_map(|query| format!("search({query}, 'a|é')")),
        1 => singular("@").prop_map(|query| format!("match({query} , \"a.?\")")),
    ];
    basic.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" && ")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join("||")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.prop_map(|inner| format!("!( {inner} )")),
        ]
    })
}

fn slice() -> impl Strategy<Value = String> {
    let part = || prop_oneof![Just(String::new()), index()];
    (part(), part(), prop_oneof![Just(String::new()), index().prop_map(|step| format!(":{step}"))])
        .prop_map(|(start, end, step)| format!("{start}:{end}{step}"))
}

fn segment() -> impl Strategy<Value = String> {
    let pick = || prop_oneof![2 => bracketed(), 1 => index()];
    let wide =
        prop_oneof![Just("*".to_owned()), slice(), condition().prop_map(|it| format!("?{it}"))];
    prop_oneof![
        3 => prop::sample::select(vec![".a", ".b", ".*", ".é", " .a"]).prop_map(str::to_owned),
        2 => pick().prop_map(|pick| format!("[{pick}]")),
        2 => wide.clone().prop_map(|wide| format!("[{wide}]")),
        1 => (pick(), wide.clone(), pick()).prop_map(|(a, wide, b)| format!("[{a}, {wide} ,{b}]")),
        1 => (wide.clone(), wide).prop_map(|(a, b)| format!("[{a},{b}]")),
    ]
}

fn query() -> impl Strategy<Value = String> {
    prop::collection::vec(segment(), 0..4).prop_map(|segments| format!("${}", segments.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_selected_is_what_the_library_selects(query in query(), document in document()) {
        let Ok(selector) = Selector::parse(&query) else { return Ok(()) };
        let library = JsonPath::parse(&query).expect("it was judged by the library");
        let expected = library.query(&document).all();
        let mut budget = Budget::new(1_000_000);
        let found = selector.select_within(&document, &mut budget);
        prop_assert_eq!(&found, &expected, "{}", query);
        let first = selector.first_within(&document, &mut Budget::unlimited());
        prop_assert_eq!((first.first, first.nodes), (expected.first().copied(), expected.len()));
        prop_assert!(!selector.is_singular() || expected.len() <= 1);
        let used = 1_000_000 - budget.nodes_left();
        let mut scarce = Budget::new(used.saturating_sub(1));
        selector.select_within(&document, &mut scarce);
        prop_assert_eq!(scarce.is_exhausted(), used > 0);
    }

    #[test]
    fn a_condition_holds_where_the_library_says_so(text in condition(), document in document()) {
        let Ok(filter) = Filter::parse(&text) else { return Ok(()) };
        let library = JsonPath::parse(&format!("$[?{text}]")).expect("the library has judged it");
        let document = Document::new(document);
        let expected = !library.query(&json!([document.root()])).is_empty();
        prop_assert_eq!(filter.matches(&document), expected, "{}", text);
        let parts = filter.parts(&document, &mut Budget::unlimited());
        let holds = |some: bool| parts.iter().any(|part| part.holds == some);
        prop_assert!(holds(expected), "{}", text);
    }
}

#[test]
fn nothing_equals_nothing_however_it_comes_about() {
    let holds = |text: &str| Filter::parse(text).unwrap().matches(&Document::new(json!({"b": 1})));
    assert!(holds("@.a == value(@.a)") && holds("value(@.a) <= @.c") && holds("value(@.b) == 1"));
    assert!(
        !holds("@.b == value(@.a)") && !holds("@.a < value(@.a)") && holds("@.a == length(@.b)")
    );
}

#[test]
fn a_condition_can_be_shown_in_parts() {
    let filter =
        Filter::parse("@.a != true && (@.b[0] == 'x' || !@.c) && length(@.d) > 1").unwrap();
    let document = Document::new(json!({"b": ["y"], "c": 1, "d": "ab"}));
    assert!(!filter.matches(&document));
    let parts = filter.parts(&document, &mut Budget::unlimited());
    let shown: Vec<_> =
        parts.iter().map(|part| (part.text, part.holds, json!(part.seen))).collect();
    let expected = [
        ("@.a != true", true, json!([["@.a", null]])),
        ("(@.b[0] == 'x' || !@.c)", false, json!([["@.b[0]", "y"], ["@.c", 1]])),
        ("length(@.d) > 1", true, json!([["@.d", "ab"]])),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn whole_numbers_are_compared_exactly() {
    let document = Document::new(json!({"id": 9_007_199_254_740_993_i64, "max": u64::MAX}));
    let holds = |text: &str| Filter::parse(text).unwrap().matches(&document);
    assert!(holds("@.id == 9007199254740993") && holds("@.id > 9007199254740992"));
    assert!(!holds("@.id == 9007199254740992") && holds("@.max > @.id") && holds("@.max > -1"));
}

#[test]
fn every_look_counts() {
    #[track_caller]
    fn check(query: &str, document: &Value, nodes: usize) {
        let mut budget = Budget::new(100_000);
        Selector::parse(query).unwrap().select_within(document, &mut budget);
        assert_eq!(100_000 - budget.nodes_left(), nodes, "{query}");
    }
    let rows: Vec<_> =
        (0..100).map(|id| json!({"id": id, "big": [[1, 2], "x".repeat(640)]})).collect();
    let document = json!({"rows": rows, "text": "y".repeat(6_400), "wanted": 7});
    check("$", &document, 0);
    check("$.rows", &document, 1);
    check("$.rows[7].id", &document, 3);
    check("$.rows.gone.on", &document, 1);
    check("$.rows[*]", &document, 101);
    check("$.rows[*].id", &document, 201);
    check("$.rows[:10]", &document, 11);
    check("$.rows['a', 3, 4].id", &document, 5);
    // The row, its id and what it is compared with.
    check("$.rows[?@.id == $.wanted].id", &document, 1 + 100 * 3 + 1);
    // Whole lists are compared member by member, long texts by their length.
    check("$.rows[?@.big == $.rows[0].big]", &document, 1 + 100 * (1 + 1 + 3 + 4 + 10));
    check("$.rows[?length($.text) == 0]", &document, 1 + 100 * (1 + 1 + 100));
    check("$.rows[?search($.text, 'x')]", &document, 1 + 100 * (1 + 1 + 400));
}
