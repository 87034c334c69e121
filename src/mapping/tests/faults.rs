//! Each fault of a file: its code, the characters that it points at, and its hint.

use super::{covered, read, schema, with_body, with_field};
use crate::diagnostic::{Code, SourceText, render_all};
use crate::mapping::parse;
use std::sync::Arc;

/// Checks that exactly one fault is found.
#[track_caller]
fn check(raw: &str, code: Code, points_at: &str, hint: &str) {
    let (file, faults) = read(raw);
    let shown = render_all(&faults);
    let [fault] = faults.as_slice() else { panic!("{} faults\n{shown}", faults.len()) };
    assert_eq!(fault.code, code, "{shown}");
    assert_eq!(covered(raw, fault), points_at, "{shown}");
    assert!(fault.hint.as_deref().unwrap_or_default().contains(hint), "{shown}");
    assert_eq!(file.is_none(), fault.is_error(), "{shown}");
    schema::agrees_on(raw, fault);
}

#[track_caller]
fn field(line: &str, code: Code, points_at: &str, hint: &str) {
    check(&with_field(line), code, points_at, hint);
}

/// A good file in which `from` is replaced by `to`.
#[track_caller]
fn file(from: &str, to: &str, code: Code, points_at: &str, hint: &str) {
    let raw = with_field("customerName = \"$.n\"");
    assert!(raw.contains(from));
    check(&raw.replace(from, to), code, points_at, hint);
}

#[track_caller]
fn case(lines: &str, code: Code, points_at: &str, hint: &str) {
    let raw = with_field("customerName = \"$.n\"");
    check(&format!("{raw}[[case]]\n{lines}\n"), code, points_at, hint);
}

#[test]
fn the_top_level() {
    let all = "provider = \"clerk\"\n";
    file(all, "", Code::KeyMissing, "", "");
    file(all, "provider = 1\n", Code::ValueWrongType, "1", "");
    file(all, &format!("{all}provder = 1\n"), Code::KeyUnknown, "provder", "`provider`");
    file(all, &format!("{all}formt = 1\n"), Code::KeyUnknown, "formt", "`format`");
    file(all, &format!("{all}format = 2\n"), Code::NotSupported, "2", "");
    file(all, &format!("{all}format = \"1\"\n"), Code::ValueWrongType, "\"1\"", "");
    file(all, &format!("{all}auth = 1\n"), Code::ValueWrongType, "1", "");
    file(all, &format!("{all}auth.metod = \"x\"\n"), Code::KeyUnknown, "metod", "`method`");
    file(all, &format!("{all}auth.method = 1\n"), Code::ValueWrongType, "1", "");
    file(all, &format!("{all}click = []\n"), Code::ValueInvalid, "[]", "");
    file(all, &format!("{all}click = {{}}\n"), Code::ValueWrongType, "{}", "[[click]]");
    for key in ["title = \"a\"", "signature = {}", "event = {}", "handshake = {}", "response = {}"]
    {
        let name = key.split(' ').next().unwrap_or_default();
        file(all, &format!("{all}{key}\n"), Code::KeyUnknown, name, "provider = \"custom\"");
    }
    let without = "provider = \"a\"\nsecrets = [\"env:A\"]\n";
    check(without, Code::KeyMissing, "", "[[lead]]");
    check(&format!("{without}lead = {{}}\n"), Code::ValueWrongType, "{}", "[[lead]]");
    check(&format!("{without}lead = []\n"), Code::ValueInvalid, "[]", "");
}

#[test]
fn a_sender_of_ones_own() {
    let custom = "provider = \"custom\"\n";
    let event = "event.id = \"$.id\"\n";
    let signature = "signature.kind = \"basic\"\n";
    let clerk = "provider = \"clerk\"\n";
    file(clerk, &format!("{custom}{event}"), Code::KeyMissing, "", "[signature]\nkind = \"hmac\"");
    file(clerk, &format!("{custom}{signature}"), Code::KeyMissing, "", "[event]\nid = ");
    let misspelt = signature.replace("signature", "sigature");
    file(clerk, &format!("{custom}{event}{misspelt}"), Code::KeyUnknown, "sigature", "`signature`");
}

