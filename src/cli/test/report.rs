//! What a person reads: a line a case, then each failure with what differs, then the sum.
//!
//! It is legible without colour, which a terminal adds to single words only.

use super::compare;
use super::{Results, Tried, suggest};
use crate::cli::count;
use crate::cli::outcome::{body, reason_text};
use crate::cli::print::{hanging, printable};
use crate::mapping::{CaseOutcome, Expected};
use crate::model::{Click, Lead, RuleOutcome, Translation};
use crate::topology::{Tested, TestedCase};

/// What stands before each outcome.
const FOUND: &str = "  found     ";

/// Whether words are coloured.
#[derive(Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    fn good(self, word: &str) -> String {
        self.with("32", word)
    }

    fn bad(self, word: &str) -> String {
        self.with("1;31", word)
    }

    fn with(self, style: &str, word: &str) -> String {
        if self.0 { format!("\u{1b}[{style}m{word}\u{1b}[0m") } else { word.to_owned() }
    }
}

/// `columns` is the width of what it is written to.
pub(super) fn text(results: &Results, suggest: bool, paint: Paint, columns: usize) -> String {
    let mut blocks: Vec<String> = results.files.iter().map(|file| cases(file, paint)).collect();
    for failure in results.failures() {
        let mut block = format!("{}  {}", paint.bad("FAILED"), told(&failure, columns));
        if suggest {
            block.push_str(&suggest::block(&failure));
        }
        blocks.push(block);
    }
    blocks.push(sum(results, paint));
    blocks.join("\n\n")
}

/// The name of a file and a line for each of its cases.
fn cases(file: &Tested, paint: Paint) -> String {
    let mut lines = vec![printable(file.text.name())];
    match &file.cases {
        None => {
            lines.push(format!("  {}  its faults forbid running the cases", paint.bad("FAULTY")))
        }
        Some(cases) if cases.is_empty() => {
            lines.push("  no cases: nothing says what must become of an event".to_owned());
        }
        Some(cases) => lines.extend(cases.iter().map(|TestedCase { case, outcome, .. }| {
            let (word, gap) = if outcome.holds() {
                (paint.good("ok"), "    ")
            } else {
                (paint.bad("FAILED"), "")
            };
            format!("  {word}{gap}  {}", printable(&case.name.value))
        })),
    }
    lines.join("\n")
}

