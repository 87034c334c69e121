//! Forms: the small closed language in which a mapping file says where a field comes from.
//!
//! A form is a source and, in this order, what is done with what it finds: `ignore`, `lookup`,
//! `map`, `then`, `default`. Forms nest; nothing in them loops or remembers. What their queries and
//! values cost is counted against one budget for each event.

mod convert;
mod evaluate;
mod measure;
mod named;
mod read;
mod scalar;
mod step;

use super::Spanned;
use crate::model::Selector;
use serde_json::Value;
use std::ops::Range;

pub(super) use evaluate::{Act, Aim, Evaluation, Path, Trouble, Yield};
use measure::Ignored;
pub(super) use measure::{Verdict, fits};
pub(super) use read::{
    EVENT_PARTS, LOOKUP_KEYS, Reader, SOURCES, STEPS, STEPS_MAX, TRUNCATE_MAX, words,
};
pub(super) use scalar::{into_text, to_number};
pub(super) use step::Step;

/// How deep forms nest.
pub(super) const DEPTH_MAX: usize = 16;
/// How many members a list or an object of forms has, and entries a `map` or `ignore`.
pub(super) const MEMBERS_MAX: usize = 256;

#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) span: Range<usize>,
    pub(super) source: Source,
    /// Values that count as missing wherever this form finds them, also as members.
    ignore: Ignored,
    pub(super) lookup: Option<Lookup>,
    map: Option<Translations>,
    then: Vec<Step>,
    default: Option<Spanned<Value>>,
}

#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The value itself.
    Literal(Value),
    /// The first selected value of the event.
    Query(Spanned<Selector>),
    /// Another form, to which the steps of this one are applied.
    Inner(Box<Form>),
    /// The first header field of this name, lower case.
    Header(String),
    /// The first query parameter of this name.
    Parameter(String),
    Event(EventPart),
    /// The first member that yields.
    First(Vec<Form>),
    /// The texts of all members that yield, with `with` between two.
    Join {
        members: Vec<Form>,
        with: String,
    },
    /// Every selected value, as a list.
    All(Spanned<Selector>),
    /// Every member that yields, as a list.
    List(Vec<Form>),
    /// An object of the members that yield.
    Object(Vec<(String, Form)>),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum EventPart {
    Id,
    Type,
    ReceivedAt,
}

/// From an id to a value in the entry that carries it, in another list of the event.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    pub(super) within: Spanned<Selector>,
    /// Where an entry holds the id: a query for one value of the entry.
    pub(super) key: Spanned<Selector>,
    /// What of the entry is yielded, likewise.
    pub(super) take: Spanned<Selector>,
}

/// The `map` of a form: from a value, as text, to a literal.
#[derive(Clone, Debug)]
struct Translations {
    /// Sorted by what is translated.
    entries: Vec<(String, Spanned<Value>)>,
    otherwise: Option<Spanned<Value>>,
}

impl Source {
    /// The forms inside it, in the order of their evaluation.
    pub(super) fn members(&self) -> impl Iterator<Item = &Form> {
        let (inner, list) = match self {
            Source::Inner(form) => (Some(&**form), &[][..]),
            Source::First(members) | Source::Join { members, .. } | Source::List(members) => {
                (None, members.as_slice())
            }
            _ => (None, &[][..]),
        };
        let named = self.named_members().iter().map(|(_, form)| form);
        inner.into_iter().chain(list).chain(named)
    }

    /// The members of an object; none of any other source.
    pub(super) fn named_members(&self) -> &[(String, Form)] {
        match self {
            Source::Object(members) => members,
            _ => &[],
        }
    }
}

impl Form {
    fn new(span: Range<usize>, source: Source) -> Self {
        Self {
            span,
            source,
            ignore: Ignored::default(),
            lookup: None,
            map: None,
            then: Vec::new(),
            default: None,
        }
    }

    /// Whether the form looks at the event at all.
    pub(super) fn selects(&self) -> bool {
        match &self.source {
            Source::Query(_) | Source::All(_) => true,
            Source::Header(_) | Source::Parameter(_) | Source::Event(_) => true,
            source => source.members().any(Form::selects),
        }
    }

    /// Whether what comes out is always a list or an object.
    pub(super) fn is_composite(&self) -> bool {
        let rewritten = self.map.is_some() || self.then.contains(&Step::Json);
        let source = match &self.source {
            Source::All(_) | Source::List(_) | Source::Object(_) => true,
            Source::Literal(value) => value.is_array() || value.is_object(),
            Source::Inner(form) => form.is_composite(),
            _ => false,
        };
        source && !rewritten
    }

    /// The literals that can become the field's value as they stand, with their places.
    pub(super) fn literals(&self) -> Vec<(&Range<usize>, &Value)> {
        let mut literals: Vec<_> =
            self.default.iter().map(|default| (&default.span, &default.value)).collect();
        if !self.then.is_empty() {
            return literals;
        }
        if let Some(map) = &self.map {
            let values = map.entries.iter().map(|(_, value)| value).chain(&map.otherwise);
            literals.extend(values.map(|value| (&value.span, &value.value)));
            return literals;
        }
        match &self.source {
            Source::Literal(value) => literals.push((&self.span, value)),
            Source::Inner(form) => literals.extend(form.literals()),
            Source::First(members) => literals.extend(members.iter().flat_map(Form::literals)),
            _ => {}
        }
        literals
    }
}
