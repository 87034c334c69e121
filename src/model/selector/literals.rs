//! The texts, numbers and names that stand in a query or condition: what it compares values with,
//! and which members it looks at.

use super::program::{Condition, Pick, Segment};
use super::{Filter, Selector};
use serde_json::Value;

/// A text, number or name in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// What a value is compared with; a number as JSON writes it.
    Value(String),
    /// The name of a member.
    Name(String),
    /// The regular expression of `match` or `search`.
    Pattern(String),
}

impl Selector {
    /// What the query looks at and compares values with.
    pub fn literals(&self) -> Vec<Literal> {
        let mut literals = Vec::new();
        of_segments(&self.segments, &mut literals);
        literals
    }
}

impl Filter {
    /// What the condition looks at and compares values with.
    pub fn literals(&self) -> Vec<Literal> {
        let mut literals = Vec::new();
        of_condition(&self.condition, &mut literals);
        literals
    }
}

fn of_segments(segments: &[Segment], literals: &mut Vec<Literal>) {
    segments.iter().for_each(|segment| of_pick(&segment.pick, literals));
}

fn of_pick(pick: &Pick, literals: &mut Vec<Literal>) {
    match pick {
        Pick::Name(name) => literals.push(Literal::Name(name.clone())),
        Pick::Filter(condition) => of_condition(condition, literals),
        Pick::Union(picks) => picks.iter().for_each(|pick| of_pick(pick, literals)),
        Pick::Index(_) | Pick::Every | Pick::Slice { .. } => {}
    }
}

fn of_condition(condition: &Condition, literals: &mut Vec<Literal>) {
    condition.queries().iter().for_each(|query| of_segments(&query.segments, literals));
    let values = condition.values().into_iter().filter_map(|value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    literals.extend(values.map(Literal::Value));
    let patterns = condition.patterns().into_iter();
    literals.extend(patterns.map(|pattern| Literal::Pattern(pattern.to_owned())));
}

#[cfg(test)]
mod tests {
    use super::Literal::{self, Name, Pattern, Value};
    use super::{Filter, Selector};

    fn value(text: &str) -> Literal {
        Value(text.to_owned())
    }

    fn name(text: &str) -> Literal {
        Name(text.to_owned())
    }

    #[track_caller]
    fn query(text: &str, expected: &[Literal]) {
        assert_eq!(Selector::parse(text).unwrap().literals(), expected);
    }

    #[track_caller]
    fn condition(text: &str, expected: &[Literal]) {
        assert_eq!(Filter::parse(text).unwrap().literals(), expected);
    }

    #[test]
    fn texts_numbers_and_names_are_found() {
        query("$", &[]);
        query("$.data['b c'][0]", &[name("data"), name("b c")]);
        query("$[?@.ref == 'email'].x", &[name("ref"), value("email"), name("x")]);
        query("$['a', ?@.b == 1]", &[name("a"), name("b"), value("1")]);
        let quotes = [name("say \"a\""), value("it's")];
        condition(r#"@[0] == "it's" && @['say "a"']"#, &quotes);
        condition(r"@.a == 'it\'s \u00e9'", &[name("a"), value("it's é")]);
        condition("@.x2 == 12345 || @ > 1.5", &[name("x2"), value("12345"), value("1.5")]);
        let pattern = Pattern("(?i)your name".to_owned());
        query("$[?search(@.title, '(?i)your name')]", &[name("title"), pattern]);
    }
}
