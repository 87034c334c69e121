//! A `[[case]]` as TOML, made of what a mapping makes of a sample.

use crate::diagnostic::Code;
use crate::model::{Applied, RuleOutcome, Translation};
use serde_json::{Map, Value};
use std::fmt::Write;

/// The case of this name for the sample at `event`, which holds as long as the mapping makes of it
/// what it made here.
///
/// # Errors
/// Why no case can say that.
pub(super) fn case(name: &str, event: &str, applied: &Applied) -> Result<String, &'static str> {
    let expected = expected(applied)?;
    Ok(format!("[[case]]\nname = {}\nevent = {}\n{expected}", string(name), string(event)))
}

fn expected(applied: &Applied) -> Result<String, &'static str> {
    match (applied.outcomes.as_slice(), applied.clicks.as_slice()) {
        ([], [click]) => Ok(format!(
            "[case.click]\ncustomerExternalId = {}\nclickId = {}\n",
            string(&click.customer),
            string(&click.click_id)
        )),
        ([], _) => Ok("ignored = true\n".to_owned()),
        ([only], _) => of_rule(only),
        (several, _) => of_rules(several),
    }
}

/// Several rules can be said of only where they all skip, for one reason.
fn of_rules(outcomes: &[RuleOutcome]) -> Result<String, &'static str> {
    let skipped: Vec<_> = outcomes.iter().filter_map(skip).collect();
    match skipped.as_slice() {
        [first, rest @ ..]
            if skipped.len() == outcomes.len() && rest.iter().all(|it| it == first) =>
        {
            Ok(word("skipped", *first))
        }
        _ => Err("several rules make something of it, and a case expects one lead"),
    }
}

fn skip(outcome: &RuleOutcome) -> Option<Code> {
    match &outcome.translation {
        Translation::Skipped(reason) => Some(reason.code),
        _ => None,
    }
}

fn of_rule(outcome: &RuleOutcome) -> Result<String, &'static str> {
    match &outcome.translation {
        Translation::Skipped(reason) => Ok(word("skipped", reason.code)),
        Translation::Parked(_) => Ok(word("parked", Code::NoClickId)),
        Translation::Unmapped(reasons) => {
            Ok(word("unmapped", reasons.first().map_or(Code::FieldMissing, |reason| reason.code)))
        }
        Translation::Lead(lead) => {
            let body: Value = serde_json::from_slice(&lead.body).unwrap_or_default();
            let mut toml = String::from("[case.lead]\n");
            for (name, value) in body.as_object().into_iter().flatten() {
                let value =
                    literal(value).ok_or("the lead holds null, which TOML has no word for")?;
                let _ = writeln!(toml, "{} = {value}", key(name));
            }
            Ok(toml)
        }
    }
}

/// A code in the way that people write it.
fn word(key: &str, code: Code) -> String {
    format!("{key} = \"{}\"\n", code.name().replace('_', " "))
}

/// A value as TOML, which has no null.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::String(text) => Some(string(text)),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(literal).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Value::Object(members) => object(members),
    }
}

fn object(members: &Map<String, Value>) -> Option<String> {
    if members.is_empty() {
        return Some("{}".to_owned());
    }
    let members: Option<Vec<_>> = members
        .iter()
        .map(|(name, value)| Some(format!("{} = {}", key(name), literal(value)?)))
        .collect();
    Some(format!("{{ {} }}", members?.join(", ")))
}

fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { string(name) }
}

/// JSON escapes what TOML does, but for one character.
fn string(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::literal;
    use crate::diagnostic::SourceText;
    use crate::mapping::{Expected, parse};
    use serde_json::{Value, json};
    use std::sync::Arc;

    const FILE: &str = "provider = 'clerk'\nsecrets = ['env:A']\n[[lead]]\nname = 'a'\n\
        [lead.body]\nclickId = '$.c'\neventName = 'e'\ncustomerExternalId = '$.i'\n\
        [[case]]\nname = 'a'\nevent = 'a.json'\n[case.lead]\n";

    /// Checks how a value is written, and that a case which says so expects the same.
    #[track_caller]
    fn check(value: Value, expected: Option<&str>) {
        assert_eq!(literal(&value).as_deref(), expected);
        let Some(written) = expected else { return };
        let raw = format!("{FILE}metadata = {written}\n");
        let (file, _) = parse(&Arc::new(SourceText::new("a.toml", &raw)), &raw, &[]);
        let case = file.expect("a mapping file").cases.remove(0);
        let Expected::Lead(lead) = case.expected else { panic!("it expects a lead") };
        assert_eq!(lead.value, json!({ "metadata": value }));
    }

    #[test]
    fn values_are_written_as_toml() {
        check(json!("a\"b\\\n\u{7f}\u{0}ü"), Some("\"a\\\"b\\\\\\n\\u007f\\u0000ü\""));
        check(json!(7), Some("7"));
        check(json!(1.5e300), Some("1.5e+300"));
        check(json!(true), Some("true"));
        check(json!(["a", 1]), Some("[\"a\", 1]"));
        let nested = json!({ "a-b": { "c d": [] }, "": {} });
        check(nested, Some("{ a-b = { \"c d\" = [] }, \"\" = {} }"));
        check(json!([null]), None);
        check(json!({ "a": null }), None);
    }
}
