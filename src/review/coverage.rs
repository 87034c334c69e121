//! How often each rule and each of its fields found something in the events that came.
//!
//! A field is *found* where its value came from the event; what a `default` or a literal stood in
//! for was *missing*. Kept are counts, and the times of events: memory doesn't grow with what the
//! events hold.

mod forms;

use super::drift::{self, Turn};
use super::looks::{Field, Looks};
use super::shape::{Seen, Shapes, is_private};
use super::unread::{self, Unread};
use super::{Cause, Drift};
use crate::diagnostic::Code;
use crate::mapping::{
    Explanation, FieldState, FieldTrace, FormTrace, Mapping, RuleTrace, SourceTrace, WatchedRule,
};
use crate::model::{EventView, Reason, RuleName, Timestamp, Translation};
use std::collections::{BTreeMap, BTreeSet};

pub use forms::{FormCoverage, FormKind};

/// How many versions of the mapping are remembered; there are as many as edits in the window.
const VERSIONS_MAX: usize = 1_000;
/// How many types of events without a rule are told apart.
const TYPES_MAX: usize = 256;

/// Counts while events come in.
#[derive(Debug)]
pub struct Coverage {
    looks: Looks,
    shapes: Shapes,
    rules: Vec<RuleCoverage>,
    /// Events of types that no rule is `on`.
    unwanted: BTreeMap<Option<String>, u64>,
    versions: BTreeMap<String, Timestamp>,
    received: Vec<Timestamp>,
    unreadable: u64,
}

/// What the events say of a mapping.
#[derive(Debug)]
pub struct Findings {
    /// Events looked at, those that can't be read among them.
    pub events: u64,
    pub unreadable: u64,
    /// When the first and the last were received.
    pub received: Option<(Timestamp, Timestamp)>,
    pub rules: Vec<RuleCoverage>,
    /// Types that no rule is `on`, the most frequent first.
    pub unwanted: Vec<(Option<String>, u64)>,
    /// Types that some rule is `on`.
    pub types: Vec<TypeFindings>,
    /// The fields that readers stand for.
    pub fields: Vec<Field>,
    /// Whether some paths or types are left out because there are too many.
    pub is_incomplete: bool,
}

/// The payloads of one type.
#[derive(Debug)]
pub struct TypeFindings {
    pub event_type: Option<String>,
    pub events: u64,
    pub unread: Vec<Unread>,
    pub drift: Drift,
}

/// What one rule made of the events.
#[derive(Clone, Debug)]
pub struct RuleCoverage {
    pub rule: RuleName,
    /// Events of a type that it is `on`.
    pub on: u64,
    /// Those of them for which its condition holds.
    pub matched: u64,
    pub leads: u64,
    pub parked: u64,
    pub skipped: BTreeMap<Cause, u64>,
    /// By reason; one event can have several.
    pub unmapped: BTreeMap<Cause, u64>,
    pub unmapped_events: u64,
    /// In the order in which they are tried.
    pub fields: Vec<FieldCoverage>,
    received: Vec<Timestamp>,
}

/// How often a field had something.
#[derive(Clone, Debug)]
pub struct FieldCoverage {
    /// As in `customerEmail` or `metadata.plan`.
    pub path: String,
    pub counts: Counts,
    /// What the field is made of.
    pub form: FormCoverage,
    /// Where it was found often enough, and then never.
    pub stopped: Option<Turn>,
    seen: Seen,
}

/// Of the events that a rule matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// It has a value that came from the event.
    pub found: u64,
    pub missing: u64,
    /// Missing because of what the field's `ignore` lists; counted in `missing` too.
    pub ignored: u64,
    /// Missing or not, it has the value of a `default` or a literal.
    pub stood_in: u64,
    /// What was found can't be taken: the lead goes without it, or not at all.
    pub left_out: u64,
    /// What was found was changed to fit; counted in `found` too.
    pub repaired: u64,
}

impl Coverage {
    pub fn new(mapping: &Mapping) -> Self {
        let rule = |watched: WatchedRule| RuleCoverage::new(watched.rule);
        Self {
            looks: Looks::of(mapping),
            shapes: Shapes::new(Looks::identifying(mapping), mapping.named().keys),
            rules: mapping.watched().into_iter().map(rule).collect(),
            unwanted: BTreeMap::new(),
            versions: BTreeMap::new(),
            received: Vec::new(),
            unreadable: 0,
        }
    }

