//! One pass over the text of a query, before the library parses it.
//!
//! It knows string literals, brackets and names, and no grammar beyond that: what is refused is
//! refused wherever it stands outside a literal, also in a text that is not valid. That keeps the
//! nesting and the cost bounded whatever the library would have made of it.

mod words;

use super::{SelectorError, pattern};

/// How deep brackets and parentheses nest: the library parses by recursion.
const NESTING_MAX: usize = 16;
/// How often one value may be selected by one query, by naming it several times in brackets.
const REPEATS_MAX: usize = 64;
/// The functions of RFC 9535.
const FUNCTIONS: [&str; 5] = ["length", "count", "match", "search", "value"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Condition,
}

impl Kind {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Kind::Query => "query",
            Kind::Condition => "condition",
        }
    }
}

/// Finds the first thing in `text` that is refused or known to be a mistake.
pub(super) fn check(text: &str, kind: Kind) -> Result<(), SelectorError> {
    let mut scan = Scan { text, at: 0, open: Vec::new(), kind, repeats: 1 };
    while let Some(byte) = text.as_bytes().get(scan.at) {
        scan.step(*byte)?;
    }
    match scan.open.pop() {
        Some(open) => {
            let bracket = &text[open.start..=open.start];
            let message = format!("this `{bracket}` is never closed");
            Err(SelectorError::new(open.start..open.start + 1, message))
        }
        None => Ok(()),
    }
}

struct Scan<'a> {
    text: &'a str,
    /// The next byte to look at; always at a character.
    at: usize,
    open: Vec<Open>,
    kind: Kind,
    /// How often one value can have been selected so far.
    repeats: usize,
}

/// A bracket or parenthesis that is not closed yet.
struct Open {
    start: usize,
    what: What,
}

enum What {
    /// `[...]` of a query that may select many values.
    Segment(Segment),
    /// `[...]` inside a filter: one name or index.
    Singular,
    /// `(...)`; `pattern` where its second argument must be a regular expression.
    Group { pattern: bool, arguments: usize, checked: bool },
}

#[derive(Default)]
struct Segment {
    /// The selectors so far, without the one that is being read.
    selectors: usize,
    /// Whether the one being read is a filter.
    is_filter: bool,
}

