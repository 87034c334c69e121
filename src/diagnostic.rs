//! Every code once, and how a fault is shown to a person.
//!
//! A [`Code`] is for programs: it is the `code` of an HTTP refusal, a field of log lines, the reason
//! kept on a delivery. A [`Diagnostic`] is for people: a code with a sentence, the place it
//! is about and a hint. Faults of files are collected, never thrown one at a time.
//!
//! Absent here: deciding anything. Whoever finds a fault words it; this module only shows it.

mod code;
mod render;
mod source_text;
mod toml_string;
mod toml_syntax;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use code::Code;
pub use render::render_all;
pub use source_text::{SourceText, mask_marked};
pub use toml_string::span_within;
pub use toml_syntax::{SyntaxFault, syntax_faults};

/// Whether a fault forbids going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a person's attention; nothing is refused because of it.
    Warning,
    /// What it is about is refused.
    Error,
}

/// Where a fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A span of bytes in a text file.
    Text { text: Arc<SourceText>, span: Range<usize> },
    /// A whole file or folder (it can't be read, say).
    Path(String),
    /// An environment variable.
    Environment(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Text { text, span } => {
                let (line, column) = text.line_column(span.start);
                write!(f, "{}:{line}:{column}", text.name())
            }
            Place::Path(name) | Place::Environment(name) => f.write_str(name),
        }
    }
}

/// One fault, worded for the person who can mend it. It never quotes a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub place: Place,
    pub hint: Option<String>,
}

impl Diagnostic {
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        let message = legible(message.into());
        Self { code, severity: Severity::Error, message, place, hint: None }
    }

    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// Adds what to do about it; `None` leaves it as it is.
    pub fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        if let Some(hint) = hint.into() {
            self.hint = Some(legible(hint));
        }
        self
    }

    /// Without what is masked where it is about; `raw` is the text of that file.
    pub fn masked(mut self, raw: &str) -> Self {
        if let Place::Text { text, span } = &self.place {
            self.message = text.masked(raw, span, self.message);
            self.hint = self.hint.map(|hint| text.masked(raw, span, hint));
        }
        self
    }

    /// The part of it that may be logged: what follows the first line of a text are values of a
    /// sample, which may be a real person's.
    pub fn headline(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// Where in its file it is, so that faults can be told in the order of their places.
    pub fn offset(&self) -> usize {
        match &self.place {
            Place::Text { span, .. } => span.start,
            Place::Path(_) | Place::Environment(_) => 0,
        }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Whether a terminal may do something else with it than show it: control characters, and what
/// turns the direction of writing or breaks lines.
pub fn is_obeyed(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
}

/// Longer than any sentence, and than any lead that a case shows.
const TEXT_CHARS_MAX: usize = 4_000;

/// What is said may quote a file, which may hold anything: also what a terminal would obey, and a
/// key of a megabyte.
fn legible(text: String) -> String {
    let is_harmless = |c: char| c == '\n' || !is_obeyed(c);
    if text.len() <= TEXT_CHARS_MAX && text.chars().all(is_harmless) {
        return text;
    }
    let shown = |c: char| if is_harmless(c) { c } else { char::REPLACEMENT_CHARACTER };
    let mut legible: String = text.chars().take(TEXT_CHARS_MAX).map(shown).collect();
    if text.chars().nth(TEXT_CHARS_MAX).is_some() {
        legible.push('…');
    }
    legible
}

/// The candidate nearest to what was typed, as a hint ("did you mean `x`?"), if one is near.
pub fn did_you_mean<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(typed, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// The candidate nearest to what was typed, if one is near.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer than any candidate by far; and comparing takes time.
    if typed.len() > 100 {
        return None;
    }
    let distance = |candidate: &str| {
        strsim::damerau_levenshtein(&typed.to_lowercase(), &candidate.to_lowercase())
    };
    candidates
        .into_iter()
        .filter(|candidate| distance(candidate) <= 1 + candidate.len() / 4)
        .min_by_key(|candidate| {
            (distance(candidate), strsim::damerau_levenshtein(typed, candidate))
        })
}
