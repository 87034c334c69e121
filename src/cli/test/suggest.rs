//! A failing case as it would hold: TOML to be pasted over the case.
//!
//! Whether the rules are right or the case is, only a person knows: nothing is written by itself.

use super::Tried;
use crate::diagnostic::Code;
use crate::mapping::{CaseOutcome, Expected};
use crate::model::{Click, RuleOutcome, Translation};
use serde_json::{Map, Value};
use std::fmt::Write;

/// What to append to a failure: a case, or a sentence that says why none would hold.
pub(super) fn block(failure: &Tried<'_>) -> String {
    let CaseOutcome::Differs { found, .. } = failure.outcome else { return String::new() };
    let toml = match found.outcomes.as_slice() {
        _ if matches!(failure.case.expected, Expected::Click(_)) => click(failure, &found.clicks),
        [] => Ok(vec![case(failure, None, "ignored = true\n")]),
        [one] => expectation(one).map(|lines| vec![case(failure, rule(failure), &lines)]),
        several => of_several(failure, several),
    };
    match toml {
        Ok(cases) => {
            let title = "  as it would hold, if the rules are as you want them:";
            format!("\n\n{title}\n\n{}", cases.join("\n").trim_end())
        }
        Err(reason) => format!("\n\n  no case would hold: {reason}"),
    }
}

fn click(failure: &Tried<'_>, clicks: &[Click]) -> Result<Vec<String>, &'static str> {
    match clicks {
        [] => Err("no click rule finds a click in the sample"),
        [click] => {
            let (customer, id) = (string(&click.customer), string(&click.click_id));
            let lines = format!("[case.click]\ncustomerExternalId = {customer}\nclickId = {id}\n");
            Ok(vec![case(failure, None, &lines)])
        }
        _ => Err("there are several clicks, and a case expects one"),
    }
}

/// A case for each rule, where each made one thing of the sample.
fn of_several(failure: &Tried<'_>, found: &[RuleOutcome]) -> Result<Vec<String>, &'static str> {
    let names: Vec<_> = found.iter().map(|outcome| outcome.rule.as_str()).collect();
    if (1..names.len()).any(|at| names[..at].contains(&names[at])) {
        return Err("one rule made several things of the events in the sample; give each event a \
                    sample of its own");
    }
    let of_rule = |outcome: &RuleOutcome| {
        let lines = expectation(outcome)?;
        Ok(case(failure, Some(outcome.rule.as_str()), &lines))
    };
    found.iter().map(of_rule).collect()
}

fn rule<'r>(failure: &Tried<'r>) -> Option<&'r str> {
    failure.case.rule.as_ref().map(|rule| rule.value.as_str())
}

fn case(failure: &Tried<'_>, rule: Option<&str>, expectation: &str) -> String {
    let case = failure.case;
    let mut toml = String::from("[[case]]\n");
    // Names of cases are unique in a file.
    let name = match rule {
        Some(rule) if case.rule.is_none() => format!("{} ({rule})", case.name.value),
        _ => case.name.value.clone(),
    };
    let rule = rule.or(self::rule(failure));
    let lines =
        [("name", Some(name.as_str())), ("event", Some(case.event.value.as_str())), ("rule", rule)];
    for (key, text) in lines.into_iter().filter_map(|(key, text)| Some((key, text?))) {
        let _ = writeln!(toml, "{key} = {}", string(text));
    }
    toml.push_str(expectation);
    toml
}

fn expectation(outcome: &RuleOutcome) -> Result<String, &'static str> {
    const NULL: &str = "the lead has a null in a list, which TOML can't say";
    match &outcome.translation {
        Translation::Skipped(reason) => Ok(word("skipped", reason.code.name())),
        Translation::Parked(_) => Ok(word("parked", Code::NoClickId.name())),
        Translation::Unmapped(reasons) => {
            let code = reasons.first().map_or("field_missing", |reason| reason.code.name());
            Ok(word("unmapped", code))
        }
        Translation::Lead(lead) => {
            let body: Value = serde_json::from_slice(&lead.body).unwrap_or_default();
            let mut toml = String::from("[case.lead]\n");
            for (name, value) in body.as_object().into_iter().flatten() {
                let _ = writeln!(toml, "{} = {}", key(name), literal(value).ok_or(NULL)?);
            }
            Ok(toml)
        }
    }
}

/// A code in the way that people write it.
fn word(key: &str, code: &str) -> String {
    format!("{key} = \"{}\"\n", code.replace('_', " "))
}

/// A value as TOML. Members that are null are left out, as a case can't name them; a list would
/// lose its order by that.
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
    let members: Option<Vec<_>> = members
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| Some(format!("{} = {}", key(name), literal(value)?)))
        .collect();
    let members = members?.join(", ");
    Some(if members.is_empty() { "{}".to_owned() } else { format!("{{ {members} }}") })
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
        check(
            json!({ "a-b": { "c d": [] }, "": {} }),
            Some("{ a-b = { \"c d\" = [] }, \"\" = {} }"),
        );
        check(json!([null]), None);
        assert_eq!(literal(&json!({ "a": null, "b": 1 })).as_deref(), Some("{ b = 1 }"));
    }
}