impl Scan<'_> {
    fn step(&mut self, byte: u8) -> Result<(), SelectorError> {
        match byte {
            b'\'' | b'"' => self.literal(byte),
            b'.' => self.dot(),
            b'*' => self.wide("a wildcard"),
            b':' => self.wide("a slice"),
            b'?' => self.question_mark(),
            b',' => self.comma(),
            b'[' | b'(' => self.opening(byte),
            b']' | b')' => self.closing(byte),
            b'=' | b'!' | b'<' | b'>' | b'&' | b'|' => self.operator(),
            b'$' => self.dollar(),
            b'0'..=b'9' => self.number(),
            b' ' if self.kind == Kind::Query && self.open.is_empty() => self.blank(),
            b'\\' => Err(self
                .fault(1, "a backslash has no meaning outside quotes")
                .hint("inside brackets, names are quoted without it: ['first name']")),
            _ => self.word(),
        }
    }

    fn fault(&self, length: usize, message: impl Into<String>) -> SelectorError {
        SelectorError::new(self.at..self.at + length, message)
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Whether what stands here is part of a condition.
    fn in_filter(&self) -> bool {
        let filters =
            |open: &Open| matches!(&open.what, What::Segment(segment) if segment.is_filter);
        self.kind == Kind::Condition || self.open.iter().any(filters)
    }

    fn literal(&mut self, quote: u8) -> Result<(), SelectorError> {
        let mut escaped = false;
        let end = self.rest().bytes().skip(1).position(|byte| {
            let closes = byte == quote && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(end) = end else {
            let length = self.rest().len();
            return Err(self.fault(length, "this quote is never closed"));
        };
        let span = self.at..self.at + end + 2;
        if let Some(Open { what: What::Group { pattern: true, arguments: 1, checked }, .. }) =
            self.open.last_mut()
        {
            pattern::check(&self.text[span.clone()]).map_err(|fault| {
                SelectorError::new(span.clone(), fault.message).hint(fault.hint)
            })?;
            *checked = true;
        }
        self.at = span.end;
        Ok(())
    }

    fn wide(&mut self, what: &str) -> Result<(), SelectorError> {
        if self.in_filter() {
            return Err(self.not_singular(1, what));
        }
        self.at += 1;
        Ok(())
    }

    fn not_singular(&self, length: usize, what: &str) -> SelectorError {
        SelectorError::unbounded(
            self.at..self.at + length,
            format!("{what} inside a filter is refused: it would visit far too many values"),
        )
        .hint("inside a filter, name one value: `@.name`, `@['name']` or `@.list[0]`")
    }

    fn question_mark(&mut self) -> Result<(), SelectorError> {
        if self.open.is_empty() {
            let hint = match self.kind {
                Kind::Query => "leave it out: what is not there is missing, and no fault",
                Kind::Condition => "say only what must hold, as in `@.data.plan == 'pro'`",
            };
            return Err(self.fault(1, "`?` has no meaning outside brackets").hint(hint));
        }
        if self.in_filter() {
            return Err(self.not_singular(1, "another filter"));
        }
        if let Some(Open { what: What::Segment(segment), .. }) = self.open.last_mut() {
            segment.is_filter = true;
        }
        self.at += 1;
        Ok(())
    }

    fn comma(&mut self) -> Result<(), SelectorError> {
        match self.open.last_mut().map(|open| &mut open.what) {
            Some(What::Segment(segment)) => segment.next(),
            Some(What::Singular) => return Err(self.not_singular(1, "a list of selectors")),
            Some(What::Group { arguments, .. }) => *arguments += 1,
            None if self.kind == Kind::Condition => {
                return Err(self
                    .fault(1, "a comma has no meaning here")
                    .hint("join conditions by `&&` (and) or `||` (or)"));
            }
            None => {}
        }
        self.at += 1;
        Ok(())
    }

    fn opening(&mut self, byte: u8) -> Result<(), SelectorError> {
        if self.open.len() >= NESTING_MAX {
            return Err(self.fault(1, format!("brackets nest deeper than {NESTING_MAX} levels")));
        }
        let what = match byte {
            b'[' if self.in_filter() => What::Singular,
            b'[' => What::Segment(Segment::default()),
            _ => self.group()?,
        };
        self.open.push(Open { start: self.at, what });
        self.at += 1;
        Ok(())
    }

    /// What the parenthesis at hand opens, which the name before it decides.
    fn group(&self) -> Result<What, SelectorError> {
        let before = &self.text[..self.at];
        let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let start = before.trim_end_matches(is_name).len();
        let name = &before[start..];
        if !name.is_empty() && !before[..start].ends_with('.') && !FUNCTIONS.contains(&name) {
            let error =
                SelectorError::new(start..self.at, format!("there is no function `{name}`"));
            return Err(error.hint(words::function_hint(name)));
        }
        if !name.is_empty() && before[..start].ends_with('.') {
            let error = SelectorError::new(start..self.at, format!("`{name}` can't stand here"));
            return Err(error.hint(words::function_hint(name)));
        }
        let pattern = matches!(name, "match" | "search");
        Ok(What::Group { pattern, arguments: 0, checked: false })
    }

    fn closing(&mut self, byte: u8) -> Result<(), SelectorError> {
        let fits = |open: &Open| matches!(open.what, What::Group { .. }) == (byte == b')');
        let Some(open) = self.open.pop().filter(fits) else {
            let message = format!("nothing is open that this `{}` could close", char::from(byte));
            return Err(self.fault(1, message));
        };
        self.at += 1;
        match open.what {
            What::Singular => Ok(()),
            What::Segment(segment) => self.close_segment(open.start, segment),
            What::Group { pattern: true, checked: false, .. } => Err(SelectorError::unbounded(
                open.start..self.at,
                "the second argument must be a regular expression in quotes",
            )
            .hint("as in `search(@.email, '@example[.]com$')`")),
            What::Group { .. } => Ok(()),
        }
    }

    fn close_segment(&mut self, start: usize, mut segment: Segment) -> Result<(), SelectorError> {
        segment.next();
        self.repeats = self.repeats.saturating_mul(segment.selectors);
        if self.repeats > REPEATS_MAX {
            let message = format!(
                "the brackets up to here could select one value more than {REPEATS_MAX} times"
            );
            return Err(SelectorError::unbounded(start..self.at, message));
        }
        Ok(())
    }
}

impl Segment {
    /// Ends the selector that is being read.
    fn next(&mut self) {
        self.selectors += 1;
        self.is_filter = false;
    }
}
