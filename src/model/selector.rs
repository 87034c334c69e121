//! Selection from JSON by RFC 9535 JSONPath, behind types of our own.
//!
//! Everything is compiled once, at load; running a query can't fail. Refused, because nothing
//! bounds their cost: descendant segments (`..`) and non-singular queries inside filters. Regular
//! expressions must be literals. What is let through still multiplies, so that a [`Budget`] counts
//! the visited nodes.
//!
//! The library parses by recursion and backtracking, and its errors name a place but seldom the
//! mistake. So `scan` reads the text first: it finds what is refused, bounds the nesting, and words
//! the mistakes that people make. What it lets through, the library judges, and `program` runs.

mod change;
mod inner;
mod literals;
mod locate;
mod outline;
mod pattern;
mod program;
mod scan;

use super::{Budget, Document};
use program::{Condition, Segment};
use scan::Kind;
use serde_json::Value;
use serde_json_path::JsonPath;
use std::ops::Range;

pub use inner::InnerQuery;
pub use literals::Literal;
pub use outline::{Origin, Step, StepKind, Way};

/// The longest query or condition, in bytes.
const QUERY_BYTES_MAX: usize = 1_000;

/// A compiled query.
#[derive(Clone, Debug)]
pub struct Selector {
    text: String,
    segments: Vec<Segment>,
}

/// What a query selected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selected<'a> {
    pub first: Option<&'a Value>,
    /// How many nodes, the first included.
    pub nodes: usize,
}

/// A compiled condition on one value: RFC 9535's logical expression, `@` being the value.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    condition: Condition,
}

/// A part of a condition, for people who ask why it holds or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'a> {
    pub text: &'a str,
    pub holds: bool,
    /// The queries in it, each with what it found.
    pub seen: Vec<(&'a str, Option<&'a Value>)>,
}

/// What is wrong with a query, where in its text (bytes), and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError {
    pub message: String,
    pub hint: Option<String>,
    pub span: Range<usize>,
    /// Valid JSONPath, but refused because its cost has no bound.
    pub unbounded: bool,
}

impl Selector {
    /// Compiles `text`, which begins with `$`.
    ///
    /// # Errors
    /// The first fault found: not RFC 9535, or refused because unbounded.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        check_ends(text, Kind::Query)?;
        scan::check(text, Kind::Query)?;
        judge(text, 0, text)?;
        let segments = program::query(text).ok_or_else(|| unread(text))?;
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The query as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it selects one node at most, whatever the value is.
    pub fn is_singular(&self) -> bool {
        self.segments.iter().all(Segment::is_singular)
    }

    /// Every selected value, in the order of RFC 9535. One query alone is bounded by its text and
    /// the value.
    pub fn select<'a>(&self, root: &'a Value) -> Vec<&'a Value> {
        self.select_within(root, &mut Budget::unlimited())
    }

    /// Every selected value; where the budget doesn't suffice, only some of them.
    pub fn select_within<'a>(&self, root: &'a Value, budget: &mut Budget) -> Vec<&'a Value> {
        let mut found = Vec::new();
        program::each(&self.segments, root, root, budget, &mut |node| found.push(node));
        found
    }

    /// The first selected value, and how many there are: for those who need no more, without a
    /// list.
    pub fn first_within<'a>(&self, root: &'a Value, budget: &mut Budget) -> Selected<'a> {
        let mut selected = Selected { first: None, nodes: 0 };
        program::each(&self.segments, root, root, budget, &mut |node| {
            selected.first = selected.first.or(Some(node));
            selected.nodes += 1;
        });
        selected
    }
}

