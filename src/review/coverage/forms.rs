//! How often each part of a field had something: which alternative of a `first` is ever needed, and
//! which never yields.

use crate::mapping::{Finding, FormTrace, SourceTrace};

/// How many parts a form is told apart into.
const MEMBERS_MAX: usize = 32;

/// How often one form had something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormCoverage {
    pub kind: FormKind,
    /// How often it was tried at all.
    pub tried: u64,
    /// How often it yielded.
    pub yielded: u64,
    /// How often what it found counted as missing because of `ignore`.
    pub ignored: u64,
    /// How often what it found could not be taken.
    pub troubled: u64,
    /// In the order of the file; of an object none, because they are fields of their own.
    pub members: Vec<FormCoverage>,
    /// How many more members there are that were never tried.
    pub untried: usize,
}

/// Where a form takes its value from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormKind {
    Literal,
    /// A query, by its text; or a header, a parameter of the URL or a part of the event.
    Event(String),
    /// Another form, or a list or object of them.
    Inner,
    First,
    Join,
}

impl FormCoverage {
    pub(super) fn new(form: &FormTrace) -> Self {
        let kind = match &form.source {
            SourceTrace::Literal => FormKind::Literal,
            SourceTrace::Query { text, .. } | SourceTrace::All { text, .. } => {
                FormKind::Event(text.clone())
            }
            SourceTrace::Header { name } => FormKind::Event(format!("header {name}")),
            SourceTrace::Parameter { name } => FormKind::Event(format!("query {name}")),
            SourceTrace::Event { part } => FormKind::Event(format!("event {part}")),
            SourceTrace::Form | SourceTrace::List | SourceTrace::Object => FormKind::Inner,
            SourceTrace::First => FormKind::First,
            SourceTrace::Join { .. } => FormKind::Join,
        };
        let (tried, yielded, ignored, troubled) = (0, 0, 0, 0);
        Self { kind, tried, yielded, ignored, troubled, members: Vec::new(), untried: 0 }
    }

    pub(super) fn observe(&mut self, form: &FormTrace) {
        self.tried += 1;
        match &form.result {
            Finding::Value(_) => self.yielded += 1,
            Finding::Ignored(_) => self.ignored += 1,
            Finding::Trouble { .. } => self.troubled += 1,
            _ => self.ignored += u64::from(is_ignored(form)),
        }
        if form.source == SourceTrace::Object {
            return;
        }
        // Members are tried in the order of the file, so that the same place is the same member.
        for (place, member) in form.members.iter().take(MEMBERS_MAX).enumerate() {
            if place == self.members.len() {
                self.members.push(Self::new(member));
            }
            self.members[place].observe(member);
        }
        self.untried = (form.members.len() + form.untried).saturating_sub(self.members.len());
    }

    /// Whether nothing in it looks at the event.
    pub fn is_fixed(&self) -> bool {
        match self.kind {
            FormKind::Literal => true,
            FormKind::Event(_) => false,
            _ => {
                let members = !self.members.is_empty() && self.untried == 0;
                members && self.members.iter().all(Self::is_fixed)
            }
        }
    }

    /// Whether it was tried and never yielded.
    pub fn is_dead(&self) -> bool {
        self.tried > 0 && self.yielded + self.troubled == 0
    }
}

/// Whether what a form yielded came from the event, and not from a `default` or a literal.
pub(super) fn is_from_event(form: &FormTrace) -> bool {
    if form.steps.iter().any(|step| step.step == "default") {
        return false;
    }
    let yielding = || form.members.iter().filter(|member| member.result.value().is_some());
    match form.source {
        SourceTrace::Literal => false,
        SourceTrace::First => yielding().next_back().is_some_and(is_from_event),
        SourceTrace::Form | SourceTrace::Join { .. } | SourceTrace::List | SourceTrace::Object => {
            yielding().any(is_from_event)
        }
        _ => true,
    }
}

/// Whether a form yields nothing because of what `ignore` lists, its own or that of a member.
pub(super) fn is_ignored(form: &FormTrace) -> bool {
    let ignored = |finding: &Finding| matches!(finding, Finding::Ignored(_));
    ignored(&form.found) || ignored(&form.result) || form.members.iter().any(is_ignored)
}
