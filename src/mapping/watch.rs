//! Which fields of a rule came from the event: the least that can be said of an evaluation, for those
//! who count it for every event.
//!
//! A field is *found* where its value came from the event, or where something came that it can't
//! take; not where a `default` or a literal stood in for it.

use super::Mapping;
use super::fields::Field;
use super::form::{Act, DEPTH_MAX, Form, Source, Yield};
use super::recorder::Recorder;
use super::rule::Rule;
use super::scope::Scope;
use super::{EVENT_NODES_MAX, FieldState};
use crate::diagnostic::Code;
use crate::model::{Applied, Budget, EventView, RuleName, RuleOutcome, Translation};

/// How many fields of one rule are watched, the members of `metadata` among them.
const FIELDS_MAX: usize = 64;

/// Fields of a rule by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldSet(u64);

/// Which fields the rule of this number found in an event that it matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub rule: usize,
    pub fields: FieldSet,
}

/// A rule and its fields, whose places are their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedRule {
    pub rule: RuleName,
    /// The hash of the rule: another one means something else.
    pub version: String,
    /// As in `customerEmail` or `metadata.plan`.
    pub fields: Vec<String>,
}

impl FieldSet {
    pub fn has(self, number: usize) -> bool {
        number < FIELDS_MAX && self.0 & (1 << number) != 0
    }

    fn add(&mut self, number: usize) {
        if number < FIELDS_MAX {
            self.0 |= 1 << number;
        }
    }
}

impl Mapping {
    /// What every matching rule makes of the event, with what each has found in it.
    pub fn apply_watched(&self, event: EventView<'_>) -> (Applied, Vec<Found>) {
        let mut watch = Watch::default();
        let applied = self.run(event, &mut Budget::new(EVENT_NODES_MAX), &mut watch);
        (applied, watch.found)
    }

    /// The rules in the order of their numbers.
    pub fn watched(&self) -> Vec<WatchedRule> {
        let rules = self.rules.iter().zip(&self.rule_versions);
        let watched = rules.map(|(rule, version)| WatchedRule {
            rule: rule.name.clone(),
            version: version.clone(),
            fields: rule.watched_fields(),
        });
        watched.collect()
    }
}

impl Rule {
    /// In the order in which an evaluation ends them.
    fn watched_fields(&self) -> Vec<String> {
        let paths = self.fields.iter().flat_map(|field| {
            let name = field.name.as_str();
            let members = field.form.source.named_members().iter();
            let members = members.map(move |(member, _)| format!("{name}.{member}"));
            members.chain([name.to_owned()])
        });
        paths.take(FIELDS_MAX).collect()
    }
}

/// Listens for where values came from, without keeping any.
#[derive(Default)]
struct Watch {
    found: Vec<Found>,
    /// Rules that have ended.
    rules: usize,
    fields: FieldSet,
    /// Fields of the rule that have ended.
    ended: usize,
    /// The forms that are open, the outermost first.
    open: [Open; DEPTH_MAX + 2],
    depth: usize,
    /// Whether the form that ended last came from the event.
    last: bool,
}

#[derive(Clone, Copy, Default)]
struct Open {
    kind: Kind,
    /// Whether a form inside it came from the event; of a `first`, the last that yielded.
    inside: bool,
    stood_in: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Literal,
    Event,
    First,
    Object,
    Several,
}

impl Recorder for Watch {
    fn on(&mut self, _: &Scope, _: Option<&str>, _: bool) {
        (self.fields, self.ended) = (FieldSet::default(), 0);
    }

    fn form(&mut self, form: &Form, _: Option<&str>) {
        let kind = match &form.source {
            Source::Literal(_) => Kind::Literal,
            Source::First(_) => Kind::First,
            Source::Object(_) => Kind::Object,
            Source::Inner(_) | Source::Join { .. } | Source::List(_) => Kind::Several,
            _ => Kind::Event,
        };
        self.open[self.depth] = Open { kind, inside: false, stood_in: false };
        self.depth += 1;
    }

    fn done(&mut self, act: Act<'_>, _: &Yield<'_>) {
        if let Act::Default = act {
            self.open[self.depth - 1].stood_in = true;
        }
    }

    fn yielded(&mut self, yielded: &Yield<'_>) {
        self.depth -= 1;
        let Open { kind, inside, stood_in } = self.open[self.depth];
        let is_from_event = match kind {
            Kind::Literal => false,
            Kind::Event => true,
            Kind::First | Kind::Object | Kind::Several => inside,
        };
        let has_yielded = !matches!(yielded, Ok(None));
        self.last = yielded.is_err() || has_yielded && is_from_event && !stood_in;
        let Some(outer) = self.depth.checked_sub(1).map(|outer| &mut self.open[outer]) else {
            return;
        };
        match outer.kind {
            Kind::First if has_yielded => outer.inside = self.last,
            Kind::First => {}
            _ => outer.inside |= self.last,
        }
        if self.depth == 1 && outer.kind == Kind::Object {
            self.end_field();
        }
    }

    fn field(&mut self, _: &Field, _: FieldState) {
        self.end_field();
    }

    fn lead_rule(&mut self, _: &Rule, outcome: Option<&RuleOutcome>) {
        self.rules += 1;
        let Some(outcome) = outcome else { return };
        // Of an event that is too large nothing is known.
        let is_complete = match &outcome.translation {
            Translation::Unmapped(reasons) => {
                reasons.iter().all(|reason| reason.code != Code::EventTooComplex)
            }
            _ => true,
        };
        if is_complete {
            self.found.push(Found { rule: self.rules - 1, fields: self.fields });
        }
    }
}

impl Watch {
    fn end_field(&mut self) {
        if self.last {
            self.fields.add(self.ended);
        }
        self.ended += 1;
    }
}
