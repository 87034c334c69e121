//! What counts as found, and how large it may be.

use super::{Form, Trouble};
use crate::diagnostic::Code;
use crate::lead::trim;
use crate::mapping::form::scalar::to_text;
use crate::model::Budget;
use serde_json::Value;
use std::borrow::Cow;

/// The largest value that a form may yield, in bytes, roughly: several times what the destination
/// takes for all of `metadata`.
pub(super) const VALUE_BYTES_MAX: usize = 64 * 1024;

pub(super) const TOO_LONG: Trouble =
    Trouble { code: Code::FieldTooLong, detail: "found far more than the destination takes" };

/// Whether a value counts as found, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mapping) enum Verdict {
    Counts,
    Null,
    Blank,
    Ignored,
}

impl Verdict {
    /// Nothing, null and blank texts are missing wherever they are found.
    pub(in crate::mapping) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Verdict::Null,
            Value::String(text) if trim(text).is_empty() => Verdict::Blank,
            _ => Verdict::Counts,
        }
    }
}

impl Form {
    /// Also by what the form ignores.
    pub(in crate::mapping) fn judge(&self, value: &Value) -> Verdict {
        match Verdict::of(value) {
            Verdict::Counts if self.ignore.contains(value) => Verdict::Ignored,
            verdict => verdict,
        }
    }

    pub(super) fn counts(&self, value: &Value) -> bool {
        self.judge(value) == Verdict::Counts
    }
}

/// Values that count as missing: scalars, compared as texts without outer white space.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignored(
    /// Sorted, so that a long list costs little for each of many values.
    Vec<String>,
);

impl Ignored {
    pub(super) fn new(values: &[Value]) -> Self {
        let texts = values.iter().filter_map(|value| to_text(value).ok());
        let mut texts: Vec<_> = texts.map(|text| trim(&text).to_owned()).collect();
        texts.sort_unstable();
        Self(texts)
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn contains(&self, value: &Value) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let text = match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            other => match to_text(other) {
                Ok(text) => Cow::Owned(text),
                Err(_) => return false,
            },
        };
        self.0.binary_search_by(|ignored| ignored.as_str().cmp(trim(&text))).is_ok()
    }
}

pub(super) fn is_missing(value: &Value) -> bool {
    Verdict::of(value) != Verdict::Counts
}

/// Refuses values that are together larger than a form may yield; what it looks at is counted.
pub(in crate::mapping) fn fits<'v>(
    values: impl IntoIterator<Item = &'v Value>,
    budget: &mut Budget,
) -> Result<(), Trouble> {
    let mut left = VALUE_BYTES_MAX;
    values.into_iter().try_for_each(|value| weigh(value, &mut left, budget))
}

/// Takes the size of `value` from what is `left`; visits no more than that.
fn weigh(value: &Value, left: &mut usize, budget: &mut Budget) -> Result<(), Trouble> {
    let text = |text: &str, left: &mut usize, budget: &mut Budget| {
        *left = left.checked_sub(text.len()).filter(|_| budget.copy(text.len())).ok_or(TOO_LONG)?;
        Ok(())
    };
    *left = left.checked_sub(1).filter(|_| budget.visit(1)).ok_or(TOO_LONG)?;
    match value {
        Value::String(own) => text(own, left, budget),
        Value::Array(items) => items.iter().try_for_each(|item| weigh(item, left, budget)),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            text(name, left, budget)?;
            weigh(value, left, budget)
        }),
        _ => Ok(()),
    }
}
