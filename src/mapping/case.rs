//! Cases: a sample and what must become of it, kept beside the rules and checked with them.

use super::faults::Faults;
use super::table::{self, Node, Table};
use super::{Case, Expected, Spanned, file};
use crate::diagnostic::{Code, Diagnostic, Place, SourceText, did_you_mean};
use crate::model::{Applied, Click, Lead, Reason, RuleOutcome, Translation};
use serde_json::{Value, json};
use std::sync::Arc;
use toml::de::DeValue;

pub(super) const KEYS: [&str; 8] =
    ["name", "event", "lead", "skipped", "parked", "unmapped", "ignored", "click"];
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

pub(super) fn read_all(table: &Table<'_>, faults: &mut Faults<'_>) -> Vec<Case> {
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
    items.iter().filter_map(|item| read(item, faults)).collect()
}

fn read(node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Case> {
    let (entries, span) = table::table(node, "a `[[case]]`", faults)?;
    let table = Table::of_known(entries, span, "`[[case]]`", &KEYS, faults);
    let name = table.required_text("name", "the case", faults);
    let event = table.required_text("event", "the case", faults);
    let event = event.filter(|event| is_sample(event, faults));
    let expected = expected(&table, faults);
    Some(Case { name: name?, event: event?, expected: expected? })
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
        faults.error(Code::ValueInvalid, &event.span, message);
    }
    inside
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

/// See [`Case::check`].
pub(super) fn check(case: &Case, text: &Arc<SourceText>, applied: &Applied) -> Vec<Diagnostic> {
    let outcomes = &applied.outcomes[..];
    let holds = match &case.expected {
        Expected::Lead(expected) => lead_holds(&expected.value, outcomes),
        Expected::Skipped(code) => skipped_holds(&code.value, outcomes),
        Expected::Parked(code) => parked_holds(&code.value, outcomes),
        Expected::Unmapped(code) => unmapped_holds(&code.value, outcomes),
        Expected::Ignored(_) => ignored_holds(outcomes),
        Expected::Click(expected) => click_holds(&expected.value, &applied.clicks),
    };
    let Err(why) = holds else { return Vec::new() };
    let place = Place::Text { text: Arc::clone(text), span: case.name.span.clone() };
    let message = format!("the case \"{}\" does not hold: {why}", case.name.value);
    let hint = "if the rules are as you want them, change the case or remove it".to_owned();
    vec![Diagnostic::error(Code::CaseFailed, place, message).hint(hint)]
}

fn lead_holds(expected: &Value, outcomes: &[RuleOutcome]) -> Result<(), String> {
    let [RuleOutcome { translation: Translation::Lead(lead), .. }] = outcomes else {
        return Err(format!("exactly one lead is expected, but{}", shown(outcomes)));
    };
    let differences = differences(expected, &body(lead));
    if differences.is_empty() {
        return Ok(());
    }
    let notes = lead.warnings.iter().map(|warning| format!("  note: {warning}"));
    let lines: Vec<_> = differences.into_iter().chain(notes).collect();
    Err(format!("the lead is another one\n{}", lines.join("\n")))
}

fn skipped_holds(code: &str, outcomes: &[RuleOutcome]) -> Result<(), String> {
    let is_it = |outcome: &RuleOutcome| match &outcome.translation {
        Translation::Skipped(reason) => reason.code.name() == code,
        _ => false,
    };
    if !outcomes.is_empty() && outcomes.iter().all(is_it) {
        return Ok(());
    }
    Err(format!("`skipped` with {code} is expected, but{}", shown(outcomes)))
}

/// A parked lead waits for nothing but its click id: there is no other code.
fn parked_holds(code: &str, outcomes: &[RuleOutcome]) -> Result<(), String> {
    let is_it = |outcome: &RuleOutcome| matches!(outcome.translation, Translation::Parked(_));
    if !outcomes.is_empty() && outcomes.iter().all(is_it) {
        return Ok(());
    }
    Err(format!("`parked` with {code} is expected, but{}", shown(outcomes)))
}

fn unmapped_holds(code: &str, outcomes: &[RuleOutcome]) -> Result<(), String> {
    let is_it = |outcome: &RuleOutcome| match &outcome.translation {
        Translation::Unmapped(reasons) => reasons.iter().any(|reason| reason.code.name() == code),
        _ => false,
    };
    if outcomes.iter().any(is_it) {
        return Ok(());
    }
    Err(format!("`unmapped` with {code} is expected, but{}", shown(outcomes)))
}

fn ignored_holds(outcomes: &[RuleOutcome]) -> Result<(), String> {
    if outcomes.is_empty() {
        return Ok(());
    }
    Err(format!("no rule should match, but{}", shown(outcomes)))
}

fn click_holds(expected: &Click, clicks: &[Click]) -> Result<(), String> {
    let json =
        |click: &Click| json!({ "customerExternalId": click.customer, "clickId": click.click_id });
    let found = match clicks {
        [found] => found,
        [] => return Err("a click is expected, but no click rule finds one".to_owned()),
        several => {
            let lines: String =
                several.iter().map(|click| format!("\n  {}", json(click))).collect();
            return Err(format!("exactly one click is expected, but there are several:{lines}"));
        }
    };
    let differences = differences(&json(expected), &json(found));
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!("the click is another one\n{}", differences.join("\n")))
}

/// The outcomes, a line each, as the end of a sentence. Samples are not secret, so values may be
/// shown.
fn shown(outcomes: &[RuleOutcome]) -> String {
    if outcomes.is_empty() {
        return " no rule matches".to_owned();
    }
    let line = |outcome: &RuleOutcome| {
        let what = match &outcome.translation {
            Translation::Lead(lead) => format!("a lead: {}", body(lead)),
            Translation::Parked(lead) => format!("parked until a click id comes: {}", body(lead)),
            Translation::Skipped(reason) => format!("skipped: {reason}"),
            Translation::Unmapped(reasons) => {
                let reasons: Vec<_> = reasons.iter().map(Reason::to_string).collect();
                format!("unmapped: {}", reasons.join("; "))
            }
        };
        format!("\n  {}: {what}", outcome.rule)
    };
    let lines: String = outcomes.iter().map(line).collect();
    format!(":{lines}")
}

fn body(lead: &Lead) -> Value {
    serde_json::from_slice(&lead.body).unwrap_or(Value::Null)
}

/// The differences, a line each, in the order of the expected value.
fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", expected, found, &mut lines);
    lines
}

fn compare(path: &str, expected: &Value, found: &Value, lines: &mut Vec<String>) {
    let (Value::Object(wanted), Value::Object(there)) = (expected, found) else {
        if !same(expected, found) {
            lines.push(format!("  {path}: expected {expected}, found {found}"));
        }
        return;
    };
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, expected) in wanted {
        match there.get(name) {
            Some(found) => compare(&at(name), expected, found, lines),
            None => lines.push(format!("  {}: expected {expected}, found nothing", at(name))),
        }
    }
    for (name, found) in there.iter().filter(|(name, _)| !wanted.contains_key(*name)) {
        lines.push(format!("  {}: expected nothing, found {found}", at(name)));
    }
}

/// Whether two values are equal; 1 and 1.0 are.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(_), Value::Object(_)) => differences(a, b).is_empty(),
        _ => a == b,
    }
}
