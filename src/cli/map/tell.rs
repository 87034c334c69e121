//! What became of the events, for people: leads to stdout, all else to stderr.

use super::Translated;
use crate::cli::outcome::{body, reason_text};
use crate::cli::print::{json_text, printable};
use crate::model::{Lead, RuleOutcome, Translation};

pub(super) fn all(events: &[Translated]) {
    for (number, event) in events.iter().enumerate() {
        let label = match events.len() {
            1 => String::new(),
            _ => format!("event {}: ", number + 1),
        };
        one(event, &label);
    }
}

fn one(event: &Translated, label: &str) {
    if let Err(reason) = &event.subject.json {
        say!("{label}can't be read: {}", reason_text(reason));
    } else if event.applied.outcomes.is_empty() {
        say!("{label}{}", ignored(event));
    }
    for outcome in &event.applied.outcomes {
        tell(outcome, label);
    }
    for click in &event.applied.clicks {
        let (customer, id) = (printable(&click.customer), printable(&click.click_id));
        say!("{label}learnt: the click of customer {customer} is {id}");
    }
}

/// Why there is neither lead nor reason.
pub(super) fn ignored(event: &Translated) -> String {
    match event.subject.event_type.as_deref() {
        Some(kind) => format!("ignored: no [[lead]] rule is for this {} event", printable(kind)),
        None => "ignored: no [[lead]] rule is for this event, which has no type".to_owned(),
    }
}

fn tell(outcome: &RuleOutcome, label: &str) {
    let rule = printable(outcome.rule.as_str());
    match &outcome.translation {
        Translation::Lead(lead) => tell_lead(lead, &format!("{label}{rule}")),
        Translation::Parked(lead) => {
            say!("{label}{rule}: parked: this lead waits for its click id");
            tell_lead(lead, &format!("{label}{rule}"));
        }
        Translation::Skipped(reason) => say!("{label}{rule}: skipped: {}", reason_text(reason)),
        Translation::Unmapped(reasons) => {
            for reason in reasons {
                say!("{label}{rule}: unmapped: {}", reason_text(reason));
            }
        }
    }
}

fn tell_lead(lead: &Lead, label: &str) {
    for warning in &lead.warnings {
        say!("{label}: {}", reason_text(warning));
    }
    out!("{}", json_text(&body(lead)));
}
