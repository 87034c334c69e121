//! Keeps what an evaluation tells, as a trace.

use super::Spanned;
use super::click::ClickRule;
use super::fields::Field;
use super::form::{Act, EventPart, Form, Source, Trouble, Verdict, Yield, fits};
use super::recorder::Recorder;
use super::rule::Rule;
use super::scope::Scope;
use super::trace::{
    ClickTrace, Explanation, FieldState, FieldTrace, Finding, FormTrace, OnTrace, PartTrace,
    RuleTrace, SourceTrace, StepTrace, WhenTrace,
};
use crate::model::{
    Budget, Click, Document, Filter, Lead, Reason, RuleOutcome, Selected, Selector, Translation,
};
use serde_json::Value;

/// How many forms a trace holds: far more than anybody reads.
const FORMS_MAX: usize = 10_000;
/// How many nodes may be visited for what only an explanation tells: the parts of conditions, and
/// the places of what was found.
const NODES_MAX: usize = 1_000_000;

pub(super) struct Tracer {
    rules: Vec<RuleTrace>,
    clicks: Vec<ClickTrace>,
    /// The rule that has begun and not ended.
    on: OnTrace,
    when: Option<WhenTrace>,
    fields: Vec<FieldTrace>,
    /// Forms that have begun and not ended, the outermost first.
    open: Vec<FormTrace>,
    /// The form that has ended last and is no member of another.
    ended: Option<FormTrace>,
    /// How many open forms are not kept, because there are too many.
    unkept: usize,
    forms: usize,
    /// Apart from that of the event, so that telling changes nothing.
    budget: Budget,
}

impl Default for Tracer {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            clicks: Vec::new(),
            on: OnTrace { wanted: Vec::new(), found: None, matches: false },
            when: None,
            fields: Vec::new(),
            open: Vec::new(),
            ended: None,
            unkept: 0,
            forms: 0,
            budget: Budget::new(NODES_MAX),
        }
    }
}

impl Tracer {
    pub(super) fn into_explanation(self) -> Explanation {
        let shortened = self.forms > FORMS_MAX || self.budget.is_exhausted();
        Explanation { rules: self.rules, clicks: self.clicks, shortened }
    }

    /// The form that is told about.
    fn current(&mut self) -> Option<&mut FormTrace> {
        self.open.last_mut().filter(|_| self.unkept == 0)
    }
}

impl Recorder for Tracer {
    fn on(&mut self, scope: &Scope, event_type: Option<&str>, is_on: bool) {
        let found = event_type.map(str::to_owned);
        let wanted = scope.on.iter().map(|on| on.value.clone()).collect();
        self.on = OnTrace { wanted, found, matches: is_on };
    }

    fn condition(&mut self, when: &Spanned<Filter>, event: &Document, holds: bool) {
        let parts = when.value.parts(event, &mut self.budget).into_iter().map(|part| PartTrace {
            text: part.text.to_owned(),
            holds: part.holds,
            seen: part
                .seen
                .into_iter()
                .map(|(query, found)| (query.to_owned(), seen(found, &mut self.budget)))
                .collect(),
        });
        let parts = parts.collect();
        let (text, span) = (when.value.text().to_owned(), when.span.clone());
        self.when = Some(WhenTrace { text, span, holds, parts });
    }

    fn form(&mut self, form: &Form, name: Option<&str>) {
        self.forms += 1;
        if self.forms > FORMS_MAX {
            self.unkept += 1;
            return;
        }
        self.open.push(FormTrace {
            span: form.span.clone(),
            member: name.map(str::to_owned),
            source: source(&form.source),
            members: Vec::new(),
            untried: form.source.members().count(),
            found: Finding::Nothing,
            steps: Vec::new(),
            result: Finding::Nothing,
        });
    }

    fn selected(&mut self, selector: &Selector, root: &Value, selected: Selected<'_>) {
        // A query for one node says itself where that is.
        let first = selected.first.filter(|_| !selector.is_singular());
        let place = first.and_then(|node| Selector::place_of(root, node, &mut self.budget));
        if let Some(SourceTrace::Query { nodes, at, .. }) =
            self.current().map(|form| &mut form.source)
        {
            (*nodes, *at) = (selected.nodes, place);
        }
    }

    fn selected_all(&mut self, selected: usize) {
        if let Some(SourceTrace::All { nodes, .. }) = self.current().map(|form| &mut form.source) {
            *nodes = selected;
        }
    }

    fn incomplete(&mut self) {
        if let Some(form) = self.current() {
            form.found = Finding::Incomplete;
        }
    }

    fn found(&mut self, form: &Form, gave: &Yield<'_>) {
        let Some(current) = self.current() else { return };
        if current.found != Finding::Incomplete {
            current.found = finding(gave, |value| form.judge(value));
        }
    }

    fn done(&mut self, act: Act<'_>, gave: &Yield<'_>) {
        if let Some(form) = self.current() {
            let gave = finding(gave, Verdict::of);
            form.steps.push(StepTrace { step: act.to_string(), gave });
        }
    }

    fn yielded(&mut self, yielded: &Yield<'_>) {
        if let Some(unkept) = self.unkept.checked_sub(1) {
            self.unkept = unkept;
            return;
        }
        let Some(mut form) = self.open.pop() else { return };
        form.result = match (finding(yielded, Verdict::of), form.steps.is_empty()) {
            // Why there is nothing is known from the last thing that was done.
            (Finding::Nothing, true) => form.found.clone(),
            (Finding::Nothing, false) => {
                form.steps.last().map_or(Finding::Nothing, |step| step.gave.clone())
            }
            (result, _) => result,
        };
        match self.open.last_mut() {
            Some(outer) => {
                outer.untried = outer.untried.saturating_sub(1);
                outer.members.push(form);
            }
            None => self.ended = Some(form),
        }
    }

