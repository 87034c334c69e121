//! What the rules of a file look at, each with the place where they say so.
//!
//! For those who compare the rules with samples of the events that they are for, or with the events
//! that came. Absent here: the samples, and what a form does with what it finds.

use super::fields::Field;
use super::form::{Form, Source};
use super::scope::Scope;
use super::{Mapping, Spanned};
use crate::model::{Filter, RuleName, Selector};
use serde_json::Value;
use std::ops::Range;

/// What one rule looks at.
#[derive(Clone, Debug)]
pub struct Reach<'m> {
    /// `None` of a `[[click]]` rule.
    pub rule: Option<&'m RuleName>,
    /// Event types, as the provider names them; empty for all.
    pub on: &'m [Spanned<String>],
    /// In the order of their places.
    pub reads: Vec<Read<'m>>,
    /// The same by field, without the condition.
    pub fields: Vec<FieldReach<'m>>,
}

/// What one field looks at, or one member of an object of fields.
#[derive(Clone, Debug)]
pub struct FieldReach<'m> {
    /// As in `customerEmail` or `metadata.plan`.
    pub path: String,
    pub reads: Vec<Read<'m>>,
}

/// One look at the event. Spans are those of whole TOML strings.
#[derive(Clone, Copy, Debug)]
pub enum Read<'m> {
    Query(&'m Spanned<Selector>),
    Condition(&'m Spanned<Filter>),
    /// What `key` and `take` select of each of the entries that `within` selects.
    Lookup {
        within: &'m Spanned<Selector>,
        key: &'m Spanned<Selector>,
        take: &'m Spanned<Selector>,
    },
    /// A text that is sent as it is, and the form that says so.
    Text {
        text: &'m str,
        span: &'m Range<usize>,
    },
}

impl Mapping {
    /// What each `[[lead]]` rule looks at, in the order of the file.
    pub fn reach(&self) -> impl Iterator<Item = Reach<'_>> {
        self.rules.iter().map(|rule| reach(Some(&rule.name), &rule.scope, &rule.fields))
    }

    /// What each `[[click]]` rule looks at, in the order of the file.
    pub fn click_reach(&self) -> impl Iterator<Item = Reach<'_>> {
        self.clicks.iter().map(|rule| reach(None, &rule.scope, &rule.fields))
    }
}

fn reach<'m>(rule: Option<&'m RuleName>, scope: &'m Scope, fields: &'m [Field]) -> Reach<'m> {
    let mut reads: Vec<_> = scope.when.iter().map(Read::Condition).collect();
    let mut by_field = Vec::new();
    for field in fields {
        field.form.reach(&mut reads);
        field.form.reach_by_field(field.name.as_str().to_owned(), &mut by_field);
    }
    reads.sort_by_key(Read::start);
    Reach { rule, on: &scope.on, reads, fields: by_field }
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
    /// Adds what the field of this form looks at; of an object, what each member does.
    fn reach_by_field<'m>(&'m self, path: String, fields: &mut Vec<FieldReach<'m>>) {
        if let Source::Object(members) = &self.source {
            for (name, form) in members {
                form.reach_by_field(format!("{path}.{name}"), fields);
            }
            return;
        }
        let mut reads = Vec::new();
        self.reach(&mut reads);
        fields.push(FieldReach { path, reads });
    }

    fn reach<'m>(&'m self, reads: &mut Vec<Read<'m>>) {
        match &self.source {
            Source::Query(query) | Source::All(query) => reads.push(Read::Query(query)),
            Source::Literal(Value::String(text)) => {
                reads.push(Read::Text { text, span: &self.span });
            }
            source => source.members().for_each(|form| form.reach(reads)),
        }
        if let Some(lookup) = &self.lookup {
            let (within, key, take) = (&lookup.within, &lookup.key, &lookup.take);
            reads.push(Read::Lookup { within, key, take });
        }
    }
}
