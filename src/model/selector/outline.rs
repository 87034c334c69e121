//! What a query or condition names, step by step, each with its place in the text.
//!
//! For those who tell a person where a query goes astray. It reads only what has been compiled, so
//! it meets no fault, and it evaluates nothing: that is the library's.

use super::{Filter, Selector, pattern};
use std::ops::Range;

/// A way into a value: that of a query, or one of those in a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub origin: Origin,
    /// The whole way, in bytes of the text, its `$` or `@` included.
    pub span: Range<usize>,
    pub steps: Vec<Step>,
}

/// Where a way begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `$`: the event.
    Event,
    /// `@`: the event in a condition, the value that is tested in a filter.
    Current,
}

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In bytes of the text, with the dot or the brackets.
    pub span: Range<usize>,
    pub kind: StepKind,
}

/// Where a step goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// To the member of this name.
    Name(String),
    /// To one entry of a list.
    Index,
    /// To several members or entries.
    Several,
    /// To those that meet a condition, with the ways in it.
    Filter(Vec<Way>),
}

impl Selector {
    /// The way of the query.
    pub fn way(&self) -> Way {
        Outline { text: self.text(), at: 0 }.way()
    }
}

impl Filter {
    /// The ways of the condition, in the order in which they stand there.
    pub fn ways(&self) -> Vec<Way> {
        ways(self.text(), 0..self.text().len())
    }
}

impl Step {
    /// Where what the step names stands: the name without its dot, or the brackets.
    pub fn mark(&self, text: &str) -> Range<usize> {
        let dot = usize::from(text[self.span.clone()].starts_with('.'));
        self.span.start + dot..self.span.end
    }
}

fn ways(text: &str, within: Range<usize>) -> Vec<Way> {
    let mut outline = Outline { text, at: within.start };
    let mut ways = Vec::new();
    while outline.at < within.end {
        match text.as_bytes()[outline.at] {
            b'\'' | b'"' => outline.at = outline.literal_end(),
            b'$' | b'@' => ways.push(outline.way()),
            _ => outline.at += 1,
        }
    }
    ways
}

struct Outline<'a> {
    text: &'a str,
    /// The next byte to look at.
    at: usize,
}

impl Outline<'_> {
    /// The way that begins at hand.
    fn way(&mut self) -> Way {
        let start = self.at;
        let origin = if self.byte() == Some(b'$') { Origin::Event } else { Origin::Current };
        self.at += 1;
        let mut steps: Vec<Step> = Vec::new();
        while let Some(step) = self.step() {
            self.at = step.span.end;
            steps.push(step);
        }
        Way { origin, span: start..self.at, steps }
    }

    /// The step at hand, with blanks before it or without.
    fn step(&self) -> Option<Step> {
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let (length, kind) = match self.text.as_bytes().get(start)? {
            b'.' if self.text[start..].starts_with(".*") => (2, StepKind::Several),
            b'.' => {
                let name = &self.text[start + 1..];
                let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
                let length = name.find(|c| !in_name(c)).unwrap_or(name.len());
                (1 + length, StepKind::Name(name[..length].to_owned()))
            }
            b'[' => {
                let end = Outline { text: self.text, at: start }.bracket_end();
                (end - start, self.bracketed(start + 1..end.saturating_sub(1)))
            }
            _ => return None,
        };
        Some(Step { span: start..start + length, kind })
    }

    fn bracketed(&self, inner: Range<usize>) -> StepKind {
        let text = self.text[inner.clone()].trim();
        let literal =
            text.starts_with(['\'', '"']) && Outline { text, at: 0 }.literal_end() == text.len();
        match pattern::unescape(text).filter(|_| literal) {
            Some(name) => StepKind::Name(name),
            None if text.starts_with('?') => StepKind::Filter(ways(self.text, inner)),
            None if text.parse::<i64>().is_ok() => StepKind::Index,
            None => StepKind::Several,
        }
    }

    /// Where the bracket that opens at hand has been closed.
    fn bracket_end(mut self) -> usize {
        let mut open = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'\'' | b'"' => {
                    self.at = self.literal_end();
                    continue;
                }
                b'[' => open += 1,
                b']' => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                break;
            }
        }
        self.at
    }

    /// Where the literal that begins at hand has ended.
    fn literal_end(&self) -> usize {
        let Some(quote) = self.byte() else { return self.at };
        let mut escaped = false;
        let closing = self.text.bytes().skip(self.at + 1).position(|byte| {
            let closes = byte == quote && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        closing.map_or(self.text.len(), |length| self.at + length + 2)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step as `text|kind`, the ways of its filter in parentheses.
    fn shown(text: &str, way: &Way) -> String {
        let step = |step: &Step| {
            let kind = match &step.kind {
                StepKind::Name(name) => format!("={name}"),
                StepKind::Index => "=#".to_owned(),
                StepKind::Several => "=*".to_owned(),
                StepKind::Filter(ways) => {
                    let ways: Vec<_> = ways.iter().map(|way| shown(text, way)).collect();
                    format!("=({})", ways.join("; "))
                }
            };
            format!("{}{kind}", &text[step.mark(text)])
        };
        let origin = if way.origin == Origin::Event { "$" } else { "@" };
        let steps: Vec<_> = way.steps.iter().map(step).collect();
        format!("{origin} {}", steps.join(" "))
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let way = Selector::parse(text).unwrap().way();
        assert_eq!(shown(text, &way), expected);
        assert_eq!(way.span, 0..text.len());
    }

    #[track_caller]
    fn check_condition(text: &str, expected: &[&str]) {
        let ways = Filter::parse(text).unwrap().ways();
        let ways: Vec<_> = ways.iter().map(|way| shown(text, way)).collect();
        assert_eq!(ways, expected);
    }

    #[test]
    fn a_query_is_a_way_of_steps() {
        check("$", "$ ");
        check("$.a.bé_1", "$ a=a bé_1=bé_1");
        check("$['a b'][\"it's\"]", "$ ['a b']=a b [\"it's\"]=it's");
        check(r"$['a\'b]'].c", r"$ ['a\'b]']=a'b] c=c");
        check("$[0][-1][1:2][*].*['a','b']", "$ [0]=# [-1]=# [1:2]=* [*]=* *=* ['a','b']=*");
        check("$ .a [ 'b' ]", "$ a=a [ 'b' ]=b");
    }

    #[test]
    fn filters_hold_ways() {
        check("$.a[?@.b.c == $.d].e", "$ a=a [?@.b.c == $.d]=(@ b=b c=c; $ d=d) e=e");
        check("$.a[?@['x]'] == '@.no'].e", "$ a=a [?@['x]'] == '@.no']=(@ ['x]']=x]) e=e");
        check_condition(
            "!@.a && search(@.b[0].c, '@') || @ == 1",
            &["@ a=a", "@ b=b [0]=# c=c", "@ "],
        );
    }

    proptest::proptest! {
        #[test]
        fn every_way_can_be_told(text in r#"\$(\.[a-cé]{1,3}|\[('[a\]]{0,2}'|0|\*|1:|\?@\.a == ['"]x['"])\] ?){0,6}"#) {
            if let Ok(selector) = Selector::parse(&text) {
                let way = selector.way();
                for step in &way.steps {
                    Selector::parse(&text[..step.span.end]).unwrap();
                }
            }
        }
    }
}
