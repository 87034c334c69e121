//! Whether a case holds, and if not, field by field why.
//!
//! Pure, and without words: the same comparison serves the diagnostics of `check`, the tables of
//! `test` and whatever a program reads.

use super::{Case, Expected};
use crate::lead::FIELDS;
use crate::model::{Applied, Click, Lead, Reason, RuleOutcome, Translation};
use serde_json::{Value, json};

/// What a case came to.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseOutcome {
    Holds,
    /// What became of the sample is not what is expected.
    Differs {
        /// The fields that differ, where one lead or click is expected and one was made.
        fields: Vec<Difference>,
        /// What became of the sample's events, in order: of the rule that the case is about, where
        /// it names one.
        found: Applied,
    },
    /// The sample can't be read; a sentence says why.
    Unreadable(String),
    /// The sample was read and is no event of the provider's.
    NoEvent(Reason),
}

/// One place at which the lead or click is not the expected one.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The field, as in `metadata.plan` or `metadata.tags[1]`.
    pub path: String,
    /// `None` where nothing is expected.
    pub expected: Option<Value>,
    /// `None` where nothing was found.
    pub found: Option<Value>,
}

impl CaseOutcome {
    pub fn holds(&self) -> bool {
        matches!(self, CaseOutcome::Holds)
    }
}

/// See [`Case::judge`].
pub(in crate::mapping) fn judge(case: &Case, mut found: Applied) -> CaseOutcome {
    if let Some(rule) = &case.rule {
        found.outcomes.retain(|outcome| outcome.rule.as_str() == rule.value);
    }
    let outcomes = &found.outcomes[..];
    let compared = match &case.expected {
        Expected::Lead(expected) => {
            only_lead(outcomes).map(|lead| differences(&expected.value, &body(lead)))
        }
        Expected::Click(expected) => match found.clicks.as_slice() {
            [click] => Some(differences(&click_json(&expected.value), &click_json(click))),
            _ => None,
        },
        Expected::Skipped(code) => all(outcomes, |it| match it {
            Translation::Skipped(reason) => reason.code.name() == code.value,
            _ => false,
        }),
        // A parked lead waits for nothing but its click id: there is no other code.
        Expected::Parked(_) => all(outcomes, |it| matches!(it, Translation::Parked(_))),
        Expected::Unmapped(code) => some_unmapped(&code.value, outcomes).then(Vec::new),
        Expected::Ignored(_) => outcomes.is_empty().then(Vec::new),
    };
    match compared {
        Some(fields) if fields.is_empty() => CaseOutcome::Holds,
        compared => CaseOutcome::Differs { fields: compared.unwrap_or_default(), found },
    }
}

/// The lead, where there is exactly one outcome and it is one.
fn only_lead(outcomes: &[RuleOutcome]) -> Option<&Lead> {
    match outcomes {
        [RuleOutcome { translation: Translation::Lead(lead), .. }] => Some(lead),
        _ => None,
    }
}

/// What is sent, as JSON.
pub(super) fn body(lead: &Lead) -> Value {
    serde_json::from_slice(&lead.body).unwrap_or(Value::Null)
}

/// A click as people write it in a case.
pub(super) fn click_json(click: &Click) -> Value {
    json!({ "customerExternalId": click.customer, "clickId": click.click_id })
}

/// No differences, if there are outcomes and each is as expected.
fn all(outcomes: &[RuleOutcome], is_it: impl Fn(&Translation) -> bool) -> Option<Vec<Difference>> {
    let all = !outcomes.is_empty() && outcomes.iter().all(|outcome| is_it(&outcome.translation));
    all.then(Vec::new)
}

fn some_unmapped(code: &str, outcomes: &[RuleOutcome]) -> bool {
    outcomes.iter().any(|outcome| match &outcome.translation {
        Translation::Unmapped(reasons) => reasons.iter().any(|reason| reason.code.name() == code),
        _ => false,
    })
}

/// The differences in the order of the lead's fields, which is how people know it; a table of TOML
/// has no order of its own.
fn differences(expected: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare("", Some(expected), Some(found), &mut differences);
    let place = |difference: &Difference| {
        let field = difference.path.split(['.', '[']).next().unwrap_or_default();
        FIELDS.iter().position(|known| known.name == field).unwrap_or(FIELDS.len())
    };
    differences.sort_by_key(place);
    differences
}