#[test]
fn limits() {
    let bad = |lines: &str, code, points_at: &str, hint: &str| {
        let raw = with_field("customerName = \"$.n\"");
        check(&format!("{raw}[limits]\n{lines}\n"), code, points_at, hint);
    };
    file("provider", "limits = 1\nprovider", Code::ValueWrongType, "1", "");
    bad("alow = [\"10.0.0.0/8\"]", Code::KeyUnknown, "alow", "`allow`");
    bad("allow = \"::1\"", Code::ValueWrongType, "\"::1\"", "[\"::1\"]");
    bad("allow = []", Code::ValueInvalid, "[]", "leave `allow` out");
    bad("allow = [7]", Code::ValueWrongType, "7", "quotes");
    bad("allow = [\"::1\", \"10/8\"]", Code::ValueInvalid, "\"10/8\"", "203.0.113.0/24");
    bad("allow = [\"10.0.0.0/33\"]", Code::ValueInvalid, "\"10.0.0.0/33\"", "203.0.113.0/24");
    bad("allow = [\"10.0.0.1/8\"]", Code::ValueInvalid, "\"10.0.0.1/8\"", "write 10.0.0.0/8");
    bad("per_second = \"1\"", Code::ValueWrongType, "\"1\"", "");
    for number in ["0", "-1", "0.0009", "10_001", "nan", "inf", "9_223_372_036_854_775_807"] {
        bad(&format!("per_second = {number}"), Code::ValueInvalid, number, "leave it out");
    }
    bad("burst = 5", Code::KeyMissing, "[limits]", "`per_second = 10`");
    bad("per_secnd = 1\nburst = 5", Code::KeyUnknown, "per_secnd", "`per_second`");
    bad("per_second = 1\nburst = \"5\"", Code::ValueWrongType, "\"5\"", "");
    for number in ["0", "-1", "1.5", "1_000_001", "9_223_372_036_854_775_807"] {
        bad(
            &format!("per_second = 1\nburst = {number}"),
            Code::ValueInvalid,
            number,
            "leave it out",
        );
    }
}

#[test]
fn secrets_are_named_and_never_quoted() {
    let all = "[\"env:SECRET\"]";
    file(all, "\"env:A\"", Code::ValueWrongType, "\"env:A\"", "[ ... ]");
    file(all, "[]", Code::ValueInvalid, "[]", "");
    file(all, "[\"hunter2\"]", Code::SecretReference, "\"hunter2\"", "env:NAME");
    file(all, "[\"env:1A\"]", Code::SecretReference, "\"env:1A\"", "env:NAME");
    file(all, "[\"file: \"]", Code::SecretReference, "\"file: \"", "file:/run");
    file(all, "[7]", Code::SecretReference, "7", "env:NAME");
    let raw = with_field("customerName = 1").replace(all, "[\"hunter2\"]");
    assert!(!render_all(&read(&raw).1).contains("hunter2"));
}

#[test]
fn rules() {
    file("name = \"sign-up\"\n", "", Code::KeyMissing, "[[lead]]", "");
    file("\"sign-up\"", "\" a\"", Code::ValueInvalid, "\" a\"", "");
    let on = |on: &str, code, points_at: &str, hint: &str| {
        file("[lead.body]", &format!("{on}\n[lead.body]"), code, points_at, hint);
    };
    on("on = []", Code::RuleImpossible, "[]", "leave `on` out");
    on("on = \"a\"", Code::ValueWrongType, "\"a\"", "[\"a\"]");
    on("on = [1]", Code::ValueWrongType, "1", "");
    on("on = [\" \"]", Code::ValueInvalid, "\" \"", "");
    on("on = [\"user.*\"]", Code::ValueSuspicious, "\"user.*\"", "`when`");
    on("when = \"@.a = 1\"", Code::QuerySyntax, "=", "`==`");
    on("when = \"$.a == 1\"", Code::QuerySyntax, "$", "write `@`");
    on("when = true", Code::ValueWrongType, "true", "");
    on("once = \"forevr\"", Code::ValueInvalid, "\"forevr\"", "`forever`");
    on("once = \"0d\"", Code::ValueInvalid, "\"0d\"", "");
    on("destination = \"dup\"", Code::ValueInvalid, "\"dup\"", "`dub`");
    on("onn = []", Code::KeyUnknown, "onn", "`on`");
    let raw = with_field("customerName = \"$.n\"");
    let (head, rule) = raw.split_at(raw.find("[[lead]]").unwrap());
    check(&format!("{head}[[lead]]\nname = \"a\"\n"), Code::KeyMissing, "[[lead]]", "[lead.body]");
    check(&format!("{head}{rule}{rule}"), Code::NameTaken, "\"sign-up\"", "");
}

