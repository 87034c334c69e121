//! What the rules of a file look at, each with the place where they say so.
//!
//! For those who compare the rules with samples of the events that they are for. Absent here: the
//! samples, and what a form does with what it finds.

use super::click::ClickRule;
use super::form::{Form, Source};
use super::rule::Rule;
use super::scope::Scope;
use super::{Mapping, Spanned};
use crate::model::{Filter, Selector};
use serde_json::Value;
use std::ops::Range;

/// What one rule looks at.
#[derive(Clone, Debug)]
pub struct Reach<'m> {
    /// Event types, as the provider names them; empty for all.
    pub on: &'m [Spanned<String>],
    /// In the order of their places.
    pub reads: Vec<Read<'m>>,
}

/// One look at the event. Spans are those of whole TOML strings.
#[derive(Clone, Copy, Debug)]
pub enum Read<'m> {
    Query(&'m Spanned<Selector>),
    Condition(&'m Spanned<Filter>),
    /// The members `key` and `take` of the entries that `within` selects.
    Lookup {
        within: &'m Spanned<Selector>,
        key: &'m Spanned<String>,
        take: &'m Spanned<String>,
    },
    /// A text that is sent as it is, and the form that says so.
    Text {
        text: &'m str,
        span: &'m Range<usize>,
    },
}

impl Mapping {
    /// What each rule looks at: those that make leads, then those that learn clicks.
    pub fn reach(&self) -> impl Iterator<Item = Reach<'_>> {
        self.rules.iter().map(Rule::reach).chain(self.clicks.iter().map(ClickRule::reach))
    }
}

impl Rule {
    fn reach(&self) -> Reach<'_> {
        self.scope.reach(self.fields.iter().map(|field| &field.form))
    }
}

impl ClickRule {
    fn reach(&self) -> Reach<'_> {
        self.scope.reach([&self.customer, &self.click_id])
    }
}

impl Scope {
    fn reach<'m>(&'m self, forms: impl IntoIterator<Item = &'m Form>) -> Reach<'m> {
        let mut reads: Vec<_> = self.when.iter().map(Read::Condition).collect();
        forms.into_iter().for_each(|form| form.reach(&mut reads));
        reads.sort_by_key(Read::start);
        Reach { on: &self.on, reads }
    }
}

impl Read<'_> {
    fn start(&self) -> usize {
        match self {
            Read::Query(query) => query.span.start,
            Read::Condition(condition) => condition.span.start,
            Read::Lookup { within, .. } => within.span.start,
            Read::Text { span, .. } => span.start,
        }
    }
}

impl Form {
    fn reach<'m>(&'m self, reads: &mut Vec<Read<'m>>) {
        match &self.source {
            Source::Query(query) | Source::All(query) => reads.push(Read::Query(query)),
            Source::Literal(Value::String(text)) => {
                reads.push(Read::Text { text, span: &self.span });
            }
            Source::Inner(form) => form.reach(reads),
            Source::First(members) | Source::Join { members, .. } | Source::List(members) => {
                members.iter().for_each(|form| form.reach(reads));
            }
            Source::Object(members) => members.iter().for_each(|(_, form)| form.reach(reads)),
            Source::Literal(_) | Source::Header(_) | Source::Parameter(_) | Source::Event(_) => {}
        }
        if let Some(lookup) = &self.lookup {
            let (within, key, take) = (&lookup.within, &lookup.key, &lookup.take);
            reads.push(Read::Lookup { within, key, take });
        }
    }
}
