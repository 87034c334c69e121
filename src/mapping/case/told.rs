//! A case that does not hold, as a diagnostic of its file.
//!
//! Samples are not secret: the values in them may be shown.

use super::judge::{body, click_json};
use super::{Case, CaseOutcome, Difference, Expected};
use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
use crate::model::{Applied, Reason, RuleOutcome, Translation};
use serde_json::Value;
use std::sync::Arc;

/// See [`Case::diagnostic`].
pub(in crate::mapping) fn diagnostic(
    case: &Case,
    outcome: &CaseOutcome,
    text: &Arc<SourceText>,
) -> Option<Diagnostic> {
    let place =
        |span: &std::ops::Range<usize>| Place::Text { text: Arc::clone(text), span: span.clone() };
    match outcome {
        CaseOutcome::Holds => None,
        CaseOutcome::Differs { fields, found } => {
            let why = why(&case.expected, fields, found);
            let message = format!("the case \"{}\" does not hold: {why}", case.name.value);
            let fault = Diagnostic::error(Code::CaseFailed, place(&case.name.span), message);
            Some(fault.hint(hint(case, found).to_owned()))
        }
        CaseOutcome::Unreadable(error) => {
            let message = format!("the sample can't be read: {error}");
            let hint = "samples lie in the folder of the mapping files: copy them along, or remove \
                        the case";
            let fault = Diagnostic::error(Code::FileUnreadable, place(&case.event.span), message);
            Some(fault.hint(hint.to_owned()))
        }
        CaseOutcome::NoEvent(reason) => {
            let message = format!("the sample is no event: {reason}");
            Some(Diagnostic::error(Code::CaseFailed, place(&case.event.span), message))
        }
    }
}

fn why(expected: &Expected, fields: &[Difference], found: &Applied) -> String {
    let outcomes = || shown(&found.outcomes);
    let lines = fields.iter().map(line);
    match expected {
        Expected::Lead(_) if !fields.is_empty() => {
            let lines: Vec<_> = lines.chain(found.outcomes.iter().flat_map(notes)).collect();
            format!("the lead is another one\n{}", lines.join("\n"))
        }
        Expected::Click(_) if !fields.is_empty() => {
            format!("the click is another one\n{}", lines.collect::<Vec<_>>().join("\n"))
        }
        Expected::Lead(_) => format!("exactly one lead is expected, but{}", outcomes()),
        Expected::Skipped(code) => {
            format!("`skipped` with {} is expected, but{}", code.value, outcomes())
        }
        Expected::Parked(code) => {
            format!("`parked` with {} is expected, but{}", code.value, outcomes())
        }
        Expected::Unmapped(code) => {
            format!("`unmapped` with {} is expected, but{}", code.value, outcomes())
        }
        Expected::Ignored(_) => format!("no rule should match, but{}", outcomes()),
        Expected::Click(_) if found.clicks.is_empty() => {
            "a click is expected, but no click rule finds one".to_owned()
        }
        Expected::Click(_) => {
            let line = |click| format!("\n  {}", click_json(click));
            let lines: String = found.clicks.iter().map(line).collect();
            format!("exactly one click is expected, but there are several:{lines}")
        }
    }
}

fn hint(case: &Case, found: &Applied) -> &'static str {
    let is_of_several = case.rule.is_none() && found.outcomes.len() > 1;
    if is_of_several && matches!(case.expected, Expected::Lead(_)) {
        return "several rules match, or several events: say by `rule = \"...\"` which one the case \
                is about";
    }
    "if the rules are as you want them, change the case: `leadhook test --suggest` prints it as it \
     would hold"
}

fn line(difference: &Difference) -> String {
    let shown = |value: &Option<Value>| match value {
        Some(value) => value.to_string(),
        None => "nothing".to_owned(),
    };
    let Difference { path, expected, found } = difference;
    format!("  {path}: expected {}, found {}", shown(expected), shown(found))
}

/// What was repaired or left out in a lead, a line each.
fn notes(outcome: &RuleOutcome) -> Vec<String> {
    match &outcome.translation {
        Translation::Lead(lead) | Translation::Parked(lead) => {
            lead.warnings.iter().map(|warning| format!("  note: {warning}")).collect()
        }
        _ => Vec::new(),
    }
}

/// The outcomes, a line each, as the end of a sentence.
fn shown(outcomes: &[RuleOutcome]) -> String {
    if outcomes.is_empty() {
        return " no rule matches".to_owned();
    }
    let line = |outcome: &RuleOutcome| {
        let what = match &outcome.translation {
            Translation::Lead(lead) => format!("a lead: {}", body(lead)),
            Translation::Parked(lead) => format!("parked until a click id comes: {}", body(lead)),
            Translation::Skipped(reason) => format!("skipped: {reason}"),
            Translation::Unmapped(reasons) => {
                let reasons: Vec<_> = reasons.iter().map(Reason::to_string).collect();
                format!("unmapped: {}", reasons.join("; "))
            }
        };
        format!("\n  {}: {what}", outcome.rule)
    };
    let lines: String = outcomes.iter().map(line).collect();
    format!(":{lines}")
}
