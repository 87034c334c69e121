//! What the reference says of limits is so: the number it names is accepted, one more is refused.

use super::{read, with_body, with_field};
use crate::diagnostic::render_all;

const REFERENCE: &str = include_str!("../../../docs/mapping-files.md");

/// The number in the table of limits.
fn documented(what: &str) -> usize {
    let row = REFERENCE.lines().find_map(|line| line.strip_prefix(&format!("| {what} | ")));
    let number = row.unwrap_or_else(|| panic!("no limit of {what}")).trim_end_matches(" |");
    number.replace(',', "").parse().expect("a number")
}

/// Checks a limit against files made with the number of things that they shall have.
#[track_caller]
fn check(what: &str, file: impl Fn(usize) -> String) {
    let limit = documented(what);
    let (accepted, faults) = read(&file(limit));
    assert!(accepted.is_some(), "{what}: {}", render_all(&faults));
    assert!(read(&file(limit + 1)).0.is_none(), "{what}: one more is accepted");
}

fn times(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

#[test]
fn of_files() {
    let file = || with_field("customerName = \"$.n\"");
    let rule = |name: usize| {
        let body = "clickId = \"$.c\", eventName = \"e\", customerExternalId = \"$.i\"";
        format!("[[lead]]\nname = \"r{name}\"\nbody = {{ {body} }}\n")
    };
    let head = "provider = \"clerk\"\nsecrets = [\"env:SECRET\"]\n";
    check("bytes in a file", |bytes| {
        let file = file();
        format!("{file}#{}", "x".repeat(bytes - file.len() - 1))
    });
    check("addresses and networks in `allow`", |count| {
        let allowed = times(count, |_| "\"203.0.113.7\",".to_owned());
        format!("{}[limits]\nallow = [{allowed}]\n", file())
    });
    check("`per_second`", |count| format!("{}[limits]\nper_second = {count}\n", file()));
    check("`burst`", |count| format!("{}[limits]\nper_second = 1\nburst = {count}\n", file()));
    check("`[[lead]]` rules", |count| format!("{head}{}", times(count, rule)));
    check("`[[click]]` rules", |count| {
        let click = "[[click]]\ncustomerExternalId = \"$.i\"\nclickId = \"$.c\"\n";
        format!("{head}{}", click.repeat(count))
    });
    check("`secrets`", |count| file().replace("\"env:SECRET\"", &"\"env:SECRET\",".repeat(count)));
    check("event types in `on`", |count| {
        file().replace("[lead.body]", &format!("on = [{}]\n[lead.body]", "\"a\",".repeat(count)))
    });
    check("cases", |count| {
        let case = |name| format!("[[case]]\nname = \"{name}\"\nevent = \"a\"\nignored = true\n");
        file() + &times(count, case)
    });
}

#[test]
fn of_forms() {
    let form = |form: String| with_field(&format!("customerName = {form}"));
    check("forms within forms", |depth| {
        form(format!("{}\"$.a\"{}", "{ first = [".repeat(depth), "] }".repeat(depth)))
    });
    check("members of `first`, `join`, `all` and of an object", |count| {
        form(format!("{{ first = [{}] }}", "\"$.a\",".repeat(count)))
    });
    check("members of `first`, `join`, `all` and of an object", |count| {
        let members = times(count, |name| format!("m{name} = 1\n"));
        with_body(&format!(
            "clickId = \"$.c\"\neventName = \"e\"\ncustomerExternalId = \"$.i\"\n\
             [lead.body.metadata]\n{members}"
        ))
    });
    check("entries of `map`", |count| {
        let entries = times(count, |name| format!("m{name} = \"x\","));
        form(format!("{{ from = \"$.a\", map = {{ {} }} }}", entries.trim_end_matches(',')))
    });
    check("entries of `ignore`", |count| {
        form(format!("{{ from = \"$.a\", ignore = [{}] }}", "\"x\",".repeat(count)))
    });
    check("steps in `then`", |count| {
        form(format!("{{ from = \"$.a\", then = [{}] }}", "\"trim\",".repeat(count)))
    });
    check("characters of `truncate`", |units| {
        form(format!("{{ from = \"$.a\", then = [{{ truncate = {units} }}] }}"))
    });
}

#[test]
fn of_queries() {
    let query = |query: String| with_field(&format!("customerName = \"{query}\""));
    check("bytes of a query or condition", |bytes| query(format!("$.{}", "a".repeat(bytes - 2))));
    check("brackets within brackets in a query", |depth| {
        let (open, close) = ("(".repeat(depth - 1), ")".repeat(depth - 1));
        query(format!("$.a[?{open}@.b{close}]"))
    });
    check("times that a query may select one value", |count| {
        query(format!("$.a[{}0]", "0,".repeat(count - 1)))
    });
}
