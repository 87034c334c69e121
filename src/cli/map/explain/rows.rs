//! A trace in words.

use super::layout::{Cell, Row, Tone};
use crate::cli::outcome::reason_text;
use crate::cli::print::printable;
use crate::mapping::{FieldState, FieldTrace, Finding, FormTrace, OnTrace, SourceTrace, WhenTrace};
use serde_json::Value;

const STEP: usize = 2;
/// What is longer is cut in any terminal.
const VALUE_CHARS_MAX: usize = 1_000;

/// The rows of an explanation, in their order.
#[derive(Default)]
pub(super) struct Rows(pub(super) Vec<Row>);

impl Rows {
    fn add(&mut self, indent: usize, label: impl Into<String>, cell: Cell) {
        self.0.push(Row { indent, label: label.into(), cell });
    }

    pub(super) fn on(&mut self, on: &OnTrace) {
        let found = on.found.as_deref().map_or_else(|| "no type".to_owned(), printable);
        let (text, tone) = match (on.wanted.is_empty(), on.matches) {
            (true, _) => (format!("events of every type; this is {found}"), Tone::Plain),
            (false, true) => (format!("{found}, as wanted"), Tone::Plain),
            (false, false) => {
                (format!("{found}, and it wants {}", on.wanted.join(", ")), Tone::Bad)
            }
        };
        self.add(STEP, "on", Cell::Sentence(text, tone));
    }

    pub(super) fn when(&mut self, when: &WhenTrace) {
        self.add(STEP, format!("when {}", printable(&when.text)), holds(when.holds));
        for part in &when.parts {
            let mut indent = 2 * STEP;
            if when.parts.len() > 1 {
                self.add(indent, printable(&part.text), holds(part.holds));
                indent += STEP;
            }
            for (query, found) in &part.seen {
                let seen = match found {
                    Finding::Value(found) => value(found, Tone::Plain),
                    other => cell(other),
                };
                self.add(indent, printable(query), seen);
            }
        }
    }

    pub(super) fn field(&mut self, field: &FieldTrace) {
        let cell = match (field.state, &field.sent, &field.form.result) {
            (FieldState::Found, Some(found), _)
            | (FieldState::Found, None, Finding::Value(found)) => value(found, Tone::Good),
            (FieldState::Found, None, _) => Cell::Empty,
            (FieldState::Missing, ..) => sentence(missing(field.missing), Tone::Dim),
            (FieldState::LeftOut, ..) => sentence("can't be taken: left out", Tone::Bad),
            (FieldState::Failed, ..) => sentence("can't be made, which costs the lead", Tone::Bad),
        };
        self.add(STEP, field.name, cell);
        if !is_plain_literal(&field.form) {
            self.form(&field.form, 2 * STEP);
        }
        for note in &field.notes {
            self.add(2 * STEP, "note", Cell::Sentence(reason_text(note), Tone::Bad));
        }
    }

    /// The form's source, what is inside it, and each step; the last row says what came of it.
    fn form(&mut self, form: &FormTrace, indent: usize) {
        // What was found is judged once more where the form is a member of another.
        let found = match form.steps.is_empty() {
            true => &form.result,
            false => &form.found,
        };
        match &form.source {
            SourceTrace::Form | SourceTrace::Object => self.members(form, indent),
            source => {
                self.add(indent, label(source), cell(found));
                // In the first column, which is never cut.
                nodes(source).into_iter().for_each(|of| self.add(indent + STEP, of, Cell::Empty));
                self.members(form, indent + STEP);
            }
        }
        for step in &form.steps {
            self.add(indent, step.step.clone(), cell(&step.gave));
        }
        let told = form.steps.last().map_or(found, |step| &step.gave);
        if *told != form.result && form.result.value().is_none() {
            self.add(indent, "in all", cell(&form.result));
        }
    }

    fn members(&mut self, form: &FormTrace, indent: usize) {
        for member in &form.members {
            match &member.member {
                Some(name) => {
                    self.add(indent, printable(name), cell(&member.result));
                    if !is_plain_literal(member) {
                        self.form(member, indent + STEP);
                    }
                }
                None => self.form(member, indent),
            }
        }
        if form.untried > 0 {
            let count = form.untried;
            self.add(indent, format!("({count} more not tried)"), Cell::Empty);
        }
    }
}

fn is_plain_literal(form: &FormTrace) -> bool {
    form.source == SourceTrace::Literal && form.steps.is_empty()
}

fn label(source: &SourceTrace) -> String {
    match source {
        SourceTrace::Literal => "literal".to_owned(),
        SourceTrace::Query { text, .. } => printable(text),
        SourceTrace::All { text, .. } => format!("all {}", printable(text)),
        SourceTrace::Header { name } => format!("header {}", printable(name)),
        SourceTrace::Parameter { name } => format!("query parameter {}", printable(name)),
        SourceTrace::Event { part } => format!("event {part}"),
        SourceTrace::First => "first of".to_owned(),
        SourceTrace::Join { with } => format!("join with {}", shown(&Value::from(with.as_str()))),
        SourceTrace::List => "all of".to_owned(),
        SourceTrace::Form | SourceTrace::Object => String::new(),
    }
}

/// What a query selected beside the value that counts.
fn nodes(source: &SourceTrace) -> Option<String> {
    match source {
        SourceTrace::Query { nodes, at: Some(at), .. } if *nodes > 1 => {
            Some(format!("first of {nodes}, at {}", printable(at)))
        }
        SourceTrace::Query { at: Some(at), .. } => Some(format!("at {}", printable(at))),
        SourceTrace::Query { nodes, .. } if *nodes > 1 => Some(format!("first of {nodes}")),
        SourceTrace::All { nodes, .. } => Some(format!("{nodes} found")),
        _ => None,
    }
}

fn cell(finding: &Finding) -> Cell {
    match finding {
        Finding::Value(found) => value(found, Tone::Good),
        Finding::Nothing => nothing(),
        Finding::Null => sentence("null, which counts as missing", Tone::Dim),
        Finding::Blank => sentence("a blank text, which counts as missing", Tone::Dim),
        Finding::Ignored(found) => Cell::Value(format!("ignored: {}", shown(found)), Tone::Dim),
        Finding::Incomplete => sentence("a part is missing", Tone::Dim),
        Finding::Trouble { detail, .. } => sentence(detail, Tone::Bad),
    }
}

fn nothing() -> Cell {
    sentence("nothing found", Tone::Dim)
}

fn sentence(text: &str, tone: Tone) -> Cell {
    Cell::Sentence(text.to_owned(), tone)
}

fn value(value: &Value, tone: Tone) -> Cell {
    Cell::Value(shown(value), tone)
}

fn holds(holds: bool) -> Cell {
    if holds { sentence("holds", Tone::Plain) } else { sentence("does not hold", Tone::Bad) }
}

fn missing(word: &str) -> &'static str {
    match word {
        "fail" => "missing, which costs the lead",
        "skip" => "missing: no lead",
        "empty" => "missing: sent empty",
        "park" => "missing: the lead waits for it",
        _ => "missing: left out",
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    let end = text.char_indices().nth(VALUE_CHARS_MAX).map_or(text.len(), |(end, _)| end);
    printable(&text[..end])
}