    fn judged(&mut self, outer: &Form) {
        // Where members are missing from the trace, the last one may be another.
        if self.forms > FORMS_MAX {
            return;
        }
        let member = self.open.last_mut().and_then(|form| form.members.last_mut());
        if let Some(FormTrace { result: result @ Finding::Value(_), .. }) = member
            && let Finding::Value(value) = std::mem::replace(result, Finding::Nothing)
        {
            *result = judged(value, |value| outer.judge(value));
        }
    }

    fn field(&mut self, field: &Field, state: FieldState) {
        let Some(form) = self.ended.take() else { return };
        self.fields.push(FieldTrace {
            name: field.name.as_str(),
            span: field.form.span.clone(),
            form,
            state,
            missing: field.missing.as_str(),
            sent: None,
            notes: Vec::new(),
        });
    }

    fn lead_rule(&mut self, rule: &Rule, outcome: Option<&RuleOutcome>) {
        let mut fields = std::mem::take(&mut self.fields);
        match outcome.map(|outcome| &outcome.translation) {
            Some(Translation::Lead(lead) | Translation::Parked(lead)) => {
                sent(&mut fields, lead);
            }
            Some(Translation::Unmapped(reasons)) => {
                fields.iter_mut().for_each(|field| refused(field, reasons));
            }
            Some(Translation::Skipped(_)) | None => {}
        }
        self.rules.push(RuleTrace {
            rule: rule.name.clone(),
            span: rule.span.clone(),
            on: self.on.clone(),
            when: self.when.take(),
            fields,
            outcome: outcome.cloned(),
        });
    }

    fn click_rule(&mut self, rule: &ClickRule, click: Option<&Click>) {
        self.clicks.push(ClickTrace {
            span: rule.span.clone(),
            on: self.on.clone(),
            when: self.when.take(),
            fields: std::mem::take(&mut self.fields),
            click: click.cloned(),
        });
    }
}

/// Adds what the lead carries. The destination's rules come after the field was found: they may
/// have left it out.
fn sent(fields: &mut [FieldTrace], lead: &Lead) {
    let body: Value = serde_json::from_slice(&lead.body).unwrap_or_default();
    for field in fields {
        field.sent = body.get(field.name).cloned();
        field.notes = about(field.name, &lead.warnings);
        if field.state == FieldState::Found && field.sent.is_none() {
            field.state = FieldState::LeftOut;
        }
    }
}

/// Adds why there is no lead. A field that was found may break a rule of the destination.
fn refused(field: &mut FieldTrace, reasons: &[Reason]) {
    field.notes = about(field.name, reasons);
    if field.state == FieldState::Found && !field.notes.is_empty() {
        field.state = FieldState::Failed;
    }
}

/// What is said about a field or a member of it.
fn about(field: &str, reasons: &[Reason]) -> Vec<Reason> {
    let own = |reason: &&Reason| reason.field.as_deref().is_some_and(|path| is_of(path, field));
    reasons.iter().filter(own).cloned().collect()
}

/// Whether `path` is the field or a member of it.
fn is_of(path: &str, field: &str) -> bool {
    path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The source as it is before anything was selected.
fn source(source: &Source) -> SourceTrace {
    let text = |selector: &Selector| selector.text().to_owned();
    match source {
        Source::Literal(_) => SourceTrace::Literal,
        Source::Query(selector) => {
            SourceTrace::Query { text: text(&selector.value), nodes: 0, at: None }
        }
        Source::All(selector) => SourceTrace::All { text: text(&selector.value), nodes: 0 },
        Source::Inner(_) => SourceTrace::Form,
        Source::Header(name) => SourceTrace::Header { name: name.clone() },
        Source::Parameter(name) => SourceTrace::Parameter { name: name.clone() },
        Source::Event(EventPart::Id) => SourceTrace::Event { part: "id" },
        Source::Event(EventPart::Type) => SourceTrace::Event { part: "type" },
        Source::Event(EventPart::ReceivedAt) => SourceTrace::Event { part: "received_at" },
        Source::First(_) => SourceTrace::First,
        Source::Join { with, .. } => SourceTrace::Join { with: with.clone() },
        Source::List(_) => SourceTrace::List,
        Source::Object(_) => SourceTrace::Object,
    }
}

/// What a query of a condition found.
fn seen(found: Option<&Value>, budget: &mut Budget) -> Finding {
    match found {
        None => Finding::Nothing,
        Some(value) => match fits([value], budget) {
            Ok(()) => Finding::Value(value.clone()),
            Err(Trouble { code, .. }) => Finding::Trouble { code, detail: "too large to be shown" },
        },
    }
}

fn finding(gave: &Yield<'_>, judge: impl Fn(&Value) -> Verdict) -> Finding {
    match gave {
        Ok(Some(value)) => judged(value.as_ref().clone(), judge),
        Ok(None) => Finding::Nothing,
        Err(trouble) => Finding::Trouble { code: trouble.code, detail: trouble.detail },
    }
}

fn judged(value: Value, judge: impl Fn(&Value) -> Verdict) -> Finding {
    match judge(&value) {
        Verdict::Counts => Finding::Value(value),
        Verdict::Null => Finding::Null,
        Verdict::Blank => Finding::Blank,
        Verdict::Ignored => Finding::Ignored(value),
    }
}
