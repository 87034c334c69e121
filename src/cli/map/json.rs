//! What became of the events, for programs. The shape is a promise; see `docs/workbench.md`.

use super::Translated;
use crate::cli::outcome::{body, click, reason};
use crate::cli::readable::Readable;
use crate::diagnostic::SourceText;
use crate::mapping::{
    ClickTrace, Explanation, FieldState, FieldTrace, Finding, FormTrace, OnTrace, RuleTrace,
    SourceTrace, StepTrace, WhenTrace,
};
use crate::model::{RuleOutcome, Translation};
use serde_json::{Value, json};
use std::ops::Range;

pub(super) fn document(file: &Readable, events: &[Translated]) -> Value {
    json!({
        "mapping": {
            "file": file.path.display().to_string(),
            "provider": file.rules.provider.name(),
            "version": file.rules.mapping.version(),
        },
        "events": events.iter().map(|event| translated(file, event)).collect::<Vec<_>>(),
    })
}

fn translated(file: &Readable, event: &Translated) -> Value {
    let subject = &event.subject;
    let mut shape = json!({
        "event": subject.id.map(|id| id.to_string()),
        "type": subject.event_type,
        "id": subject.provider_event_id,
        "unreadable": subject.json.as_ref().err().map(reason),
        "outcomes": event.applied.outcomes.iter().map(outcome).collect::<Vec<_>>(),
        "clicks": event.applied.clicks.iter().map(click).collect::<Vec<_>>(),
    });
    if let Some(explanation) = &event.explanation {
        shape["explanation"] = Traces { text: &file.text }.explanation(explanation);
    }
    shape
}

fn outcome(outcome: &RuleOutcome) -> Value {
    let (became, lead, reasons) = match &outcome.translation {
        Translation::Lead(lead) => ("lead", Some(lead), &lead.warnings[..]),
        Translation::Parked(lead) => ("parked", Some(lead), &lead.warnings[..]),
        Translation::Skipped(reason) => ("skipped", None, std::slice::from_ref(reason)),
        Translation::Unmapped(reasons) => ("unmapped", None, &reasons[..]),
    };
    json!({
        "rule": outcome.rule.as_str(),
        "destination": outcome.destination.as_str(),
        "became": became,
        "lead": lead.map(|lead| body(lead)),
        "reasons": reasons.iter().map(reason).collect::<Vec<_>>(),
    })
}

/// Traces, with places in this text.
struct Traces<'a> {
    text: &'a SourceText,
}

impl Traces<'_> {
    fn explanation(&self, explanation: &Explanation) -> Value {
        json!({
            "rules": explanation.rules.iter().map(|rule| self.rule(rule)).collect::<Vec<_>>(),
            "clicks": explanation.clicks.iter().map(|rule| self.click_rule(rule)).collect::<Vec<_>>(),
            "shortened": explanation.shortened,
        })
    }

    fn rule(&self, rule: &RuleTrace) -> Value {
        json!({
            "rule": rule.rule.as_str(),
            "place": self.place(&rule.span),
            "on": on(&rule.on),
            "when": rule.when.as_ref().map(|when| self.when(when)),
            "fields": rule.fields.iter().map(|field| self.field(field)).collect::<Vec<_>>(),
            "matches": rule.outcome.is_some(),
        })
    }

    fn click_rule(&self, rule: &ClickTrace) -> Value {
        json!({
            "place": self.place(&rule.span),
            "on": on(&rule.on),
            "when": rule.when.as_ref().map(|when| self.when(when)),
            "fields": rule.fields.iter().map(|field| self.field(field)).collect::<Vec<_>>(),
            "click": rule.click.as_ref().map(click),
        })
    }

    fn when(&self, when: &WhenTrace) -> Value {
        let seen =
            |(query, found): &(String, Finding)| json!({ "query": query, "found": finding(found) });
        let parts = when.parts.iter().map(|part| {
            let seen: Vec<_> = part.seen.iter().map(seen).collect();
            json!({ "text": part.text, "holds": part.holds, "seen": seen })
        });
        json!({
            "text": when.text,
            "place": self.place(&when.span),
            "holds": when.holds,
            "parts": parts.collect::<Vec<_>>(),
        })
    }

    fn field(&self, field: &FieldTrace) -> Value {
        json!({
            "field": field.name,
            "place": self.place(&field.span),
            "state": state(field.state),
            "missing": field.missing,
            "sent": field.sent,
            "notes": field.notes.iter().map(reason).collect::<Vec<_>>(),
            "form": self.form(&field.form),
        })
    }

    fn form(&self, form: &FormTrace) -> Value {
        let mut shape = json!({
            "place": self.place(&form.span),
            "source": source(&form.source),
            "found": finding(&form.found),
            "members": form.members.iter().map(|member| self.form(member)).collect::<Vec<_>>(),
            "untried": form.untried,
            "steps": form.steps.iter().map(step).collect::<Vec<_>>(),
            "result": finding(&form.result),
        });
        if let Some(name) = &form.member {
            shape["member"] = name.as_str().into();
        }
        shape
    }

    /// Bytes of the mapping file, and line and column of the first, both from 1.
    fn place(&self, span: &Range<usize>) -> Value {
        let (line, column) = self.text.line_column(span.start);
        json!({ "start": span.start, "end": span.end, "line": line, "column": column })
    }
}

fn on(on: &OnTrace) -> Value {
    json!({ "wanted": on.wanted, "found": on.found, "matches": on.matches })
}

fn state(state: FieldState) -> &'static str {
    match state {
        FieldState::Found => "found",
        FieldState::Missing => "missing",
        FieldState::LeftOut => "left_out",
        FieldState::Failed => "failed",
    }
}

fn source(source: &SourceTrace) -> Value {
    match source {
        SourceTrace::Literal => json!({ "kind": "value" }),
        SourceTrace::Query { text, nodes, at } => {
            json!({ "kind": "query", "text": text, "nodes": nodes, "at": at })
        }
        SourceTrace::All { text, nodes } => json!({ "kind": "all", "text": text, "nodes": nodes }),
        SourceTrace::Form => json!({ "kind": "from" }),
        SourceTrace::Header { name } => json!({ "kind": "header", "name": name }),
        SourceTrace::Parameter { name } => json!({ "kind": "parameter", "name": name }),
        SourceTrace::Event { part } => json!({ "kind": "event", "part": part }),
        SourceTrace::First => json!({ "kind": "first" }),
        SourceTrace::Join { with } => json!({ "kind": "join", "with": with }),
        SourceTrace::List => json!({ "kind": "list" }),
        SourceTrace::Object => json!({ "kind": "object" }),
    }
}

fn step(step: &StepTrace) -> Value {
    json!({ "step": step.step, "gave": finding(&step.gave) })
}

fn finding(finding: &Finding) -> Value {
    match finding {
        Finding::Value(value) => json!({ "is": "value", "value": value }),
        Finding::Nothing => json!({ "is": "nothing" }),
        Finding::Null => json!({ "is": "null" }),
        Finding::Blank => json!({ "is": "blank" }),
        Finding::Ignored(value) => json!({ "is": "ignored", "value": value }),
        Finding::Incomplete => json!({ "is": "incomplete" }),
        Finding::Trouble { code, detail } => {
            json!({ "is": "trouble", "code": code.name(), "detail": detail })
        }
    }
}
