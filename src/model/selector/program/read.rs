//! From the text of a query to its parts.
//!
//! The text has been judged by the scan and the library already, so that this reads valid RFC 9535
//! without `..` and with singular queries only inside conditions. It answers `None` for anything
//! else and words no fault of its own.

use super::{Condition, Logic, Operand, Operator, Pick, Segment, Singular};
use crate::model::selector::pattern;
use regex::Regex;
use serde_json::Value;

/// Reads a whole query, which begins with `$`.
pub(in crate::model::selector) fn query(text: &str) -> Option<Vec<Segment>> {
    let mut reader = Reader { text, at: 0 };
    reader.expect("$")?;
    let mut segments = Vec::new();
    while let Some(segment) = reader.segment()? {
        segments.push(segment);
    }
    reader.is_at_end().then_some(segments)
}

/// Reads a whole condition.
pub(in crate::model::selector) fn condition(text: &str) -> Option<Condition> {
    let mut reader = Reader { text, at: 0 };
    let condition = reader.any()?;
    reader.skip_blanks();
    reader.is_at_end().then_some(condition)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Takes `sign` if it comes next, blanks before it aside.
    fn take(&mut self, sign: &str) -> bool {
        let start = self.at;
        self.skip_blanks();
        let found = self.rest().starts_with(sign);
        self.at = if found { self.at + sign.len() } else { start };
        found
    }

    fn expect(&mut self, sign: &str) -> Option<()> {
        self.take(sign).then_some(())
    }

    /// The inner `None` where the query ends.
    fn segment(&mut self) -> Option<Option<Segment>> {
        let before = self.at;
        self.skip_blanks();
        let start = self.at;
        let pick = if self.take(".") {
            if self.take("*") { Pick::Every } else { Pick::Name(self.name()?) }
        } else if self.take("[") {
            let first = self.pick()?;
            let mut more = Vec::new();
            while self.take(",") {
                more.push(self.pick()?);
            }
            self.expect("]")?;
            if more.is_empty() { first } else { Pick::Union([vec![first], more].concat()) }
        } else {
            self.at = before;
            return Some(None);
        };
        Some(Some(Segment { span: start..self.at, pick }))
    }

    fn pick(&mut self) -> Option<Pick> {
        self.skip_blanks();
        if self.take("*") {
            return Some(Pick::Every);
        }
        if self.take("?") {
            return self.any().map(Pick::Filter);
        }
        if self.rest().starts_with(['\'', '"']) {
            return self.quoted().map(Pick::Name);
        }
        let start = self.integer();
        if !self.take(":") {
            return start.map(Pick::Index);
        }
        self.skip_blanks();
        let end = self.integer();
        let mut step = None;
        if self.take(":") {
            self.skip_blanks();
            step = self.integer();
        }
        Some(Pick::Slice { start, end, step: step.unwrap_or(1) })
    }

    /// A name after a dot.
    fn name(&mut self) -> Option<String> {
        let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
        let rest = self.rest();
        let length = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
        self.at += length;
        (length > 0).then(|| rest[..length].to_owned())
    }

    /// A text in quotes.
    fn quoted(&mut self) -> Option<String> {
        pattern::unescape(self.literal()?)
    }

    /// A text in quotes, as it stands.
    fn literal(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut escaped = false;
        let closes = |c: char| {
            let closes = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        };
        let length = rest[1..].find(closes)? + 2;
        self.at += length;
        Some(&rest[..length])
    }

    fn integer(&mut self) -> Option<i64> {
        let rest = self.rest();
        let sign = usize::from(rest.starts_with('-'));
        let digits = rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
        let number = rest[..sign + digits].parse().ok()?;
        self.at += sign + digits;
        Some(number)
    }

    fn any(&mut self) -> Option<Condition> {
        self.joined("||", Logic::Any, Self::all)
    }

    fn all(&mut self) -> Option<Condition> {
        self.joined("&&", Logic::All, Self::basic)
    }

    fn joined(
        &mut self,
        sign: &str,
        join: fn(Vec<Condition>) -> Logic,
        part: fn(&mut Self) -> Option<Condition>,
    ) -> Option<Condition> {
        self.skip_blanks();
        let start = self.at;
        let mut parts = vec![part(self)?];
        while self.take(sign) {
            self.skip_blanks();
            parts.push(part(self)?);
        }
        if parts.len() == 1 {
            return parts.pop();
        }
        Some(Condition { span: start..self.at, logic: join(parts) })
    }

    fn basic(&mut self) -> Option<Condition> {
        self.skip_blanks();
        let start = self.at;
        let logic = if self.take("!") {
            Logic::Not(Box::new(self.basic()?))
        } else if self.take("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner.logic
        } else if self.take("match(") {
            self.matches(pattern::whole)?
        } else if self.take("search(") {
            self.matches(pattern::part)?
        } else {
            self.comparison()?
        };
        Some(Condition { span: start..self.at, logic })
    }

    /// The arguments of `match` or `search`.
    fn matches(&mut self, compile: fn(&str) -> Option<Regex>) -> Option<Logic> {
        let text = self.operand()?;
        self.expect(",")?;
        self.skip_blanks();
        let written = self.quoted()?;
        let pattern = compile(&written)?;
        self.expect(")")?;
        Some(Logic::Matches { text, pattern, written })
    }

    /// A comparison, or a query that is there.
    fn comparison(&mut self) -> Option<Logic> {
        const OPERATORS: [(&str, Operator); 6] = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let left = self.operand()?;
        match (OPERATORS.iter().find(|(sign, _)| self.take(sign)), left) {
            (Some((_, operator)), left) => {
                let right = self.operand()?;
                Some(Logic::Compare { left, operator: *operator, right })
            }
            (None, Operand::Query(query)) => Some(Logic::Exists(query)),
            (None, _) => None,
        }
    }

    fn operand(&mut self) -> Option<Operand> {
        self.skip_blanks();
        let rest = self.rest();
        if rest.starts_with(['@', '$']) {
            return self.singular().map(Operand::Query);
        }
        if self.take("length(") {
            let inner = self.operand()?;
            self.expect(")")?;
            return Some(Operand::Length(Box::new(inner)));
        }
        if self.take("count(") {
            return self.argument().map(Operand::Count);
        }
        if self.take("value(") {
            return self.argument().map(Operand::Query);
        }
        if rest.starts_with(['\'', '"']) {
            return self.quoted().map(|text| Operand::Literal(Value::String(text)));
        }
        // Numbers and the three words are those of JSON.
        let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
        let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        self.at += length;
        serde_json::from_str(&rest[..length]).ok().map(Operand::Literal)
    }

    /// The only argument of a function, a query.
    fn argument(&mut self) -> Option<Singular> {
        self.skip_blanks();
        let query = self.singular()?;
        self.expect(")")?;
        Some(query)
    }

    fn singular(&mut self) -> Option<Singular> {
        let start = self.at;
        let from_root = self.take("$");
        if !from_root {
            self.expect("@")?;
        }
        let (mut segments, mut end) = (Vec::new(), self.at);
        while let Some(segment) = self.segment()? {
            end = segment.span.end;
            segments.push(segment);
        }
        let is_singular = segments.iter().all(Segment::is_singular);
        is_singular.then_some(Singular { span: start..end, from_root, segments })
    }
}