impl Filter {
    /// Compiles `text`, as in `@.data.banned != true`.
    ///
    /// # Errors
    /// The first fault found: no logical expression of RFC 9535, `$` in it, or refused because
    /// unbounded.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        check_ends(text, Kind::Condition)?;
        scan::check(text, Kind::Condition)?;
        judge(&format!("$[?{text}]"), "$[?".len(), text)?;
        let condition = program::condition(text).ok_or_else(|| unread(text))?;
        Ok(Self { text: text.to_owned(), condition })
    }

    /// The condition as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the value of `document` meets the condition.
    pub fn matches(&self, document: &Document) -> bool {
        self.matches_within(document, &mut Budget::unlimited())
    }

    /// Whether the value of `document` meets the condition; where the budget doesn't suffice, the
    /// answer means nothing.
    pub fn matches_within(&self, document: &Document, budget: &mut Budget) -> bool {
        self.condition.holds(document.root(), document.root(), budget)
    }

    /// What the outermost `&&` or `||` joins, or the whole, each by itself; as many as the budget
    /// suffices for.
    pub fn parts<'a>(&'a self, document: &'a Document, budget: &mut Budget) -> Vec<Part<'a>> {
        let root = document.root();
        let parts = self.condition.parts().iter().map_while(|part| {
            let holds = part.holds(root, root, budget);
            let seen = part.queries().into_iter().map(|query| {
                let found = program::singular(query, root, root, budget);
                (&self.text[query.span.clone()], found)
            });
            let (text, seen) = (&self.text[part.span.clone()], seen.collect());
            (!budget.is_exhausted()).then_some(Part { text, holds, seen })
        });
        parts.collect()
    }
}

impl SelectorError {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, span, unbounded: false }
    }

    fn unbounded(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { unbounded: true, ..Self::new(span, message) }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What can be said from the two ends of the text.
fn check_ends(text: &str, kind: Kind) -> Result<(), SelectorError> {
    let whole = 0..text.len();
    if text.trim().is_empty() {
        return Err(SelectorError::new(whole, format!("the {} is empty", kind.noun())));
    }
    if text.len() > QUERY_BYTES_MAX {
        let message = format!("the {} is longer than {QUERY_BYTES_MAX} bytes", kind.noun());
        return Err(SelectorError::new(whole, message));
    }
    if kind == Kind::Condition {
        return Ok(());
    }
    if text.trim() != text {
        let kept = text.trim_end().len();
        let span = if kept < text.len() { kept..text.len() } else { 0..1 };
        let error = SelectorError::new(span, "a query has no blanks at its ends");
        return Err(error.hint(format!("write `{}`", text.trim())));
    }
    if !text.starts_with('$') {
        let error =
            SelectorError::new(whole, "a query begins with `$`, which stands for the event");
        let rest = text.strip_prefix('@').unwrap_or(text);
        let dot = if rest.starts_with(['.', '[']) { "" } else { "." };
        return Err(error.hint(format!("write `${dot}{rest}`")));
    }
    let rest = &text[1..];
    if rest.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '/' | '{')) {
        let error = SelectorError::new(0..1, "after `$`, which stands for the event, comes a dot");
        let way = rest.trim_start_matches(['/', '{']).trim_end_matches('}').replace('/', ".");
        return Err(error.hint(format!("write `$.{way}`")));
    }
    Ok(())
}

const UNREADABLE: &str = "this can't be read as RFC 9535 JSONPath";

fn unread(text: &str) -> SelectorError {
    SelectorError::new(0..text.len(), UNREADABLE)
}

/// Has the library judge `text`, in which `shown` begins at `offset`.
fn judge(text: &str, offset: usize, shown: &str) -> Result<(), SelectorError> {
    JsonPath::parse(text).map(drop).map_err(|error| {
        let mut at = error.position().saturating_sub(offset).min(shown.len());
        while !shown.is_char_boundary(at) {
            at -= 1;
        }
        let span = if at == shown.len() { 0..at } else { at..shown.len() };
        let example = match offset {
            0 => "as in `$.data.name`, `$.list[0].name` or `$.list[?@.type == 'email'].text`",
            _ => "as in `@.data.plan == 'pro' && @.data.banned != true`",
        };
        let error = match error.message().rsplit(", ").next() {
            // The parser's name for "none of the alternatives fits" tells a person nothing, and the
            // bracket around a condition is ours.
            None | Some("parser error" | "expected closing ']'") => {
                SelectorError::new(span, UNREADABLE)
            }
            Some("function with incorrect return type used") => {
                let message = "what this gives is compared with something, or says yes or no";
                let error = SelectorError::new(span, message);
                return error.hint("as in `length(@.name) > 3` or `search(@.name, 'part')`");
            }
            Some(message) => SelectorError::new(span, format!("{UNREADABLE}: {message}")),
        };
        error.hint(example)
    })
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;
