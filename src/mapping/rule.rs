//! A `[[lead]]` rule: which events it is for, and the lead that it makes of one.

use super::FieldState;
use super::faults::Faults;
use super::fields::{self, Field, FieldName, Missing};
use super::form::{Aim, Evaluation, Path, Trouble, into_text, to_number};
use super::recorder::Recorder;
use super::scope::{self, Scope};
use super::table::{self, Node, Table};
use crate::diagnostic::{Code, did_you_mean};
use crate::lead::{self, Draft};
use crate::model::{
    Budget, DestinationName, EventView, Once, Reason, RuleName, RuleOutcome, Translation, Warning,
    parse_duration,
};
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;
use toml::de::DeValue;

pub(super) const KEYS: [&str; 6] = ["name", "on", "when", "once", "destination", "body"];

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) span: Range<usize>,
    pub(super) name: RuleName,
    pub(super) scope: Scope,
    once: Once,
    destination: DestinationName,
    /// In the order in which they are tried: the click id first.
    pub(super) fields: Vec<Field>,
}

impl Rule {
    /// What the rule makes of the event; `None` where it is not for it. What it looks at is taken
    /// from the event's `budget`.
    pub(super) fn apply(
        &self,
        event: EventView<'_>,
        budget: &mut Budget,
        recorder: &mut impl Recorder,
    ) -> Option<RuleOutcome> {
        // A condition that could not be told any more is taken to hold: then that is said.
        let is_for = self.scope.holds(event, budget, recorder) || budget.is_exhausted();
        let outcome = is_for.then(|| RuleOutcome {
            rule: self.name.clone(),
            destination: self.destination.clone(),
            once: self.once,
            translation: self.translate(event, budget, recorder),
        });
        recorder.lead_rule(self, outcome.as_ref());
        outcome
    }

    fn translate(
        &self,
        event: EventView<'_>,
        budget: &mut Budget,
        recorder: &mut impl Recorder,
    ) -> Translation {
        let drafted = self.draft(event, budget, recorder);
        if budget.is_exhausted() {
            return Translation::Unmapped(vec![Reason::new(Code::EventTooComplex)]);
        }
        let Drafted { draft, parked, warnings } = match drafted {
            Ok(drafted) => drafted,
            Err(translation) => return translation,
        };
        match lead::build(draft) {
            Ok(mut lead) => {
                lead.warnings.splice(0..0, warnings);
                let lead = Box::new(lead);
                if parked { Translation::Parked(lead) } else { Translation::Lead(lead) }
            }
            Err(reasons) => Translation::Unmapped(reasons),
        }
    }

    /// The fields as found, or why there is no lead. A field that says `skip` wins over those that
    /// fail: an event that nobody referred is quiet, whatever else it lacks. Those that fail win over
    /// one that parks: a lead waits only if it will be complete.
    fn draft(
        &self,
        event: EventView<'_>,
        budget: &mut Budget,
        recorder: &mut impl Recorder,
    ) -> Result<Drafted, Translation> {
        let mut draft = Draft::default();
        let mut parked = false;
        let mut evaluation = Evaluation { event, budget, recorder, warnings: Vec::new() };
        let mut skipped = None;
        let mut reasons = Vec::new();
        for field in &self.fields {
            let name = field.name.as_str();
            match (field.settle(&mut evaluation, &mut draft), field.missing) {
                (Ok(true), _) | (Ok(false), Missing::Omit) => {}
                (Ok(false), Missing::Empty) => draft.click_id = Some(String::new()),
                (Ok(false), Missing::Park) => parked = true,
                (Ok(false), Missing::Fail) => {
                    reasons.push(Reason::of_field(Code::FieldMissing, name));
                }
                (Ok(false), Missing::Skip) => {
                    skipped.get_or_insert_with(|| skip(field.name));
                }
                (Err(trouble), Missing::Omit) => {
                    let warning = Reason::of_field(Code::FieldLeftOut, name);
                    evaluation.warnings.push(warning.detail(trouble.detail));
                }
                (Err(trouble), _) => {
                    reasons.push(Reason::of_field(trouble.code, name).detail(trouble.detail));
                }
            }
        }
        match skipped {
            Some(reason) => Err(Translation::Skipped(reason)),
            None if reasons.is_empty() => {
                Ok(Drafted { draft, parked, warnings: evaluation.warnings })
            }
            None => Err(Translation::Unmapped(reasons)),
        }
    }
}

/// A draft, and what was found on the way to it.
struct Drafted {
    draft: Draft,
    /// Whether the lead is to wait for its click id.
    parked: bool,
    warnings: Vec<Warning>,
}

impl Field {
    /// Puts what the field finds into the draft, and tells what became of it; `false` where it is
    /// missing.
    pub(super) fn settle<'e, R: Recorder>(
        &'e self,
        evaluation: &mut Evaluation<'e, '_, R>,
        draft: &mut Draft,
    ) -> Result<bool, Trouble> {
        let path = Path::Field(self.name.as_str());
        let aim = Aim { path, whole: self.name.is_identity() };
        let found = evaluation.evaluate(&self.form, None, aim);
        let filled = found.and_then(|value| fill(draft, self.name, value));
        evaluation.recorder.field(self, state(&filled, self.missing));
        filled
    }
}

