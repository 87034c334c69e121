//! The mistakes that people make in words and signs, between brackets.

use super::{FUNCTIONS, Kind, Open, Scan, What};
use crate::diagnostic::did_you_mean;
use crate::model::selector::SelectorError;

/// What to write instead of a function that isn't there.
pub(super) fn function_hint(name: &str) -> String {
    let lower = name.to_lowercase().replace('_', "");
    let is = |names: &[&str]| names.contains(&lower.as_str());
    if is(&["contains", "includes", "has", "startswith", "endswith", "like", "test", "indexof"]) {
        return "write `search(@.name, 'part')`; in the part, ^ is the beginning and $ the end"
            .to_owned();
    }
    if is(&["lower", "lowercase", "tolower", "tolowercase", "upper", "toupper", "touppercase"]) {
        return "to ignore small and capital letters, write `search(@.name, '(?i)part')`"
            .to_owned();
    }
    did_you_mean(name, FUNCTIONS)
        .unwrap_or_else(|| "the functions are length, count, match, search and value".to_owned())
}

impl Scan<'_> {
    pub(super) fn dot(&mut self) -> Result<(), SelectorError> {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'.') => Err(SelectorError::unbounded(
                self.at..self.at + 2,
                "`..` is refused: it would visit the whole event",
            )
            .hint("name the way to the value, as in `$.data.email_addresses[0].email_address`")),
            None => Err(self.fault(1, "the query ends in a dot").hint("leave the last dot out")),
            Some(b'[') => {
                Err(self.fault(1, "a dot can't stand before `[`").hint("leave the dot out"))
            }
            Some(_) => self.member(),
        }
    }

    /// `.name` or `.*`; the dot is at hand.
    fn member(&mut self) -> Result<(), SelectorError> {
        self.at += 1;
        let length = word_length(self.rest());
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.number_after_dot(length));
        }
        if length > 0 && self.rest()[length..].starts_with('-') {
            let all = word_length_with(self.rest(), Some('-'));
            let name = &self.rest()[..all];
            let start = self.at - 1;
            let hint = format!("write `['{name}']`");
            return Err(SelectorError::new(start..self.at + all, "a name with `-` must be quoted")
                .hint(hint));
        }
        self.at += length;
        Ok(())
    }

    fn number_after_dot(&self, length: usize) -> SelectorError {
        let name = &self.rest()[..length];
        let span = self.at - 1..self.at + length;
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return SelectorError::new(span, "an entry of a list is numbered in brackets")
                .hint(format!("write `[{name}]`"));
        }
        SelectorError::new(span, "a name that begins with a digit must be quoted")
            .hint(format!("write `['{name}']`"))
    }

    /// A blank outside brackets. One may stand before a dot or bracket, which nobody does; others
    /// are part of a name, or two queries in one text.
    pub(super) fn blank(&mut self) -> Result<(), SelectorError> {
        let next = self.rest().trim_start();
        if next.starts_with('$') {
            let (first, second) = (self.text[..self.at].trim_end(), next.trim_end());
            let join = format!("{{ join = [\"{first}\", \"{second}\"], with = \" \" }}");
            let length = self.rest().len();
            return Err(self
                .fault(length, "one query ends and another one begins here")
                .hint(format!("join them: {join}")));
        }
        let start = self.text[..self.at].rfind(['.', ']', '$']).unwrap_or(0);
        if word_length(next) > 0 && self.text[start..].starts_with('.') {
            let end = next
                .find(['.', '['])
                .map_or(self.text.len(), |at| self.text.len() - next.len() + at);
            let name = &self.text[start + 1..end];
            return Err(SelectorError::new(start..end, "a name with a blank must be quoted")
                .hint(format!("write `['{name}']`")));
        }
        self.at += 1;
        Ok(())
    }

    /// A number as a whole, so that neither its dot nor its exponent is taken for something else.
    pub(super) fn number(&mut self) -> Result<(), SelectorError> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        self.at += digits(self.rest());
        if let Some(fraction) = self.rest().strip_prefix('.').map(digits).filter(|count| *count > 0)
        {
            self.at += 1 + fraction;
        }
        if let Some(exponent) = self.rest().strip_prefix(['e', 'E']) {
            let unsigned = exponent.trim_start_matches(['+', '-']);
            self.at += 1 + (exponent.len() - unsigned.len()) + digits(unsigned);
        }
        Ok(())
    }

    pub(super) fn word(&mut self) -> Result<(), SelectorError> {
        let length = word_length(self.rest());
        let word = &self.rest()[..length];
        let hint = match word {
            _ if !self.in_filter() || self.rest()[length..].starts_with('(') => None,
            "and" | "AND" => Some("join conditions by `&&`"),
            "or" | "OR" => Some("join conditions by `||`"),
            "not" | "NOT" => Some("negate with `!`, as in `!(@.a == 1)`"),
            "is" | "IS" | "equals" => Some("compare with `==`"),
            "in" | "IN" => Some("compare with each, as in `@.plan == 'pro' || @.plan == 'max'`"),
            "contains" | "like" | "LIKE" | "matches" => Some("write `search(@.name, 'part')`"),
            "True" | "TRUE" => Some("write `true`"),
            "False" | "FALSE" => Some("write `false`"),
            "None" | "nil" | "NULL" | "Null" | "undefined" => Some("write `null`"),
            _ => None,
        };
        if let Some(hint) = hint {
            return Err(self.fault(length, format!("`{word}` is not JSONPath")).hint(hint));
        }
        let Some(first) = self.rest().chars().next() else { return Ok(()) };
        if matches!(first, '‘' | '’' | '“' | '”' | '`') {
            return Err(self
                .fault(first.len_utf8(), "this is not a quote that JSONPath knows")
                .hint("quote with ' or \""));
        }
        if length > 0 && !self.rest()[length..].starts_with('(') {
            self.bare(length)?;
        }
        self.at += length.max(first.len_utf8());
        Ok(())
    }

    /// A word that is neither part of a way nor a function: forgotten quotes or a forgotten `@`.
    fn bare(&self, length: usize) -> Result<(), SelectorError> {
        let word = &self.rest()[..length];
        if !self.in_filter() {
            let in_brackets = matches!(self.open.last(), Some(Open { what: What::Segment(_), .. }));
            let error = self.fault(length, "a name in brackets must be quoted");
            return if in_brackets { Err(error.hint(format!("write `'{word}'`"))) } else { Ok(()) };
        }
        if matches!(word, "true" | "false" | "null") {
            return Ok(());
        }
        let ends = |c: char| c.is_whitespace() || "=!<>&|()".contains(c);
        let end = self.rest().find(ends).unwrap_or(self.rest().len());
        let way = &self.rest()[..end];
        if self.text[..self.at].ends_with('@') {
            return Err(self
                .fault(length, "after `@` comes a dot")
                .hint(format!("write `@.{way}`")));
        }
        if self.rest()[length..].starts_with(['.', '[']) {
            return Err(self
                .fault(end, "a value of the event is named from `@` on")
                .hint(format!("write `@.{way}`")));
        }
        Err(self
            .fault(length, "a text must be quoted")
            .hint(format!("write `'{word}'`, or `@.{word}` if it is a value of the event")))
    }

    /// Comparison and logic: the double signs pass, the single ones are the classic mistakes.
    pub(super) fn operator(&mut self) -> Result<(), SelectorError> {
        const RIGHT: [&str; 6] = ["==", "!=", "<=", ">=", "&&", "||"];
        const WRONG: [(&str, &str, &str); 7] = [
            ("===", "`===` is not JSONPath", "compare with `==`"),
            ("!==", "`!==` is not JSONPath", "compare with `!=`"),
            ("=~", "`=~` is not JSONPath", "test with `search(@.name, 'pattern')`"),
            ("<>", "`<>` is not JSONPath", "compare with `!=`"),
            ("=", "a single `=` is not JSONPath", "compare with `==`"),
            ("&", "a single `&` is not JSONPath", "join conditions by `&&`"),
            ("|", "a single `|` is not JSONPath", "join conditions by `||`"),
        ];
        let is_right = RIGHT.iter().any(|sign| self.rest().starts_with(sign));
        let wrong = WRONG.iter().find(|(sign, ..)| self.rest().starts_with(sign));
        match wrong {
            Some((sign, message, hint)) if sign.len() != 1 || !is_right => {
                Err(self.fault(sign.len(), *message).hint(*hint))
            }
            _ => {
                self.at += if is_right { 2 } else { 1 };
                Ok(())
            }
        }
    }

    pub(super) fn dollar(&mut self) -> Result<(), SelectorError> {
        if self.kind == Kind::Condition {
            return Err(self
                .fault(1, "`$` can't be used in a condition")
                .hint("write `@`, which stands for the event here"));
        }
        self.at += 1;
        Ok(())
    }
}

/// The bytes of the name, keyword or number that `text` begins with. Typographic quotes are left
/// to the caller although the standard would take them for part of a name: nobody means that.
fn word_length(text: &str) -> usize {
    word_length_with(text, None)
}

fn word_length_with(text: &str, extra: Option<char>) -> usize {
    let in_word = |char: char| {
        char.is_ascii_alphanumeric()
            || char == '_'
            || Some(char) == extra
            || (!char.is_ascii() && !matches!(char, '‘' | '’' | '“' | '”'))
    };
    text.find(|char| !in_word(char)).unwrap_or(text.len())
}
