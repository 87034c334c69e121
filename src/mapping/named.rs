//! What the rules of a mapping compare values with: whoever changes an event without changing what
//! becomes of it leaves these values as they are.

use super::Mapping;
use crate::model::Literal;
use std::collections::BTreeSet;

/// Literals that stand in a mapping file and are compared with values of events. Those that
/// are only sent (`value`, `default`) are not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Whole values, numbers as they are written.
    pub values: BTreeSet<String>,
    /// Names of members that queries look at.
    pub keys: BTreeSet<String>,
    /// Parts of texts, which are looked for without regard to case.
    pub phrases: BTreeSet<String>,
}

impl Mapping {
    /// What the rules compare values of events with.
    pub fn named(&self) -> Named {
        let rules = self.rules.iter().map(|rule| (&rule.scope, &rule.fields[..]));
        let clicks = self.clicks.iter().map(|rule| (&rule.scope, &rule.fields[..]));
        let mut named = Named::default();
        for (scope, fields) in rules.chain(clicks) {
            scope.name_literals(&mut named);
            fields.iter().for_each(|field| field.form.name_literals(&mut named));
        }
        named
    }
}

impl Named {
    pub(super) fn value(&mut self, value: &str) {
        self.values.insert(value.to_owned());
    }

    pub(super) fn literal(&mut self, literal: Literal) {
        match literal {
            Literal::Value(value) => {
                self.values.insert(value);
            }
            Literal::Name(name) => {
                self.keys.insert(name);
            }
            Literal::Pattern(pattern) => self.phrases.extend(phrase(&pattern)),
        }
    }
}

/// The text that a pattern looks for, if that is all it does.
fn phrase(pattern: &str) -> Option<String> {
    let text = pattern.strip_prefix("(?i)").unwrap_or(pattern);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '\'' | '@' | ',');
    (!text.is_empty() && text.chars().all(is_plain)).then(|| text.to_owned())
}