    /// Takes in an event, and what the mapping makes of it. `version` is that of the mapping by
    /// which it was translated when it came.
    pub fn observe(&mut self, event: EventView<'_>, version: &str, explanation: &Explanation) {
        self.note(event.received_at, version);
        let is_wanted = explanation.rules.iter().any(|rule| rule.on.matches)
            || explanation.clicks.iter().any(|rule| rule.on.matches);
        if !is_wanted {
            let event_type = event.event_type.map(|name| shown(name).to_owned());
            if self.unwanted.len() < TYPES_MAX || self.unwanted.contains_key(&event_type) {
                *self.unwanted.entry(event_type).or_default() += 1;
            }
            return;
        }
        let number = self.received.len() as u64;
        for (rule, trace) in self.rules.iter_mut().zip(&explanation.rules) {
            rule.observe(trace, number, event.received_at);
        }
        let payload = event.json.root();
        let looks = self.looks.at(explanation, payload);
        self.shapes.observe(event.event_type.map(shown), event.received_at, payload, &looks);
    }

    /// Takes in an event whose bytes can't be read.
    pub fn observe_unreadable(&mut self, received_at: Timestamp, version: &str) {
        self.note(received_at, version);
        self.unreadable += 1;
    }

    fn note(&mut self, received_at: Timestamp, version: &str) {
        self.received.push(received_at);
        if self.versions.len() < VERSIONS_MAX || self.versions.contains_key(version) {
            let first = self.versions.entry(version.to_owned()).or_insert(received_at);
            *first = (*first).min(received_at);
        }
    }

    /// When the first event came that was translated by the version that begins with `prefix`;
    /// none where no version does, or several do.
    pub fn began(&self, prefix: &str) -> Option<Timestamp> {
        let mut found = self.versions.iter().filter(|(version, _)| version.starts_with(prefix));
        let (_, began) = found.next()?;
        found.next().is_none().then_some(*began)
    }

    /// What there is to say; of changes, all or only those at `since` or later.
    pub fn findings(self, since: Option<Timestamp>) -> Findings {
        let Self { looks, shapes, mut rules, unwanted, received, unreadable, .. } = self;
        let is_incomplete = shapes.is_incomplete() || unwanted.len() >= TYPES_MAX;
        rules.iter_mut().for_each(|rule| rule.judge(since));
        let mut unwanted: Vec<_> = unwanted.into_iter().collect();
        unwanted.sort_by_key(|(_, events)| std::cmp::Reverse(*events));
        let types = shapes.into_types().map(|(event_type, shape)| TypeFindings {
            event_type,
            events: shape.received.len() as u64,
            unread: unread::find(&shape),
            drift: drift::find(&shape, since),
        });
        let mut types: Vec<_> = types.collect();
        types.sort_by_key(|found| std::cmp::Reverse(found.events));
        Findings {
            events: received.len() as u64,
            unreadable,
            received: received.iter().min().copied().zip(received.iter().max().copied()),
            rules,
            unwanted,
            types,
            fields: looks.into_fields(),
            is_incomplete,
        }
    }
}

impl Findings {
    /// Whether anything that the mapping reads vanished or changed its type.
    pub fn has_drift(&self) -> bool {
        let drifts = || self.types.iter().map(|found| &found.drift);
        let mut vanished = drifts().flat_map(|drift| &drift.vanished);
        let mut changed = drifts().flat_map(|drift| &drift.changed);
        vanished.any(|gone| !gone.readers.is_empty())
            || changed.any(|changed| !changed.readers.is_empty())
            || self.fields().any(|field| field.stopped.is_some())
    }

    /// Whether some field never found anything.
    pub fn has_dead_fields(&self) -> bool {
        self.fields().any(FieldCoverage::is_dead)
    }

    fn fields(&self) -> impl Iterator<Item = &FieldCoverage> {
        self.rules.iter().flat_map(|rule| &rule.fields)
    }
}

impl RuleCoverage {
    fn new(rule: RuleName) -> Self {
        Self {
            rule,
            on: 0,
            matched: 0,
            leads: 0,
            parked: 0,
            skipped: BTreeMap::new(),
            unmapped: BTreeMap::new(),
            unmapped_events: 0,
            fields: Vec::new(),
            received: Vec::new(),
        }
    }

