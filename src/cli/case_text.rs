//! A `[[case]]` as TOML, made of what a mapping makes of a sample.

use super::outcome::body;
use crate::diagnostic::Code;
use crate::model::{Applied, Click, Headers, QueryString, RuleOutcome, Translation};
use serde_json::{Map, Value};
use std::fmt::Write;

/// What a case is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) name: &'a str,
    /// The sample, relative to the mapping file.
    pub(super) event: &'a str,
    /// What the sample is sent with.
    pub(super) headers: &'a Headers,
    pub(super) query: &'a QueryString,
    /// The rule, where the case is to name one.
    pub(super) rule: Option<&'a str>,
}

impl About<'_> {
    /// The cases that hold as long as the mapping makes of the sample what it made here: one, or
    /// one a rule where several rules made something, with the rule's name behind the case's.
    ///
    /// # Errors
    /// Why no case can say that.
    pub(super) fn cases(self, applied: &Applied) -> Result<Vec<String>, &'static str> {
        match (applied.outcomes.as_slice(), applied.clicks.as_slice()) {
            ([], [click]) if self.rule.is_none() => Ok(vec![self.click(click)]),
            ([], _) => Ok(vec![self.expecting("ignored = true\n")]),
            ([only], _) => Ok(vec![self.expecting(&of_rule(only)?)]),
            (several, _) => self.of_rules(several),
        }
    }

    /// The case that holds as long as exactly this click is learnt.
    pub(super) fn click(self, click: &Click) -> String {
        let (customer, id) = (string(&click.customer), string(&click.click_id));
        self.expecting(&format!("[case.click]\ncustomerExternalId = {customer}\nclickId = {id}\n"))
    }

    /// One case is enough where all rules skip, for one reason.
    fn of_rules(self, outcomes: &[RuleOutcome]) -> Result<Vec<String>, &'static str> {
        let skipped: Vec<_> = outcomes.iter().filter_map(skip).collect();
        if let [first, rest @ ..] = skipped.as_slice()
            && skipped.len() == outcomes.len()
            && rest.iter().all(|it| it == first)
        {
            return Ok(vec![self.expecting(&word("skipped", *first))]);
        }
        let rules: Vec<_> = outcomes.iter().map(|outcome| outcome.rule.as_str()).collect();
        if (1..rules.len()).any(|at| rules[..at].contains(&rules[at])) {
            return Err("one rule made several things of the events in the sample, and a case \
                        expects one lead");
        }
        let of_one = |outcome: &RuleOutcome| {
            let rule = outcome.rule.as_str();
            let name = format!("{} ({rule})", self.name);
            let about = About { name: &name, rule: Some(rule), ..self };
            Ok(about.expecting(&of_rule(outcome)?))
        };
        outcomes.iter().map(of_one).collect()
    }

    fn expecting(self, expectation: &str) -> String {
        let rule = self.rule.map(|rule| format!("rule = {}\n", string(rule))).unwrap_or_default();
        let (name, event) = (string(self.name), string(self.event));
        let sent = texts("headers", self.headers.iter()) + &texts("query", self.query.iter());
        format!("[[case]]\nname = {name}\nevent = {event}\n{sent}{rule}{expectation}")
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
            let body = body(lead);
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

/// A table of texts, unless there are none.
fn texts<'a>(name: &str, texts: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let texts: Vec<_> =
        texts.map(|(name, text)| format!("{} = {}", key(name), string(text))).collect();
    if texts.is_empty() { String::new() } else { format!("{name} = {{ {} }}\n", texts.join(", ")) }
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

/// To a case, a member that is null is as one that is absent.
fn object(members: &Map<String, Value>) -> Option<String> {
    let members: Option<Vec<_>> = members
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| Some(format!("{} = {}", key(name), literal(value)?)))
        .collect();
    let members = members?;
    Some(if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) })
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
        assert_eq!(literal(&json!({ "a": null, "b": 1 })).as_deref(), Some("{ b = 1 }"));
    }
}
