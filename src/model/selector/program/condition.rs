//! Whether a condition holds (RFC 9535, sections 2.3.5.2 and 2.4).

use super::{Condition, Logic, Operand, Operator, singular};
use crate::model::Budget;
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::cmp::Ordering;

impl Condition {
    /// Whether it holds for `current`, which is what `@` stands for. Where the budget doesn't
    /// suffice, the answer means nothing.
    pub(in crate::model::selector) fn holds(
        &self,
        current: &Value,
        root: &Value,
        budget: &mut Budget,
    ) -> bool {
        match &self.logic {
            Logic::All(parts) => parts.iter().all(|part| part.holds(current, root, budget)),
            Logic::Any(parts) => parts.iter().any(|part| part.holds(current, root, budget)),
            Logic::Not(part) => !part.holds(current, root, budget),
            Logic::Exists(query) => singular(query, current, root, budget).is_some(),
            Logic::Matches { text, pattern, .. } => {
                match text.value(current, root, budget).as_deref() {
                    Some(Value::String(text)) => {
                        budget.search(text.len()) && pattern.is_match(text)
                    }
                    _ => false,
                }
            }
            Logic::Compare { left, operator, right } => {
                let left = left.value(current, root, budget);
                let right = right.value(current, root, budget);
                operator.compare(left.as_deref(), right.as_deref(), budget)
            }
        }
    }
}

impl Operand {
    /// `None` is the "Nothing" of the standard.
    fn value<'a>(
        &'a self,
        current: &'a Value,
        root: &'a Value,
        budget: &mut Budget,
    ) -> Option<Cow<'a, Value>> {
        match self {
            Operand::Literal(value) => Some(Cow::Borrowed(value)),
            Operand::Query(query) => singular(query, current, root, budget).map(Cow::Borrowed),
            Operand::Count(query) => {
                let count = usize::from(singular(query, current, root, budget).is_some());
                Some(Cow::Owned(Value::from(count)))
            }
            Operand::Length(of) => {
                let length = match of.value(current, root, budget)?.as_ref() {
                    Value::String(text) => {
                        let read = budget.copy(text.len());
                        read.then(|| text.chars().count())?
                    }
                    Value::Array(items) => items.len(),
                    Value::Object(members) => members.len(),
                    _ => return None,
                };
                Some(Cow::Owned(Value::from(length)))
            }
        }
    }
}

impl Operator {
    fn compare(self, left: Option<&Value>, right: Option<&Value>, budget: &mut Budget) -> bool {
        let mut equal = || match (left, right) {
            (Some(left), Some(right)) => are_equal(left, right, budget),
            (None, None) => true,
            _ => false,
        };
        match self {
            Operator::Equal => equal(),
            Operator::NotEqual => !equal(),
            Operator::LessOrEqual | Operator::GreaterOrEqual if equal() => true,
            Operator::Less | Operator::LessOrEqual => is_less(left, right, budget),
            Operator::Greater | Operator::GreaterOrEqual => is_less(right, left, budget),
        }
    }
}

fn are_equal(left: &Value, right: &Value, budget: &mut Budget) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => order(left, right) == Some(Ordering::Equal),
        (Value::String(left), Value::String(right)) => {
            left.len() == right.len() && budget.copy(left.len()) && left == right
        }
        (Value::Array(left), Value::Array(right)) => {
            let same = |(left, right)| budget.visit(1) && are_equal(left, right, budget);
            left.len() == right.len() && left.iter().zip(right).all(same)
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(name, left): (&String, &Value)| {
                let right = right.get(name);
                budget.visit(1) && right.is_some_and(|right| are_equal(left, right, budget))
            };
            left.len() == right.len() && left.iter().all(same)
        }
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}

/// Only numbers and texts have an order; texts are ordered by their characters' code points, which
/// is how their bytes are.
fn is_less(left: Option<&Value>, right: Option<&Value>, budget: &mut Budget) -> bool {
    match (left, right) {
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            order(left, right) == Some(Ordering::Less)
        }
        (Some(Value::String(left)), Some(Value::String(right))) => {
            budget.copy(left.len().min(right.len())) && left < right
        }
        _ => false,
    }
}

/// Integers are compared exactly: as floats, two ids of 17 digits could look like one.
fn order(left: &Number, right: &Number) -> Option<Ordering> {
    let exact = |number: &Number| {
        number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
    };
    match (exact(left), exact(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