#[test]
fn several_destinations_need_a_choice() {
    let parse_with = |raw: &str, names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| name.parse().unwrap()).collect();
        parse(&Arc::new(SourceText::new("test.toml", raw)), raw, &names)
    };
    let raw = with_field("customerName = \"$.n\"");
    let (_, faults) = parse_with(&raw, &["dub", "other"]);
    assert_eq!((faults.len(), faults[0].code), (1, Code::KeyMissing));
    assert!(faults[0].hint.as_deref().unwrap().contains("dub, other"));
    assert!(parse_with(&raw, &[]).0.is_some());
    let named = raw.replace("[lead.body]", "destination = \"any\"\n[lead.body]");
    assert!(parse_with(&named, &[]).0.is_some());
    assert!(parse_with(&named, &["dub"]).0.is_none());
}

#[test]
fn fields_of_the_lead() {
    field("customerEmai = \"$.e\"", Code::KeyUnknown, "customerEmai", "`customerEmail`");
    field("email = \"$.e\"", Code::KeyUnknown, "email", "`customerEmail`");
    field("zzz = \"$.e\"", Code::KeyUnknown, "zzz", "metadata");
    file("eventName = \"e\"\n", "", Code::RuleImpossible, "[lead.body]", "");
    file("clickId = \"c\"\n", "", Code::KeyMissing, "[lead.body]", "missing = \"empty\"");
    file("\"e\"", "\" \"", Code::ValueInvalid, "\" \"", "");
    file("\"$.id\"", "\"u1\"", Code::ValueSuspicious, "\"u1\"", "write a query");
    field("mode = \"later\"", Code::ValueInvalid, "\"later\"", "");
    field("eventQuantity = 0", Code::ValueInvalid, "0", "");
    field("customerName = 1979-05-27", Code::ValueWrongType, "1979-05-27", "quotes");
    field("customerName = { from = \"$.n\", default = 7 }", Code::ValueInvalid, "7", "");
    field("customerEmail = { first = [\"$.e\", \"no\"] }", Code::ValueInvalid, "\"no\"", "");
    let map = "{ from = \"$.m\", map = { a = \"wait\", b = \"x\" } }";
    field(&format!("mode = {map}"), Code::ValueInvalid, "\"x\"", "");
    field("customerName = { a = \"b\" }", Code::ValueWrongType, "{ a = \"b\" }", "join");
    let all = "{ all = \"$.n[*]\" }";
    field(&format!("customerName = {all}"), Code::ValueWrongType, all, "join");
    field("metadata = \"x\"", Code::ValueInvalid, "\"x\"", "");
}

#[test]
fn what_to_do_where_a_field_is_missing() {
    let missing = |name: &str, word: &str, code, hint: &str| {
        let line = format!("{name} = {{ from = \"$.x\", missing = \"{word}\" }}");
        field(&line, code, &format!("\"{word}\""), hint);
    };
    missing("eventName", "omit", Code::RuleImpossible, "\"skip\"");
    missing("customerName", "empty", Code::ValueInvalid, "");
    missing("customerEmail", "park", Code::ValueInvalid, "\"skip\"");
    missing("customerName", "omitt", Code::ValueInvalid, "`omit`");
}

/// Checks the form of a text field.
#[track_caller]
fn form(form: &str, code: Code, points_at: &str, hint: &str) {
    field(&format!("customerName = {form}"), code, points_at, hint);
}

#[test]
fn sources() {
    form("[\"$.a\"]", Code::ValueWrongType, "[\"$.a\"]", "first");
    form("{ form = \"$.a\", default = \"b\" }", Code::KeyUnknown, "form", "`from`");
    form("{ default = \"b\" }", Code::KeyMissing, "{ default = \"b\" }", "exactly one of");
    form("{ from = \"$.a\", first = [\"$.b\"] }", Code::KeyMissing, "first", "exactly one of");
    form("{ from = \"a\" }", Code::QuerySyntax, "a", "`$.a`");
    form("\"$100 off\"", Code::QuerySyntax, "100 off", "{ value = ");
    form("{ from = 1 }", Code::ValueWrongType, "1", "");
    form("{ first = \"$.a\" }", Code::ValueWrongType, "\"$.a\"", "[\"$.a\"]");
    form("{ first = [] }", Code::ValueInvalid, "[]", "");
    form("{ first = [\"$..a\", \"$.b\"] }", Code::QueryUnbounded, "..", "");
    let inner = "{ first = [{ from = \"$.a\", missing = \"skip\" }] }";
    form(inner, Code::KeyUnknown, "missing", "");
    form("{ header = \"\" }", Code::ValueInvalid, "\"\"", "");
    form("{ query = \"$.a\" }", Code::ValueInvalid, "\"$.a\"", "from =");
    form("{ event = \"ids\" }", Code::ValueInvalid, "\"ids\"", "`id`");
    form("{ join = [\"$.a\"], with = 1 }", Code::ValueWrongType, "1", "");
    let deep = format!("{}\"$.a\"{}", "{ first = [".repeat(17), "] }".repeat(17));
    form(&deep, Code::ValueInvalid, "\"$.a\"", "");
    field("metadata = { event = \"$.type\" }", Code::ValueInvalid, "\"$.type\"", "object = {");
    field("metadata = { from = \"$.a\", plan = \"x\" }", Code::KeyUnknown, "plan", "object = {");
}