/// The name of a failing case, where it stands, and what differs.
pub(super) fn told(failure: &Tried<'_>, columns: usize) -> String {
    let Tried { file, tested: TestedCase { case, .. } } = failure;
    let line = file.text.line_column(case.name.span.start).0;
    let rule = case.rule.as_ref().map_or_else(String::new, |rule| format!(", rule {}", rule.value));
    format!(
        "{}\n  {}:{line}, {}{}\n\n{}",
        printable(&case.name.value),
        printable(file.text.name()),
        printable(&case.event.value),
        printable(&rule),
        [Some(why(failure, columns)), hint(failure, columns)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// What to do, where a table of fields does not say it better.
fn hint(failure: &Tried<'_>, columns: usize) -> Option<String> {
    let TestedCase { outcome, fault, .. } = failure.tested;
    if matches!(outcome, CaseOutcome::Differs { fields, .. } if !fields.is_empty()) {
        return None;
    }
    let hint = fault.as_ref()?.hint.as_deref()?;
    Some(hanging("  hint: ", &printable(hint), columns))
}

fn why(failure: &Tried<'_>, columns: usize) -> String {
    match &failure.tested.outcome {
        CaseOutcome::Holds => String::new(),
        CaseOutcome::Unreadable(error) => {
            hanging("  ", &format!("the sample can't be read: {}", printable(error)), columns)
        }
        CaseOutcome::NoEvent(reason) => {
            hanging("  ", &format!("the sample is no event: {}", reason_text(reason)), columns)
        }
        CaseOutcome::Differs { fields, found } if !fields.is_empty() => {
            let table = compare::table(fields, columns);
            // Beside a click, leads are not what the case is about.
            let about_lead = matches!(failure.tested.case.expected, Expected::Lead(_));
            let leads = found.outcomes.iter().filter(|_| about_lead);
            let notes: Vec<_> = leads.flat_map(|outcome| notes(outcome, columns)).collect();
            if notes.is_empty() { table } else { format!("{table}\n\n{}", notes.join("\n")) }
        }
        CaseOutcome::Differs { found, .. } => {
            let mut blocks =
                vec![format!("  expected  {}", expectation(&failure.tested.case.expected))];
            match &failure.tested.case.expected {
                Expected::Click(_) => blocks.extend(clicks(&found.clicks, columns)),
                _ if found.outcomes.is_empty() => {
                    blocks.push(format!("{FOUND}no rule matches the event"));
                }
                _ => blocks.extend(found.outcomes.iter().map(|it| became(it, columns))),
            }
            blocks.join("\n")
        }
    }
}

/// What a case expects, in few words.
pub(super) fn expectation(expected: &Expected) -> String {
    match expected {
        Expected::Lead(_) => "exactly one lead".to_owned(),
        Expected::Skipped(code) => format!("skipped: {}", code.value),
        Expected::Parked(code) => format!("parked: {}", code.value),
        Expected::Click(_) => "exactly one click".to_owned(),
        Expected::Unmapped(code) => format!("unmapped: {}", code.value),
        Expected::Ignored(_) => "no rule matches".to_owned(),
    }
}

fn clicks(clicks: &[Click], columns: usize) -> Vec<String> {
    if clicks.is_empty() {
        return vec![format!("{FOUND}no click rule finds one")];
    }
    let line = |click: &Click| {
        let sentence = format!("{} came by the click {}", click.customer, click.click_id);
        hanging(FOUND, &printable(&sentence), columns)
    };
    clicks.iter().map(line).collect()
}

fn became(outcome: &RuleOutcome, columns: usize) -> String {
    let rule = outcome.rule.as_str();
    match &outcome.translation {
        Translation::Lead(lead) => made(outcome, "a lead", lead, columns),
        Translation::Parked(lead) => {
            made(outcome, "a lead, parked until a click id comes", lead, columns)
        }
        Translation::Skipped(reason) => {
            hanging(FOUND, &format!("{rule}: skipped: {}", reason_text(reason)), columns)
        }
        Translation::Unmapped(reasons) => {
            let indent = FOUND.len() + 2;
            let said = reasons
                .iter()
                .map(|reason| hanging(&" ".repeat(indent), &reason_text(reason), columns));
            let lines = [format!("{FOUND}{rule}: unmapped")].into_iter().chain(said);
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

fn made(outcome: &RuleOutcome, what: &str, lead: &Lead, columns: usize) -> String {
    let indent = FOUND.len();
    let fields = compare::fields(&body(lead), columns.saturating_sub(indent));
    let fields = fields.lines().map(|line| format!("{:indent$}{line}", ""));
    let lines = [format!("{FOUND}{}: {what}", outcome.rule)].into_iter().chain(fields);
    lines.chain(notes(outcome, columns)).collect::<Vec<_>>().join("\n")
}

/// What was repaired or left out in a lead, a line each.
fn notes(outcome: &RuleOutcome, columns: usize) -> Vec<String> {
    let note = |warning| hanging("  note: ", &reason_text(warning), columns);
    match &outcome.translation {
        Translation::Lead(lead) | Translation::Parked(lead) => {
            lead.warnings.iter().map(note).collect()
        }
        _ => Vec::new(),
    }
}

fn sum(results: &Results, paint: Paint) -> String {
    let (cases, failed) = (results.cases().count(), results.failures().count());
    let mut parts = vec![format!("{} of {cases} cases hold", cases - failed)];
    let without = |file: &&Tested| file.cases.as_ref().is_some_and(Vec::is_empty);
    let without = results.files.iter().filter(without).count();
    if without > 0 {
        parts.push(format!("{} without cases", count(without, "file")));
    }
    let faults = results.faults.iter().filter(|fault| fault.is_error()).count();
    if faults > 0 {
        parts.push(format!("{} in the files", count(faults, "fault")));
    }
    let verdict = if results.hold() { paint.good("ok") } else { paint.bad("not ok") };
    format!("{verdict}: {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::Paint;

    #[test]
    fn colour_is_around_single_words() {
        assert_eq!(Paint(false).good("ok"), "ok");
        assert_eq!(Paint(true).good("ok"), "\u{1b}[32mok\u{1b}[0m");
        assert_eq!(Paint(true).bad("FAILED"), "\u{1b}[1;31mFAILED\u{1b}[0m");
    }
}