/// Goes down as far as there are members or entries to compare, so that a difference is as small as
/// it can be.
fn compare(
    path: &str,
    expected: Option<&Value>,
    found: Option<&Value>,
    differences: &mut Vec<Difference>,
) {
    if let Some(names) = members(expected, found) {
        for name in names {
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let (expected, found) =
                (expected.and_then(|it| it.get(name)), found.and_then(|it| it.get(name)));
            compare(&path, expected, found, differences);
        }
        return;
    }
    match (expected, found) {
        // TOML has no null: whoever expects one can only leave it out.
        (None, None | Some(Value::Null)) => {}
        // Of lists that are not equally long, nobody can tell which entries belong together.
        (Some(Value::Array(wanted)), Some(Value::Array(there))) if wanted.len() == there.len() => {
            for (index, (expected, found)) in wanted.iter().zip(there).enumerate() {
                compare(&format!("{path}[{index}]"), Some(expected), Some(found), differences);
            }
        }
        (Some(expected), Some(found)) if same(expected, found) => {}
        _ => differences.push(Difference {
            path: path.to_owned(),
            expected: expected.cloned(),
            found: found.cloned(),
        }),
    }
}

/// The names of the members of both, where each is an object or nothing and there are any.
fn members<'v>(expected: Option<&'v Value>, found: Option<&'v Value>) -> Option<Vec<&'v str>> {
    let mut names: Vec<&str> = Vec::new();
    for value in [expected, found].into_iter().flatten() {
        let Value::Object(members) = value else { return None };
        let fresh: Vec<_> =
            members.keys().map(String::as_str).filter(|name| !names.contains(name)).collect();
        names.extend(fresh);
    }
    Some(names).filter(|names| !names.is_empty())
}

/// Whether two scalars, or lists of different lengths, are equal; 1 and 1.0 are.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::{Difference, differences};
    use serde_json::{Value, json};

    /// Each difference as path, expected and found; `None` stands for nothing.
    #[track_caller]
    fn check(expected: Value, found: Value, differing: &[(&str, Option<Value>, Option<Value>)]) {
        let wanted: Vec<_> = differing
            .iter()
            .map(|(path, expected, found)| Difference {
                path: (*path).to_owned(),
                expected: expected.clone(),
                found: found.clone(),
            })
            .collect();
        assert_eq!(differences(&expected, &found), wanted);
    }

    #[test]
    fn equal_leads_have_none() {
        check(json!({}), json!({}), &[]);
        check(json!({ "eventQuantity": 1 }), json!({ "eventQuantity": 1.0 }), &[]);
        check(json!({ "a": [1, { "b": 2 }] }), json!({ "a": [1.0, { "b": 2 }] }), &[]);
        check(json!({ "metadata": {} }), json!({ "metadata": { "a": null } }), &[]);
    }

    #[test]
    fn differences_are_named_by_path_in_the_order_of_the_fields() {
        check(
            json!({ "customerName": "Ada", "clickId": "a", "metadata": { "x": 1, "y": [1, 2] } }),
            json!({ "clickId": "b", "customerEmail": "a@b.co", "metadata": { "y": [1, 3], "z": 0 } }),
            &[
                ("clickId", Some(json!("a")), Some(json!("b"))),
                ("customerName", Some(json!("Ada")), None),
                ("customerEmail", None, Some(json!("a@b.co"))),
                ("metadata.x", Some(json!(1)), None),
                ("metadata.y[1]", Some(json!(2)), Some(json!(3))),
                ("metadata.z", None, Some(json!(0))),
            ],
        );
        check(
            json!({ "metadata": { "tags": ["a"], "at": "x" } }),
            json!({ "metadata": { "tags": ["a", "b"], "at": {} } }),
            &[
                ("metadata.tags", Some(json!(["a"])), Some(json!(["a", "b"]))),
                ("metadata.at", Some(json!("x")), Some(json!({}))),
            ],
        );
        check(
            json!({ "customerName": {} }),
            json!({ "metadata": { "a": { "b": 1 } } }),
            &[("customerName", Some(json!({})), None), ("metadata.a.b", None, Some(json!(1)))],
        );
    }
}