    fn observe(&mut self, trace: &RuleTrace, event: u64, at: Timestamp) {
        self.on += u64::from(trace.on.matches);
        let Some(outcome) = &trace.outcome else { return };
        self.matched += 1;
        self.received.push(at);
        let cause = |reason: &Reason| Cause { code: reason.code, field: reason.field.clone() };
        match &outcome.translation {
            Translation::Lead(_) => self.leads += 1,
            Translation::Parked(_) => self.parked += 1,
            Translation::Skipped(reason) => *self.skipped.entry(cause(reason)).or_default() += 1,
            Translation::Unmapped(reasons) => {
                self.unmapped_events += 1;
                let causes: BTreeSet<_> = reasons.iter().map(cause).collect();
                for cause in causes {
                    *self.unmapped.entry(cause).or_default() += 1;
                }
            }
        }
        for field in &trace.fields {
            self.observe_field(field, event, at);
        }
    }

    fn observe_field(&mut self, trace: &FieldTrace, event: u64, at: Timestamp) {
        let has = |codes: &[Code]| trace.notes.iter().any(|note| codes.contains(&note.code));
        // What the destination's rules make of a field is known only once the lead is built.
        let is_left_out = has(&[Code::FieldLeftOut]) && trace.sent.is_none();
        let state = if is_left_out { FieldState::LeftOut } else { trace.state };
        let field = self.field(trace.name, &trace.form);
        field.observe(&trace.form, state, event, at);
        let is_repaired = has(&[Code::FieldRepaired, Code::FieldTruncated]);
        field.counts.repaired += u64::from(is_repaired);
        self.observe_members(trace.name, &trace.form, event, at);
    }

    fn observe_members(&mut self, path: &str, form: &FormTrace, event: u64, at: Timestamp) {
        if form.source != SourceTrace::Object {
            return;
        }
        for member in &form.members {
            let path = format!("{path}.{}", member.member.as_deref().unwrap_or_default());
            self.field(&path, member).observe(member, member.result.state(), event, at);
            self.observe_members(&path, member, event, at);
        }
    }

    /// The counts of a field, by its path.
    fn field(&mut self, path: &str, form: &FormTrace) -> &mut FieldCoverage {
        let at = self.fields.iter().position(|field| field.path == path);
        let at = at.unwrap_or_else(|| {
            self.fields.push(FieldCoverage::new(path.to_owned(), form));
            self.fields.len() - 1
        });
        &mut self.fields[at]
    }

    fn judge(&mut self, since: Option<Timestamp>) {
        self.received.sort_unstable();
        for field in &mut self.fields {
            let stopped = drift::silence(&field.seen, &self.received);
            let is_asked_for =
                |stopped: &Turn| since.is_none_or(|since| stopped.turned_at >= since);
            field.stopped = stopped.filter(is_asked_for);
        }
    }
}

impl FieldCoverage {
    fn new(path: String, form: &FormTrace) -> Self {
        let form = FormCoverage::new(form);
        Self { path, counts: Counts::default(), form, stopped: None, seen: Seen::default() }
    }

    fn observe(&mut self, form: &FormTrace, state: FieldState, event: u64, at: Timestamp) {
        self.form.observe(form);
        let counts = &mut self.counts;
        match state {
            FieldState::Found if forms::is_from_event(form) => {
                counts.found += 1;
                self.seen.note(event, at);
            }
            FieldState::Found => {
                counts.missing += 1;
                counts.stood_in += 1;
            }
            FieldState::Missing => {
                counts.missing += 1;
                counts.ignored += u64::from(forms::is_ignored(form));
            }
            FieldState::LeftOut | FieldState::Failed => {
                counts.left_out += 1;
                // Something is there, if not what it should be.
                self.seen.note(event, at);
            }
        }
    }

    /// Whether it looked at events and never found anything.
    pub fn is_dead(&self) -> bool {
        let Counts { found, missing, left_out, .. } = self.counts;
        !self.form.is_fixed() && missing > 0 && found + left_out == 0
    }
}

/// A type as it is shown: whoever signs for a source can write a person into it.
fn shown(event_type: &str) -> &str {
    if is_private(event_type) { "(a type that looks like a person's data)" } else { event_type }
}

#[cfg(test)]
mod tests;
