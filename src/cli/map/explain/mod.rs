//! `--explain`: how each field came about, for people.
//!
//! It is understood without colour and at 80 columns; a wider terminal shows more of long values.

mod layout;
mod rows;

use super::{Translated, tell};
use crate::cli::outcome::{body, reason_text};
use crate::cli::print::{colours, columns, json_text, printable};
use crate::cli::readable::Readable;
use crate::mapping::{Explanation, FieldTrace, OnTrace, WhenTrace};
use crate::model::{RuleOutcome, Translation};
use layout::Style;
use rows::Rows;
use std::io::{IsTerminal, stdout};
use std::ops::Range;

pub(super) fn print(file: &Readable, events: &[Translated]) {
    let style = Style { width: columns(), colour: colours(stdout().is_terminal()) };
    for (number, event) in events.iter().enumerate() {
        if number > 0 {
            out!("");
        }
        out!("{}", heading(event));
        if let Err(reason) = &event.subject.json {
            out!("can't be read: {}", reason_text(reason));
        }
        if let Some(explanation) = &event.explanation {
            print_one(file, explanation, style);
        }
        if event.explanation.is_some() && event.applied.outcomes.is_empty() {
            out!("\n=> {}", tell::ignored(event));
        }
    }
}

fn heading(event: &Translated) -> String {
    let subject = &event.subject;
    let id = subject.id.map(|id| id.to_string()).or(subject.provider_event_id.clone());
    let parts = [subject.event_type.clone(), id];
    let parts: Vec<_> = parts.into_iter().flatten().map(|part| printable(&part)).collect();
    format!("event {}", parts.join(", ")).trim_end().to_owned()
}

fn print_one(file: &Readable, explanation: &Explanation, style: Style) {
    for rule in &explanation.rules {
        out!("\nrule {} ({})", printable(rule.rule.as_str()), place(file, &rule.span));
        print_rows(&rule.on, rule.when.as_ref(), &rule.fields, style);
        rule.outcome.as_ref().map_or_else(|| out!("=> not for this event"), print_outcome);
    }
    for click in &explanation.clicks {
        out!("\nclick rule ({})", place(file, &click.span));
        print_rows(&click.on, click.when.as_ref(), &click.fields, style);
        match &click.click {
            Some(learnt) => {
                let (customer, id) = (printable(&learnt.customer), printable(&learnt.click_id));
                out!("=> the click of customer {customer} is {id}");
            }
            None => out!("=> nothing learnt"),
        }
    }
    if explanation.shortened {
        out!("\n(there is more than can be shown)");
    }
}

fn place(file: &Readable, span: &Range<usize>) -> String {
    let (line, _) = file.text.line_column(span.start);
    format!("{}:{line}", printable(file.text.name()))
}

fn print_rows(on: &OnTrace, when: Option<&WhenTrace>, fields: &[FieldTrace], style: Style) {
    let mut rows = Rows::default();
    rows.on(on);
    when.into_iter().for_each(|when| rows.when(when));
    fields.iter().for_each(|field| rows.field(field));
    style.lines(&rows.0).iter().for_each(|line| out!("{line}"));
}

fn print_outcome(outcome: &RuleOutcome) {
    match &outcome.translation {
        Translation::Lead(lead) => out!("=> lead\n{}", json_text(&body(lead))),
        Translation::Parked(lead) => {
            out!("=> parked, a lead that waits for its click id\n{}", json_text(&body(lead)));
        }
        Translation::Skipped(reason) => out!("=> skipped: {}", reason_text(reason)),
        Translation::Unmapped(reasons) => {
            reasons.iter().for_each(|reason| out!("=> unmapped: {}", reason_text(reason)));
        }
    }
}
