//! Whether a case holds, and if not, field by field why.
//!
//! Pure, and without words: the same comparison serves the diagnostics of `check`, the tables of
//! `test` and whatever a program reads.

use super::{Case, Expected};
use crate::lead::FIELDS;
use crate::model::{Lead, Reason, RuleOutcome, Translation};
use serde_json::Value;

/// What a case came to.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseOutcome {
    Holds,
    /// What became of the sample is not what is expected.
    Differs {
        /// The fields that differ, where one lead is expected and one was made.
        fields: Vec<Difference>,
        /// What the rules that match made of the sample's events, in order.
        found: Vec<RuleOutcome>,
    },
    /// The sample can't be read; a sentence says why.
    Unreadable(String),
    /// The sample was read and is no event of the provider's.
    NoEvent(Reason),
}

/// One place at which the lead is not the expected one.
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
pub(in crate::mapping) fn judge(case: &Case, mut found: Vec<RuleOutcome>) -> CaseOutcome {
    if let Some(rule) = &case.rule {
        found.retain(|outcome| outcome.rule.as_str() == rule.value);
    }
    let mut fields = Vec::new();
    let holds = match &case.expected {
        Expected::Lead(expected) => match only_lead(&found) {
            Some(lead) => {
                fields = lead_differences(&expected.value, &body(lead));
                fields.is_empty()
            }
            None => false,
        },
        Expected::Skipped(code) => all_skipped(&code.value, &found),
        Expected::Unmapped(code) => some_unmapped(&code.value, &found),
        Expected::Ignored(_) => found.is_empty(),
    };
    if holds { CaseOutcome::Holds } else { CaseOutcome::Differs { fields, found } }
}

/// The lead, where there is exactly one outcome and it is one.
pub(super) fn only_lead(found: &[RuleOutcome]) -> Option<&Lead> {
    match found {
        [RuleOutcome { translation: Translation::Lead(lead), .. }] => Some(lead),
        _ => None,
    }
}

/// What is sent, as JSON.
pub(super) fn body(lead: &Lead) -> Value {
    serde_json::from_slice(&lead.body).unwrap_or(Value::Null)
}

fn all_skipped(code: &str, found: &[RuleOutcome]) -> bool {
    let is_it = |outcome: &RuleOutcome| match &outcome.translation {
        Translation::Skipped(reason) => reason.code.name() == code,
        _ => false,
    };
    !found.is_empty() && found.iter().all(is_it)
}

fn some_unmapped(code: &str, found: &[RuleOutcome]) -> bool {
    let is_it = |outcome: &RuleOutcome| match &outcome.translation {
        Translation::Unmapped(reasons) => reasons.iter().any(|reason| reason.code.name() == code),
        _ => false,
    };
    found.iter().any(is_it)
}

/// The differences in the order of the lead's fields, which is how people know it; a table of TOML
/// has no order of its own.
fn lead_differences(expected: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare(String::new(), expected, found, &mut differences);
    let place = |difference: &Difference| {
        let field = difference.path.split(['.', '[']).next().unwrap_or_default();
        FIELDS.iter().position(|known| known.name == field).unwrap_or(FIELDS.len())
    };
    differences.sort_by_key(place);
    differences
}

fn compare(path: String, expected: &Value, found: &Value, differences: &mut Vec<Difference>) {
    match (expected, found) {
        (Value::Object(wanted), Value::Object(there)) => {
            let at = |name: &str| {
                if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
            };
            for (name, expected) in wanted {
                match there.get(name) {
                    Some(found) => compare(at(name), expected, found, differences),
                    None => differences.push(Difference {
                        path: at(name),
                        expected: Some(expected.clone()),
                        found: None,
                    }),
                }
            }
            let surplus = there.iter().filter(|(name, _)| !wanted.contains_key(*name));
            differences.extend(surplus.map(|(name, found)| Difference {
                path: at(name),
                expected: None,
                found: Some(found.clone()),
            }));
        }
        // Of lists that are not equally long, nobody can tell which entries belong together.
        (Value::Array(wanted), Value::Array(there)) if wanted.len() == there.len() => {
            for (index, (expected, found)) in wanted.iter().zip(there).enumerate() {
                compare(format!("{path}[{index}]"), expected, found, differences);
            }
        }
        _ if same(expected, found) => {}
        _ => differences.push(Difference {
            path,
            expected: Some(expected.clone()),
            found: Some(found.clone()),
        }),
    }
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
    use super::{Difference, lead_differences};
    use serde_json::{Value, json};

    /// Each difference as path, expected and found; `None` stands for nothing.
    #[track_caller]
    fn check(expected: Value, found: Value, differences: &[(&str, Option<Value>, Option<Value>)]) {
        let wanted: Vec<_> = differences
            .iter()
            .map(|(path, expected, found)| Difference {
                path: (*path).to_owned(),
                expected: expected.clone(),
                found: found.clone(),
            })
            .collect();
        assert_eq!(lead_differences(&expected, &found), wanted);
    }

    #[test]
    fn equal_leads_have_none() {
        check(json!({}), json!({}), &[]);
        check(json!({ "eventQuantity": 1 }), json!({ "eventQuantity": 1.0 }), &[]);
        check(json!({ "a": [1, { "b": 2 }] }), json!({ "a": [1.0, { "b": 2 }] }), &[]);
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
    }
}
