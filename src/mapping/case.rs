//! Cases: a sample and what must become of it, kept beside the rules and checked with them.
//!
//! Here they are read. `judge` compares what became of a sample with what is expected, and what it
//! says is data: `leadhook test` makes a table of it, and `told` the diagnostic of `check`.

mod judge;
mod told;

use super::faults::Faults;
use super::table::{self, Node, Table};
use super::{Case, Expected, Spanned, file};
use crate::diagnostic::{Code, did_you_mean};
use crate::model::{Click, Headers, QueryString};
use toml::de::DeValue;

pub(super) use judge::judge;
pub use judge::{CaseOutcome, Difference};
pub(super) use told::diagnostic;

pub(super) const KEYS: [&str; 11] = [
    "name", "event", "headers", "query", "rule", "lead", "skipped", "parked", "unmapped",
    "ignored", "click",
];
/// The keys that say what is expected. A case has exactly one.
pub(super) const EXPECTATIONS: [&str; 6] =
    ["lead", "skipped", "parked", "unmapped", "ignored", "click"];
/// The keys of `[case.click]`, all of them required.
pub(super) const CLICK_KEYS: [&str; 2] = ["customerExternalId", "clickId"];
pub(super) const CASES_MAX: usize = 256;
pub(super) const SKIPPED: [Code; 2] = [Code::NoClickId, Code::FieldSkipped];
pub(super) const PARKED: [Code; 1] = [Code::NoClickId];
pub(super) const UNMAPPED: [Code; 6] = [
    Code::FieldMissing,
    Code::FieldWrongType,
    Code::FieldUnmatched,
    Code::FieldTooLong,
    Code::FieldInvalid,
    Code::EventTooComplex,
];

/// Reads the cases. `rules` are the names of the file's rules, which a case may choose from.
pub(super) fn read_all(table: &Table<'_>, rules: &[&str], faults: &mut Faults<'_>) -> Vec<Case> {
    let Some(node) = table.get("case") else { return Vec::new() };
    let DeValue::Array(items) = node.get_ref() else {
        let hint = "write `[[case]]`, with two brackets".to_owned();
        faults.hinted(Code::ValueWrongType, &node.span(), "`case` is a list of cases", hint);
        return Vec::new();
    };
    if items.len() > CASES_MAX {
        let message = format!("a file has at most {CASES_MAX} cases");
        faults.error(Code::ValueInvalid, &node.span(), message);
        return Vec::new();
    }
    file::names_are_unique(items.iter(), "case", faults);
    items.iter().filter_map(|item| read(item, rules, faults)).collect()
}

fn read(node: &Node<'_>, rules: &[&str], faults: &mut Faults<'_>) -> Option<Case> {
    let (entries, span) = table::table(node, "a `[[case]]`", faults)?;
    let table = Table::of_known(entries, span, "`[[case]]`", &KEYS, faults);
    let name = table.required_text("name", "the case", faults);
    let event = table.required_text("event", "the case", faults);
    let event = event.filter(|event| is_sample(event, faults));
    let headers = Headers::new(fields(&table, "headers", faults));
    let query = QueryString::new(fields(&table, "query", faults));
    let rule = table.text("rule", faults);
    if let Some(rule) = rule.as_ref().filter(|rule| !rules.contains(&&*rule.value)) {
        let hint = did_you_mean(&rule.value, rules.iter().copied())
            .unwrap_or_else(|| format!("the rules are: {}", rules.join(", ")));
        faults.hinted(Code::ValueInvalid, &rule.span, "the file has no rule of this name", hint);
    }
    let expected = expected(&table, faults);
    if let (Some(rule), Some(Expected::Click(_))) = (&rule, &expected) {
        let message = "`rule` names a rule for leads, and the case expects a click";
        faults.error(Code::ValueInvalid, &rule.span, message);
    }
    Some(Case { name: name?, event: event?, headers, query, rule, expected: expected? })
}