#[test]
fn steps() {
    let step = |step: &str, code, points_at: &str, hint: &str| {
        form(&format!("{{ from = \"$.a\", {step} }}"), code, points_at, hint);
    };
    step("with = \" \"", Code::KeyUnknown, "with", "");
    step("else = \"b\"", Code::KeyUnknown, "else", "");
    step("ignore = \"n/a\"", Code::ValueWrongType, "\"n/a\"", "[\"n/a\"]");
    step("ignore = [[]]", Code::ValueWrongType, "[]", "");
    step("default = \"$.b\"", Code::ValueSuspicious, "\"$.b\"", "first");
    step("map = {}", Code::ValueInvalid, "{}", "");
    step("map = []", Code::ValueWrongType, "[]", "");
    step("map = { a = [] }", Code::ValueWrongType, "[]", "");
    step("lookup = 1", Code::ValueWrongType, "1", "");
    let lookup = "{ in = \"$.b\", key = \"id\" }";
    step(&format!("lookup = {lookup}"), Code::KeyMissing, lookup, "");
    let lookup = "lookup = { in = \"b\", key = \"id\", take = \"x\" }";
    step(lookup, Code::QuerySyntax, "b", "`$.b`");
    let lookup = |key: &str| format!("lookup = {{ in = \"$.b\", key = \"{key}\", take = \"x\" }}");
    step(&lookup("@.a[*]"), Code::ValueInvalid, "\"@.a[*]\"", "`@.field.id`");
    step(&lookup("@.a..b"), Code::QueryUnbounded, "..", "");
    step(&lookup("@.a-b"), Code::QuerySyntax, ".a-b", "['a-b']");
    step("then = \"trim\"", Code::ValueWrongType, "\"trim\"", "[\"trim\"]");
    step("then = [\"lowercse\"]", Code::ValueInvalid, "\"lowercse\"", "`lowercase`");
    step("then = [\"md5\"]", Code::ValueInvalid, "\"md5\"", "truncate = 100");
    step("then = [{ truncate = 0 }]", Code::ValueInvalid, "0", "");
    step("then = [{ date = \"iso\" }]", Code::ValueInvalid, "\"iso\"", "");
    step("then = [{ cut = 1 }]", Code::ValueInvalid, "{ cut = 1 }", "");
}

#[test]
fn queries_are_placed_within_their_text() {
    form("\"$.a[?@.b = 1]\"", Code::QuerySyntax, "=", "`==`");
    form("'$.a[?@.b = 1]'", Code::QuerySyntax, "=", "`==`");
    form("\"\"\"\n$.a[?@.b = 1]\"\"\"", Code::QuerySyntax, "=", "`==`");
    form("'''$.ä[?@.b = 1]'''", Code::QuerySyntax, "=", "`==`");
    let escaped = "\"$.a[?@.\\u0062 = 1]\"";
    form(escaped, Code::QuerySyntax, "=", "`==`");
}

#[test]
fn click_rules() {
    let good = "customerExternalId = \"$.id\"\nclickId = \"$.c\"\n";
    let click = |lines: &str, code, points_at: &str, hint: &str| {
        let raw = with_field("customerName = \"$.n\"");
        check(&format!("{raw}[[click]]\n{lines}"), code, points_at, hint);
    };
    let also = |line: &str, code, points_at: &str, hint: &str| {
        click(&format!("{good}{line}\n"), code, points_at, hint);
    };
    let instead = |line: &str, code, points_at: &str, hint: &str| {
        let lines = good.replace("clickId = \"$.c\"", line);
        click(&lines, code, points_at, hint);
    };
    instead("", Code::KeyMissing, "[[click]]", "whose click");
    instead("clickId = \"$.c[?@.a = 1]\"", Code::QuerySyntax, "=", "`==`");
    instead("clickId = { all = \"$.c[*]\" }", Code::ValueWrongType, "{ all = \"$.c[*]\" }", "join");
    let skipping = "clickId = { from = \"$.c\", missing = \"skip\" }";
    instead(skipping, Code::KeyUnknown, "missing", "passed over");
    click("clickId = \"$.c\"\n", Code::KeyMissing, "[[click]]", "");
    let same = good.replace("$.id", "u1");
    click(&same, Code::ValueSuspicious, "\"u1\"", "write a query");
    also("name = \"a\"", Code::KeyUnknown, "name", "on, when");
    also("clickID = \"$.c\"", Code::KeyUnknown, "clickID", "`clickId`");
    also("on = []", Code::RuleImpossible, "[]", "leave `on` out");
    also("when = \"$.a == 1\"", Code::QuerySyntax, "$", "write `@`");
}

