//! A query or condition taken apart, as it is run.
//!
//! The library says whether a text is RFC 9535; running it is done here. That way every node that
//! is visited is counted, a plain `$.a.b` is a walk without allocation, regular expressions are
//! compiled once, and what a condition saw can be shown. A test compares both on random documents.

mod condition;
mod read;
mod run;

use regex::Regex;
use serde_json::Value;
use std::ops::Range;

pub(super) use read::{condition, query};
pub(super) use run::{each, singular};

/// What one pair of brackets, or one name after a dot, selects.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    picks: Vec<Pick>,
}

#[derive(Clone, Debug)]
enum Pick {
    Name(String),
    /// From the end, if it is negative.
    Index(i64),
    Every,
    Slice {
        start: Option<i64>,
        end: Option<i64>,
        step: i64,
    },
    Filter(Condition),
}

/// A logical expression and where it stands in the text.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) span: Range<usize>,
    logic: Logic,
}

#[derive(Clone, Debug)]
enum Logic {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
    Exists(Singular),
    /// `match` and `search`; what tells them apart is in the expression.
    Matches {
        text: Operand,
        pattern: Regex,
    },
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug)]
enum Operand {
    Literal(Value),
    /// Also `value(...)` of one: it selects one node at most.
    Query(Singular),
    Length(Box<Operand>),
    Count(Singular),
}

/// A query for one node at most, inside a condition.
#[derive(Clone, Debug)]
pub(super) struct Singular {
    pub(super) span: Range<usize>,
    /// Whether it begins with `$` and not with `@`.
    from_root: bool,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Name(String),
    Index(i64),
}

impl Segment {
    /// Whether it selects one node at most.
    pub(super) fn is_singular(&self) -> bool {
        matches!(self.picks.as_slice(), [Pick::Name(_) | Pick::Index(_)])
    }
}

impl Condition {
    /// What the outermost `&&` or `||` joins; the whole where there is none.
    pub(super) fn parts(&self) -> &[Condition] {
        match &self.logic {
            Logic::All(parts) | Logic::Any(parts) => parts,
            _ => std::slice::from_ref(self),
        }
    }

    /// The queries in it, in the order of the text.
    pub(super) fn queries(&self) -> Vec<&Singular> {
        match &self.logic {
            Logic::All(parts) | Logic::Any(parts) => {
                parts.iter().flat_map(Condition::queries).collect()
            }
            Logic::Not(part) => part.queries(),
            Logic::Compare { left, right, .. } => {
                left.query().into_iter().chain(right.query()).collect()
            }
            Logic::Exists(query) => vec![query],
            Logic::Matches { text, .. } => text.query().into_iter().collect(),
        }
    }
}

impl Operand {
    fn query(&self) -> Option<&Singular> {
        match self {
            Operand::Literal(_) => None,
            Operand::Query(query) | Operand::Count(query) => Some(query),
            Operand::Length(inner) => inner.query(),
        }
    }
}

#[cfg(test)]
mod tests;
