//! Collecting the faults of one mapping file, each with its place.
//!
//! Every reader of a part of the file gets the same [`Faults`] and goes on after a fault, so that
//! a person sees all of them at once.

use super::Spanned;
use crate::diagnostic::{Code, Diagnostic, Place, SourceText, span_within};
use crate::model::SelectorError;
use std::ops::Range;
use std::sync::Arc;

/// More faults than anybody mends at a time. A file of garbage has a fault in every line.
const FAULTS_MAX: usize = 500;

pub(super) struct Faults<'a> {
    text: &'a Arc<SourceText>,
    /// The text itself: `text` can only be quoted from.
    raw: &'a str,
    found: Vec<Diagnostic>,
    /// Keys that are absent from a table, each with the index of its fault.
    absent: Vec<(Key, usize)>,
    /// Keys that are in a table, but misspelt.
    misspelt: Vec<Key>,
    /// Names of keys that stand in a table where they don't belong.
    misplaced: Vec<String>,
}

/// A key of a table, which is told from others by where it begins.
#[derive(PartialEq)]
struct Key {
    table: usize,
    name: String,
}

impl<'a> Faults<'a> {
    pub(super) fn new(text: &'a Arc<SourceText>, raw: &'a str) -> Self {
        Self {
            text,
            raw,
            found: Vec::new(),
            absent: Vec::new(),
            misspelt: Vec::new(),
            misplaced: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, code: Code, span: &Range<usize>, message: impl Into<String>) {
        self.add(Diagnostic::error(code, self.place(span), message));
    }

    /// An error with what to do about it, if that is known.
    pub(super) fn hinted(
        &mut self,
        code: Code,
        span: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) {
        self.add(Diagnostic::error(code, self.place(span), message).hint(hint));
    }

    pub(super) fn warning(
        &mut self,
        code: Code,
        span: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) {
        self.add(Diagnostic::warning(code, self.place(span), message).hint(hint));
    }

    /// A key that the table at `span` must have is not there. That is no fault of its own where it
    /// is `misspelt` or `misplaced`.
    pub(super) fn absent(
        &mut self,
        key: &str,
        span: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let key = Key { table: span.start, name: key.to_owned() };
        self.absent.push((key, self.found.len()));
        self.hinted(Code::KeyMissing, span, message, hint.into());
    }

    /// Notes that the table at `span` has `key` under a name that is misspelt, which has been
    /// reported.
    pub(super) fn misspelt(&mut self, key: &str, span: &Range<usize>) {
        self.misspelt.push(Key { table: span.start, name: key.to_owned() });
    }

    /// Notes that `key` stands where it doesn't belong, which has been reported.
    pub(super) fn misplaced(&mut self, key: &str) {
        self.misplaced.push(key.to_owned());
    }

    /// Whether the table at `span` lacks `key` only because that is misspelt or misplaced.
    pub(super) fn has_elsewhere(&self, key: &str, span: &Range<usize>) -> bool {
        self.is_elsewhere(&Key { table: span.start, name: key.to_owned() })
    }

    fn is_elsewhere(&self, key: &Key) -> bool {
        self.misspelt.contains(key) || self.misplaced.contains(&key.name)
    }

    /// Collects faults of the same file that nobody wants.
    pub(super) fn scratch(&self) -> Faults<'a> {
        Faults::new(self.text, self.raw)
    }

    fn add(&mut self, fault: Diagnostic) {
        if self.found.len() >= FAULTS_MAX {
            return;
        }
        // What is said of a secret that is no reference quotes nothing of it.
        let quotes_nothing = fault.code == Code::SecretReference;
        self.found.push(if quotes_nothing { fault } else { fault.masked(self.raw) });
    }

    /// The fault of a query or condition that stands in the TOML string `written`.
    pub(super) fn query(&mut self, written: &Spanned<String>, error: SelectorError) {
        let code = if error.unbounded { Code::QueryUnbounded } else { Code::QuerySyntax };
        let span = span_within(self.raw, &written.span, &written.value, &error.span);
        self.hinted(code, &span, error.message, error.hint);
    }

    /// Drops what may only be a consequence of text that is not TOML at `broken`: faults on the
    /// same lines, and keys that seem absent.
    pub(super) fn keep_independent_of(&mut self, broken: &[Range<usize>]) {
        let breaks: Vec<_> = self.raw.match_indices('\n').map(|(at, _)| at).collect();
        let line = |at: usize| breaks.partition_point(|line_break| *line_break < at);
        let broken: Vec<_> = broken.iter().map(|span| (line(span.start), line(span.end))).collect();
        self.found.retain(|fault| {
            let Place::Text { span, .. } = &fault.place else { return true };
            let at = line(span.start);
            // What the parser puts in the place of a broken value stands nowhere.
            !span.is_empty()
                && !matches!(fault.code, Code::KeyMissing | Code::RuleImpossible)
                && !broken.iter().any(|(first, last)| (*first..=*last).contains(&at))
        });
    }

    /// Drops absent keys that are only misspelt or misplaced.
    pub(super) fn drop_consequences(&mut self) {
        let absent = std::mem::take(&mut self.absent).into_iter();
        let elsewhere = absent.filter(|(key, _)| self.is_elsewhere(key));
        let dropped: Vec<_> = elsewhere.map(|(_, at)| at).collect();
        let mut at = 0..;
        self.found.retain(|_| at.next().is_none_or(|at| !dropped.contains(&at)));
    }

    /// All faults, in the order of their places.
    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|fault| match &fault.place {
            Place::Text { span, .. } => (span.start, span.end),
            _ => (0, 0),
        });
        self.found
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::Text { text: Arc::clone(self.text), span: span.clone() }
    }
}