#[test]
fn cases() {
    let good = "name = \"c\"\nevent = \"samples/a.json\"\n";
    let expecting = |expected: &str, code, points_at: &str, hint: &str| {
        case(&format!("{good}{expected}"), code, points_at, hint);
    };
    expecting("", Code::KeyMissing, "[[case]]", "[case.lead]");
    expecting("ignored = false", Code::ValueWrongType, "false", "");
    expecting("ignored = true\nlead = {}", Code::KeyMissing, "[[case]]", "[case.lead]");
    expecting("skipped = \"no clickid\"", Code::ValueInvalid, "\"no clickid\"", "`no_click_id`");
    expecting("unmapped = \"zzz\"", Code::ValueInvalid, "\"zzz\"", "field_missing");
    expecting("parked = \"no click\"", Code::ValueInvalid, "\"no click\"", "no_click_id");
    expecting("lead = 1", Code::ValueWrongType, "1", "");
    expecting("click = 1", Code::ValueWrongType, "1", "");
    let half = "{ clickId = \"c\" }";
    expecting(&format!("click = {half}"), Code::KeyMissing, half, "");
    let wrong = "{ customerExternalId = 7, clickId = \"c\" }";
    expecting(&format!("click = {wrong}"), Code::ValueWrongType, "7", "");
    expecting("expect = 1\nignored = true", Code::KeyUnknown, "expect", "");
    expecting("headers = 1\nignored = true", Code::ValueWrongType, "1", "");
    expecting("query = { a = [] }\nignored = true", Code::ValueWrongType, "[]", "");
    expecting(
        "ignored = true\nrule = \"sign-upp\"",
        Code::ValueInvalid,
        "\"sign-upp\"",
        "`sign-up`",
    );
    let click = "rule = \"sign-up\"\nclick = { customerExternalId = \"a\", clickId = \"b\" }";
    expecting(click, Code::ValueInvalid, "\"sign-up\"", "");
    let twice = format!("ignored = true\n[[case]]\n{good}ignored = true");
    expecting(&twice, Code::NameTaken, "\"c\"", "");
    case("name = \"c\"\nignored = true", Code::KeyMissing, "[[case]]", "");
    case("event = \"a.json\"\nignored = true", Code::KeyMissing, "[[case]]", "");
    for path in ["/etc/passwd", "../a.json", "a/../../b", "", "C:\\a", "file:///a"] {
        let lines = format!("name = \"c\"\nevent = '{path}'\nignored = true");
        case(&lines, Code::ValueInvalid, &format!("'{path}'"), "");
    }
}

#[test]
fn broken_toml_is_reported_in_full_and_hides_only_its_consequences() {
    let lines = "customerName = $.n\ncustomerEmai = \"$.e\"\nmetadata = { a = \"$.a[\"b\"]\" }";
    let (file, faults) = read(&with_field(lines));
    assert!(file.is_none());
    for hint in ["write \"$.n\"", "write `customerEmail`", "quote with '"] {
        let has = |it: &Option<String>| it.as_deref().is_some_and(|it| it.contains(hint));
        assert!(faults.iter().any(|fault| has(&fault.hint)), "{}", render_all(&faults));
    }
    assert!(!faults.iter().any(|fault| fault.code == Code::RuleImpossible));
}

#[test]
fn all_faults_come_at_once_and_in_order() {
    let body = "clickId = \"$..a\"\neventName = \"\"\ncustomerExternalId = 3\nfoo = 1";
    let codes: Vec<_> = read(&with_body(body)).1.into_iter().map(|fault| fault.code).collect();
    let invalid = Code::ValueInvalid;
    assert_eq!(codes, [Code::QueryUnbounded, invalid, invalid, Code::KeyUnknown]);
}