/// Samples lie beside the mapping file or below it: a mapping text can't point elsewhere.
fn is_sample(event: &Spanned<String>, faults: &mut Faults<'_>) -> bool {
    let path = &event.value;
    let inside = !path.trim().is_empty()
        && !path.starts_with('/')
        && !path.contains([':', '\\', '\0'])
        && !path.split('/').any(|part| part == "..");
    if !inside {
        let message = "`event` is the path of a sample, relative to this file and below its folder";
        let hint = "as in \"samples/clerk/user.created.json\"".to_owned();
        faults.hinted(Code::ValueInvalid, &event.span, message, hint);
    }
    inside
}

/// The texts of the table under `key`, by their names.
fn fields(table: &Table<'_>, key: &str, faults: &mut Faults<'_>) -> Vec<(String, String)> {
    let Some(node) = table.get(key) else { return Vec::new() };
    let Some((entries, span)) = table::table(node, &format!("`{key}`"), faults) else {
        return Vec::new();
    };
    let texts = Table::open(entries, span);
    let text = |(name, node): (Spanned<String>, &Node<'_>)| {
        let text = table::text(node, &format!("`{}`", name.value), faults)?;
        Some((name.value, text.value))
    };
    texts.iter().filter_map(text).collect()
}

fn expected(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Expected> {
    let present: Vec<_> = EXPECTATIONS.into_iter().filter(|key| table.has(key)).collect();
    let [key] = present.as_slice() else {
        let message = match present.as_slice() {
            [] => "the case doesn't say what it expects".to_owned(),
            several => format!("the case expects several things: {}", several.join(", ")),
        };
        let hint = "give one of `[case.lead]`, `skipped = \"no click id\"`, \
                    `parked = \"no click id\"`, `unmapped = \"field missing\"`, \
                    `ignored = true`, `[case.click]`";
        faults.hinted(Code::KeyMissing, &table.span, message, hint.to_owned());
        return None;
    };
    let node = table.get(key)?;
    match *key {
        "lead" => {
            table::table(node, "`lead`", faults)?;
            let value = table::literal(node, faults)?;
            Some(Expected::Lead(Spanned { value, span: node.span() }))
        }
        "skipped" => code(node, "`skipped`", &SKIPPED, faults).map(Expected::Skipped),
        "parked" => code(node, "`parked`", &PARKED, faults).map(Expected::Parked),
        "click" => click(node, faults).map(Expected::Click),
        "unmapped" => code(node, "`unmapped`", &UNMAPPED, faults).map(Expected::Unmapped),
        _ => match node.get_ref() {
            DeValue::Boolean(true) => Some(Expected::Ignored(node.span())),
            _ => {
                table::wrong_type(node, "`ignored`", "true", faults);
                None
            }
        },
    }
}

fn click(node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Spanned<Click>> {
    let (entries, span) = table::table(node, "`click`", faults)?;
    let table = Table::of_known(entries, span, "`[case.click]`", &CLICK_KEYS, faults);
    let mut text = |key| table.required_text(key, "the click", faults).map(|text| text.value);
    let (customer, click_id) = (text("customerExternalId"), text("clickId"));
    let value = Click { customer: customer?, click_id: click_id? };
    Some(Spanned { value, span: node.span() })
}

/// The name of a code, also written with blanks.
fn code(
    node: &Node<'_>,
    what: &str,
    codes: &[Code],
    faults: &mut Faults<'_>,
) -> Option<Spanned<String>> {
    let text = table::text(node, what, faults)?;
    let value = text.value.replace(' ', "_");
    let names = || codes.iter().map(|code| code.name());
    if !names().any(|name| name == value) {
        let listed: Vec<_> = names().collect();
        let hint = did_you_mean(&value, names())
            .unwrap_or_else(|| format!("the reasons are: {}", listed.join(", ")));
        faults.hinted(Code::ValueInvalid, &text.span, format!("{what} names no reason"), hint);
        return None;
    }
    Some(Spanned { value, span: text.span })
}
