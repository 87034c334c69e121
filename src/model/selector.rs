//! Selection from JSON by RFC 9535 JSONPath, behind types of our own.
//!
//! Everything is compiled once, at load; running a query can't fail. Refused, because nothing
//! bounds their cost: descendant segments (`..`), non-singular queries inside filters, and more
//! than one wildcard, slice or filter in one segment. Regular expressions must be literals.
//!
//! The library parses by recursion and backtracking, and its errors name a place but seldom the
//! mistake. So `scan` reads the text first: it finds what is refused, bounds the nesting, and words
//! the mistakes that people make. What it lets through, the library judges.

mod literals;
mod pattern;
mod scan;

use super::Document;
use scan::Kind;
use serde_json::Value;
use serde_json_path::JsonPath;
use std::ops::Range;

pub use literals::Literal;

/// The longest query or condition, in bytes.
const QUERY_BYTES_MAX: usize = 1_000;

/// A compiled query.
#[derive(Clone, Debug)]
pub struct Selector {
    text: String,
    path: JsonPath,
}

/// A compiled condition on one value: RFC 9535's logical expression, `@` being the value.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    path: JsonPath,
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
        let path = compile(text, 0, text)?;
        Ok(Self { text: text.to_owned(), path })
    }

    /// The query as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the query compares values with.
    pub fn literals(&self) -> Vec<Literal> {
        literals::literals(&self.text)
    }

    /// Every selected value, in the order of RFC 9535.
    pub fn select<'a>(&self, root: &'a Value) -> Vec<&'a Value> {
        self.path.query(root).all()
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
        let path = compile(&format!("$[?{text}]"), "$[?".len(), text)?;
        Ok(Self { text: text.to_owned(), path })
    }

    /// The condition as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the condition compares values with.
    pub fn literals(&self) -> Vec<Literal> {
        literals::literals(&self.text)
    }

    /// Whether the value of `document` meets the condition.
    pub fn matches(&self, document: &Document) -> bool {
        !self.path.query(document.in_array()).is_empty()
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
        return Err(SelectorError::new(span, "a query has no blanks at its ends"));
    }
    if !text.starts_with('$') {
        let error =
            SelectorError::new(whole, "a query begins with `$`, which stands for the event");
        let rest = text.strip_prefix('@').unwrap_or(text);
        let dot = if rest.starts_with(['.', '[']) { "" } else { "." };
        return Err(error.hint(format!("write `${dot}{rest}`")));
    }
    Ok(())
}

/// Has the library compile `text`, in which `shown` begins at `offset`.
fn compile(text: &str, offset: usize, shown: &str) -> Result<JsonPath, SelectorError> {
    JsonPath::parse(text).map_err(|error| {
        let mut at = error.position().saturating_sub(offset).min(shown.len());
        while !shown.is_char_boundary(at) {
            at -= 1;
        }
        let span = if at == shown.len() { 0..at } else { at..shown.len() };
        let place = "this can't be read as RFC 9535 JSONPath";
        match error.message().rsplit(", ").next() {
            // The parser's name for "none of the alternatives fits" tells a person nothing.
            None | Some("parser error") => SelectorError::new(span, place),
            Some(message) => SelectorError::new(span, format!("{place}: {message}")),
        }
    })
}

#[cfg(test)]
mod tests;