fn state(filled: &Result<bool, Trouble>, missing: Missing) -> FieldState {
    match (filled, missing) {
        (Ok(true), _) => FieldState::Found,
        (Ok(false), _) => FieldState::Missing,
        (Err(_), Missing::Omit) => FieldState::LeftOut,
        (Err(_), _) => FieldState::Failed,
    }
}

fn skip(name: FieldName) -> Reason {
    match name {
        FieldName::ClickId => Reason::new(Code::NoClickId),
        _ => Reason::of_field(Code::FieldSkipped, name.as_str()),
    }
}

/// Brings a value to its field's type and puts it there; `false` where there is none.
fn fill(
    draft: &mut Draft,
    name: FieldName,
    value: Option<Cow<'_, Value>>,
) -> Result<bool, Trouble> {
    let Some(value) = value else { return Ok(false) };
    let text = |value| into_text(value).map_err(Trouble::wrong_type);
    match name {
        FieldName::ClickId => draft.click_id = Some(text(value)?),
        FieldName::EventName => draft.event_name = text(value)?,
        FieldName::CustomerExternalId => draft.customer_external_id = text(value)?,
        FieldName::CustomerName => draft.customer_name = Some(text(value)?),
        FieldName::CustomerEmail => draft.customer_email = Some(text(value)?),
        FieldName::CustomerAvatar => draft.customer_avatar = Some(text(value)?),
        FieldName::Mode => draft.mode = Some(text(value)?),
        FieldName::EventQuantity => {
            draft.event_quantity = Some(to_number(&value).map_err(Trouble::wrong_type)?);
        }
        FieldName::Metadata => match value.into_owned() {
            Value::Object(members) if members.is_empty() => return Ok(false),
            Value::Object(members) => draft.metadata = Some(members),
            _ => return Err(Trouble::wrong_type("found something that is no object")),
        },
    }
    Ok(true)
}

/// Reads a `[[lead]]`. `None` where some part of it can't be read.
pub(super) fn read(
    node: &Node<'_>,
    destinations: &[DestinationName],
    faults: &mut Faults<'_>,
) -> Option<Rule> {
    let (entries, span) = table::table(node, "a `[[lead]]`", faults)?;
    let table = Table::open(entries, span);
    let stray = fields::outside_body(&table, faults);
    table.only_known(&[&KEYS, stray.as_slice()].concat(), "`[[lead]]`", faults);
    let name = name(&table, faults);
    let scope = scope::read(&table, faults);
    let once = once(&table, faults);
    let destination = destination(&table, destinations, faults);
    let fields = fields::read(&table, faults);
    Some(Rule {
        span: node.span(),
        name: name?,
        scope: scope?,
        once: once?,
        destination: destination?,
        fields: fields?,
    })
}

fn name(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<RuleName> {
    let text = table.required_text("name", "the rule", faults)?;
    let name = text.value.parse();
    name.map_err(|error| {
        faults.error(Code::ValueInvalid, &text.span, format!("a name has {error}"))
    })
    .ok()
}

fn once(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Once> {
    let Some(node) = table.get("once") else { return Some(Once::Forever) };
    if let DeValue::Integer(days) = node.get_ref() {
        let hint =
            format!("write \"{}d\" for days, \"{}h\" for hours", days.as_str(), days.as_str());
        let message = "`once` is a text with a unit";
        faults.hinted(Code::ValueWrongType, &node.span(), message, hint);
        return None;
    }
    let text = table.text("once", faults)?;
    match (&*text.value, parse_duration(&text.value)) {
        ("forever", _) => Some(Once::Forever),
        ("event", _) => Some(Once::Event),
        (_, Ok(duration)) if duration > Duration::ZERO => Some(Once::For(duration)),
        (other, _) => {
            let message = "`once` is \"forever\", \"event\" or a duration, as in \"7d\"";
            let hint = did_you_mean(other, ["forever", "event"]);
            faults.hinted(Code::ValueInvalid, &text.span, message, hint);
            None
        }
    }
}

/// The destination named, or the only one there is. Where none is configured, any name passes:
/// the file alone can't tell.
fn destination(
    table: &Table<'_>,
    destinations: &[DestinationName],
    faults: &mut Faults<'_>,
) -> Option<DestinationName> {
    const UNNAMED: &str = "dub";
    let names = || destinations.iter().map(DestinationName::as_str);
    let listed = || names().collect::<Vec<_>>().join(", ");
    if !table.has("destination") {
        return match destinations {
            [] => UNNAMED.parse().ok(),
            [only] => Some(only.clone()),
            _ => {
                let message = "several destinations are configured, and the rule names none";
                let hint = format!("add `destination`: one of {}", listed());
                faults.hinted(Code::KeyMissing, &table.span, message, hint);
                None
            }
        };
    }
    let text = table.text("destination", faults)?;
    let name: Option<DestinationName> = text.value.parse().ok();
    let known = |name: &DestinationName| destinations.is_empty() || destinations.contains(name);
    let name = name.filter(known);
    if name.is_none() {
        let hint = did_you_mean(&text.value, names()).or(Some(format!("there is: {}", listed())));
        let hint = hint.filter(|_| !destinations.is_empty());
        faults.hinted(Code::ValueInvalid, &text.span, "there is no such destination", hint);
    }
    name
}
