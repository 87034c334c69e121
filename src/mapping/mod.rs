//! Mapping files: what they say, checked and compiled, and what they make of an event.

use crate::diagnostic::{Diagnostic, SourceText};
use crate::model::{DestinationName, EventView, RuleOutcome};
use serde_json::Value;
use std::ops::Range;
use std::sync::Arc;

/// A value with its place in the file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// Everything a mapping file says, checked as far as the file alone allows.
#[derive(Debug)]
pub struct MappingFile {
    pub provider: Spanned<String>,
    pub secrets: Vec<Spanned<SecretReference>>,
    pub auth: Auth,
    pub mapping: Arc<Mapping>,
    pub cases: Vec<Case>,
}

/// Where a secret is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    Environment(String),
    File(String),
}

/// The `[auth]` table, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    pub method: Option<Spanned<String>>,
    pub header: Option<Spanned<String>>,
    pub username: Option<Spanned<String>>,
}

/// A `[[case]]`: a sample and what must become of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: Spanned<String>,
    /// Path of the sample, relative to the folder of the mapping file.
    pub event: Spanned<String>,
    pub expected: Expected,
}

/// What a case expects.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// Exactly one lead, with this body.
    Lead(Spanned<Value>),
    /// Every matching rule skipped, with this code's name.
    Skipped(Spanned<String>),
    /// Some rule unmapped, with this code's name among its reasons.
    Unmapped(Spanned<String>),
    /// No rule matched.
    Ignored(Range<usize>),
}

/// The compiled rules of a source. Applying them is pure and bounded.
#[derive(Debug)]
pub struct Mapping {}

/// Reads a mapping file. `None` where some fault is an error; every fault is reported at once.
pub fn parse(
    _text: &Arc<SourceText>,
    _raw: &str,
    _destinations: &[DestinationName],
) -> (Option<MappingFile>, Vec<Diagnostic>) {
    (None, Vec::new())
}

impl Mapping {
    /// The hash of the parsed rules, lowercase hex; formatting and comments don't change it.
    pub fn version(&self) -> &str {
        ""
    }

    /// What every matching rule makes of the event; empty where none matches.
    pub fn apply(&self, _event: EventView<'_>) -> Vec<RuleOutcome> {
        Vec::new()
    }
}

impl Case {
    /// What does not hold, as diagnostics placed in the file; empty where the case holds.
    /// `outcomes` are those of all events of the sample, in order.
    pub fn check(&self, _text: &Arc<SourceText>, _outcomes: &[RuleOutcome]) -> Vec<Diagnostic> {
        Vec::new()
    }
}
