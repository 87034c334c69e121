//! A query or condition taken apart, as it is run.
//!
//! The library says whether a text is RFC 9535; running it is done here. That way every node that
//! is visited is counted, a plain `$.a.b` is a walk without allocation, regular expressions are
//! compiled once, and what a condition saw can be shown. What a text names and compares with is read
//! from its parts, too. A test compares both on random documents.

mod condition;
mod read;
mod run;

use regex::Regex;
use serde_json::Value;
use std::ops::Range;

pub(super) use read::{condition, query};
pub(super) use run::{each, singular};

/// One name after a dot, or one pair of brackets.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// In the text, with the dot or the brackets.
    pub(super) span: Range<usize>,
    pub(super) pick: Pick,
}

/// What a segment selects.
#[derive(Clone, Debug)]
pub(super) enum Pick {
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
    /// What each of these selects, one after the other.
    Union(Vec<Pick>),
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
        written: String,
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
    pub(super) from_root: bool,
    /// Names and indices only.
    pub(super) segments: Vec<Segment>,
}

impl Segment {
    /// Whether it selects one node at most.
    pub(super) fn is_singular(&self) -> bool {
        matches!(self.pick, Pick::Name(_) | Pick::Index(_))
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
        let queries = self.leaves().into_iter().flat_map(|leaf| match leaf {
            Logic::Compare { left, right, .. } => [left.query(), right.query()],
            Logic::Exists(query) => [Some(query), None],
            Logic::Matches { text, .. } => [text.query(), None],
            Logic::All(_) | Logic::Any(_) | Logic::Not(_) => [None, None],
        });
        queries.flatten().collect()
    }

    /// The values that it compares others with.
    pub(super) fn values(&self) -> Vec<&Value> {
        let values = self.leaves().into_iter().flat_map(|leaf| match leaf {
            Logic::Compare { left, right, .. } => [left.literal(), right.literal()],
            _ => [None, None],
        });
        values.flatten().collect()
    }

    /// Its regular expressions, as they were written.
    pub(super) fn patterns(&self) -> Vec<&str> {
        let patterns = self.leaves().into_iter().filter_map(|leaf| match leaf {
            Logic::Matches { written, .. } => Some(written.as_str()),
            _ => None,
        });
        patterns.collect()
    }

    /// What is joined or negated, in the order of the text.
    fn leaves(&self) -> Vec<&Logic> {
        match &self.logic {
            Logic::All(parts) | Logic::Any(parts) => {
                parts.iter().flat_map(Condition::leaves).collect()
            }
            Logic::Not(part) => part.leaves(),
            leaf => vec![leaf],
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

    fn literal(&self) -> Option<&Value> {
        match self {
            Operand::Literal(value) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
